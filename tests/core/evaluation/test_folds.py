import numpy as np

from core.evaluation.folds import grouped_folds
from core.models.config import FOLDS


def test_folds_have_their_share_of_each_class_and_keep_groups_together():
    classes = np.array([0] * 50 + [1] * 23)
    groups = [f"group {i // 3}" if i < 12 else str(i) for i in range(73)]
    fold = grouped_folds(classes, groups, seed=0)
    assert set(fold) == set(range(FOLDS))
    counts = np.array([[np.sum((fold == f) & (classes == k)) for f in range(FOLDS)] for k in (0, 1)])
    assert np.ptp(counts, axis=1).max() <= 3
    for i in range(0, 12, 3):
        assert len(set(fold[i : i + 3])) == 1
    assert (
        fold.tolist()
        == grouped_folds(classes, groups, seed=0).tolist()
        != grouped_folds(classes, groups, seed=1).tolist()
    )


def test_a_class_of_two_groups_is_never_whole_in_one_fold():
    class_ids = np.array([0] * 4 + [1] * 9 + [2] * 2)
    groups = ["burst"] * 3 + [str(i) for i in range(12)]
    for seed in range(20):
        fold = grouped_folds(class_ids, groups, seed)
        assert all(len(set(fold[class_ids == k])) > 1 for k in range(3))


def test_fewer_folds_may_be_asked_for():
    assert set(grouped_folds(np.array([0, 1] * 6), [str(i) for i in range(12)], 0, 3)) == {0, 1, 2}
