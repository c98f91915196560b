import numpy as np
import pytest

from core.base.subsets import TEST, TRAIN, VALIDATION
from core.evaluation.leaks import NearCopiesAcross, leak_in_words, near_copies_across
from core.evaluation.metrics import wilson_interval
from core.photos.labelled_photo import LabelledPhoto


def photo(name, split, group=""):
    return LabelledPhoto(f"/{name}.jpg", "a", split, f"content of {name}", group)


def parts(test_groups, train_groups=("burst",), validation_groups=("pair",)):
    return {
        TRAIN: [photo(f"train {i}", TRAIN, group) for i, group in enumerate(train_groups)],
        VALIDATION: [photo(f"validation {i}", VALIDATION, group) for i, group in enumerate(validation_groups)],
        TEST: [photo(f"test {i}", TEST, group) for i, group in enumerate(test_groups)],
    }


def test_test_photos_with_a_near_copy_elsewhere_are_counted_and_the_score_without_them_is_given():
    right = np.array([True, True, False, True, False])
    leak = near_copies_across(parts(["burst", "pair", "", "own", "own"]), right)
    assert leak == NearCopiesAcross(2, 3, pytest.approx(1 / 3), pytest.approx(wilson_interval(1, 3)))
    said = leak_in_words(leak)
    assert said.startswith("2 test photos have a near-copy among the photos that taught or steered the model.")
    assert "Without them 1 of 3 are right (33 %, likely between 6 and 79 %)." in said


def test_equal_files_without_a_group_are_a_leak_too():
    photos = parts(["", ""], train_groups=[""])
    photos[TEST][1] = LabelledPhoto("/elsewhere.jpg", "a", TEST, photos[TRAIN][0].sha256)
    leak = near_copies_across(photos, np.array([True, True]))
    assert (leak.leaked, leak.n, leak.accuracy) == (1, 1, 1.0)
    assert leak_in_words(leak).startswith("1 test photo has a near-copy")


def test_where_all_are_near_copies_the_test_says_nothing():
    leak = near_copies_across(parts(["burst", "pair"]), np.array([True, True]))
    assert leak == NearCopiesAcross(2, 0, None, None)
    assert "this test says nothing about new photos" in leak_in_words(leak)


def test_groups_within_the_test_and_between_the_other_parts_are_no_leak():
    assert near_copies_across(parts(["own", "own", ""], ["burst"], ["burst"]), np.ones(3, bool)) is None
    assert leak_in_words(None) == ""
