"""Folds of photos, so that each is answered by a model that has seen neither it nor a near-copy of it."""

import numpy as np

from core.models.config import FOLDS


def grouped_folds(class_ids: np.ndarray, groups: list[str], seed: int, n_folds: int = FOLDS) -> np.ndarray:
    """The fold of each photo; classes in nearly equal shares, near-copies together.

    A class of two groups or more is never whole in one fold.

    Args:
        class_ids: int (n,).
        groups: Of each photo, equal for near-copies.

    Returns:
        int64 (n,), 0..n_folds - 1; fewer folds where there are not as many groups.
    """
    _, first, group = np.unique(groups, return_index=True, return_inverse=True)
    order = np.random.default_rng(seed).permutation(len(first))
    order = order[np.argsort(class_ids[first][order], kind="stable")]  # class by class, at random within
    fold_of_group = np.empty(len(first), np.int64)
    fold_of_group[order] = np.arange(len(first)) % n_folds
    return fold_of_group[group]
