"""Signed square roots of features: a few strong ones then weigh less beside the many weak ones.

For features that are counts or averages, as pooled ones are, a linear classifier often does better on square roots (the
Hellinger kernel: F. Perronnin, J. Sánchez and T. Mensink, "Improving the Fisher Kernel for Large-Scale Image
Classification", ECCV 2010). A little is added below the root, so that its slope at 0 is steep but finite.
"""

import numpy as np

ADDED = 0.01  # below the root; averages of activations up to 6 are mostly around 0.5 (docs/log.md)
AT_ZERO = ADDED**0.5  # what that makes of 0, taken off again


def compressed(values: np.ndarray) -> np.ndarray:
    """sign(v) (sqrt(|v| + ADDED) - sqrt(ADDED)) of each value; of the same shape and type."""
    return np.sign(values) * (np.sqrt(np.abs(values) + ADDED) - AT_ZERO)


def slope_of_compressed(values: np.ndarray) -> np.ndarray:
    """By how much `compressed` rises with each value: at most 1 / (2 sqrt(ADDED))."""
    return 0.5 / np.sqrt(np.abs(values) + ADDED)
