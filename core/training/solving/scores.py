"""How good scores are, before their softmax: what each try of a head that is solved at once is told by."""

import numpy as np


def log_losses(scores: np.ndarray, class_ids: np.ndarray) -> np.ndarray:
    """The log loss of each row's softmax, float (n,), from scores, float (n, n_classes), and true classes, int (n,)."""
    above = scores - scores.max(1, keepdims=True)
    return np.log(np.exp(above).sum(1)) - above[np.arange(len(above)), class_ids]


def evaluated(scores: np.ndarray, class_ids: np.ndarray) -> tuple[float, float]:
    """Log loss and accuracy."""
    return float(log_losses(scores, class_ids).mean()), float((scores.argmax(1) == class_ids).mean())
