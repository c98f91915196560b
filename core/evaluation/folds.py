"""Folds of photos, so that each is answered by a model that has seen neither it nor a near-copy of it."""

from collections import Counter

import numpy as np

from core.models.config import CROSS_VALIDATION, FOLDS, MIN_PHOTOS_TO_TEST, TEST_PART
from core.photos.labelled_photo import LabelledPhoto, groups_of


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


def estimate_for(photos: list[LabelledPhoto], test_given: bool) -> str:
    """How the run on these usable photos is evaluated: by its "test" photos, or by "cross-validation" if they are few.

    Photos that only teach don't count. A class that is one group of near-copies can't be seen and unseen, so then there
    is no cross-validation.
    """
    photos = [photo for photo in photos if not photo.only_teaches]
    labels = [photo.label for photo in photos]
    too_small = not test_given and min(Counter(labels).values()) < MIN_PHOTOS_TO_TEST
    groups = Counter(label for label, _ in set(zip(labels, groups_of(photos), strict=True)))
    return CROSS_VALIDATION if too_small and min(groups.values()) > 1 else TEST_PART
