"""What a classifier got right, from labels and probabilities alone. Written in numpy rather than taken from
scikit-learn, which takes two seconds to import and may not be in the web process; a test holds the two equal."""

import math
from typing import Any

import numpy as np

Z95 = 1.959964  # standard normal quantile of a two-sided 95 % interval


def wilson_interval(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share, by Wilson's score (E. B. Wilson, 1927): honest for small n and near 0 or 1.

    Args:
        right: Successes, 0..n.
        n: Trials, 0 or more.

    Returns:
        Lower and upper bound, 0..1; (0, 1) when nothing was tried.
    """
    if n == 0:
        return 0.0, 1.0
    share = right / n
    centre = share + Z95**2 / (2 * n)
    margin = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    scale = 1 + Z95**2 / n
    return max(0.0, (centre - margin) / scale), min(1.0, (centre + margin) / scale)


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """How often chance alone would make two equally good classifiers differ at least so much on the same photos.

    The exact, two-sided form of Q. McNemar's test (Psychometrika 12, 1947): photos on which both are right or both are
    wrong say nothing, and each of the others is a fair coin's toss.

    Args:
        only_first: Photos on which only the first is right, 0 or more.
        only_second: Photos on which only the second is.

    Returns:
        The p-value, above 0 and at most 1; 1.0 when there is no such photo.
    """
    tosses = only_first + only_second
    as_few = sum(math.comb(tosses, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * as_few / 2**tosses)  # whole numbers until here: exact, also for thousands of photos


def confusion_matrix(truth: np.ndarray, answers: np.ndarray, n_classes: int) -> np.ndarray:
    """Counts of photos: int64 (n_classes, n_classes), row = true class, column = answer.

    Args:
        truth: int (n,), class indices.
        answers: int (n,), class indices.
        n_classes: Number of classes.
    """
    matrix = np.zeros((n_classes, n_classes), np.int64)
    np.add.at(matrix, (truth, answers), 1)
    return matrix


def cohen_kappa(confusion: np.ndarray) -> float:
    """Agreement beyond chance, -1..1 (Cohen, 1960); 0.0 where chance alone explains everything."""
    total = confusion.sum()
    observed = np.trace(confusion) / total
    expected = (confusion.sum(0) @ confusion.sum(1)) / total**2
    return float((observed - expected) / (1 - expected)) if expected < 1 else 0.0


def log_loss(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean of -ln(probability given to the true class), 0 or more.

    Args:
        truth: int (n,).
        probabilities: float (n, n_classes), rows summing to 1.
    """
    given = probabilities[np.arange(len(truth)), truth].astype(np.float64)
    return float(-np.log(np.clip(given, np.finfo(np.float32).eps, 1)).mean())


def classification_metrics(truth: np.ndarray, probabilities: np.ndarray, classes: list[str]) -> dict[str, Any]:
    """The "test" part of report.json.

    Args:
        truth: int (n,), n at least 1.
        probabilities: float (n, len(classes)).
        classes: Names in index order.

    Returns:
        JSON values: n, accuracy, accuracy_interval, log_loss, kappa, top2_accuracy, per_class, confusion.
    """
    answers = probabilities.argmax(1)
    confusion = confusion_matrix(truth, answers, len(classes))
    right, n = int(np.trace(confusion)), len(truth)
    two_best = np.argsort(-probabilities, axis=1)[:, :2]
    return {
        "n": n,
        "accuracy": right / n,
        "accuracy_interval": list(wilson_interval(right, n)),
        "log_loss": log_loss(truth, probabilities),
        "kappa": cohen_kappa(confusion),
        "top2_accuracy": float((two_best == truth[:, None]).any(1).mean()),
        "per_class": {name: _class_metrics(confusion, i) for i, name in enumerate(classes)},
        "confusion": confusion.tolist(),
    }


def averages(per_class: dict[str, dict[str, float | int]]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 over the classes: "macro" counts each class alike, "weighted" by its photos.

    Args:
        per_class: Of `classification_metrics`; a class of which no photo was judged is left out.
    """
    judged = [row for row in per_class.values() if row["n"]]
    weights = {"macro": [1] * len(judged), "weighted": [row["n"] for row in judged]}
    return {
        kind: {
            name: float(np.average([row[name] for row in judged], weights=weight))
            for name in ("precision", "recall", "f1")
        }
        for kind, weight in weights.items()
    }


def _class_metrics(confusion: np.ndarray, index: int) -> dict[str, float | int]:
    hit, answered, present = confusion[index, index], confusion[:, index].sum(), confusion[index].sum()
    precision = hit / answered if answered else 0.0
    recall = hit / present if present else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {"precision": float(precision), "recall": float(recall), "f1": float(f1), "n": int(present)}
