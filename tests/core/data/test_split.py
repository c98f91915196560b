import hashlib
from collections import Counter

import pytest

from core.data.split import Shares, assign_splits


def photos(**per_class):
    """Labels and contents of so many photos per class, all different."""
    labels = [label for label, n in per_class.items() for _ in range(n)]
    return labels, [hashlib.sha256(f"{label} {i}".encode()).hexdigest() for i, label in enumerate(labels)]


def split(labels, contents, parts=None, seed=0, shares=None):
    return assign_splits(labels, contents, parts or [""] * len(labels), seed, shares or Shares())


def counts(labels, parts, label):
    return Counter(part for name, part in zip(labels, parts, strict=True) if name == label)


@pytest.mark.parametrize("shares", [Shares(), Shares(0.2, 0.1), Shares(0.05, 0.3)])
@pytest.mark.parametrize("seed", [0, 1])
def test_each_class_is_divided_by_the_shares_within_one_photo(shares, seed):
    sizes = {"a": 7, "b": 60, "c": 61, "d": 333, "e": 1000}
    labels, contents = photos(**sizes)
    parts = split(labels, contents, seed=seed, shares=shares)
    for label, n in sizes.items():
        got = counts(labels, parts, label)
        assert got.total() == n
        assert abs(got["test"] - shares.test * n) <= 1
        assert abs(got["validation"] - shares.validation * n) <= 1
        assert abs(got["train"] - (1 - shares.test - shares.validation) * n) <= 1


def test_the_same_photos_get_the_same_parts_in_any_order():
    labels, contents = photos(a=40, b=30)
    parts = dict(zip(contents, split(labels, contents), strict=True))
    backwards = split(labels[::-1], contents[::-1])
    assert dict(zip(contents[::-1], backwards, strict=True)) == parts


def test_another_seed_gives_another_split():
    labels, contents = photos(a=40, b=40)
    assert split(labels, contents, seed=1) != split(labels, contents, seed=2)


def test_adding_photos_never_moves_old_ones():
    labels, contents = photos(a=50, b=80)
    first = split(labels, contents)
    more_labels, more_contents = photos(a=0, b=0, c=30, d=9)
    labels2 = ["a"] * 25 + labels + more_labels
    contents2 = [hashlib.sha256(f"new {i}".encode()).hexdigest() for i in range(25)] + contents + more_contents
    second = split(labels2, contents2, [""] * 25 + first + [""] * len(more_labels))
    assert second[25 : 25 + len(first)] == first
    assert abs(counts(labels2, second, "a")["test"] - 0.15 * 75) <= 1


def test_equal_photos_stay_on_one_side():
    labels, contents = photos(a=30, b=30)
    labels, contents = labels + ["a"] * 10, contents + contents[:10]
    parts = split(labels, contents)
    assert parts[60:] == parts[:10]


def test_equal_photos_stay_on_one_side_across_classes():
    labels, contents = photos(a=30, b=30)
    labels, contents = labels + ["b"] * 30, contents + contents[:30]
    parts = split(labels, contents)
    assert parts[60:] == parts[:30]
    assert {"train", "validation", "test"} <= set(parts)


def test_a_copy_of_an_old_photo_goes_where_the_old_one_is():
    labels, contents = photos(a=20, b=20)
    parts = ["test"] + [""] * 39
    result = split([*labels, "b"], [*contents, contents[0]], [*parts, ""])
    assert (result[0], result[-1]) == ("test", "test")


def test_a_given_test_folder_is_kept_as_it_is():
    labels, contents = photos(a=50, b=50)
    parts = ["test" if i % 5 == 0 else "" for i in range(100)]
    result = split(labels, contents, parts, shares=Shares().without({"", "test"}))
    assert [part == "test" for part in result] == [part == "test" for part in parts]
    assert counts(labels, result, "a") == {"test": 10, "train": 34, "validation": 6}


def test_given_validation_and_test_folders_leave_nothing_to_divide():
    assert Shares().without({"train", "validation", "test"}) == Shares(0.0, 0.0)
    labels, contents = photos(a=10)
    assert set(split(labels, contents, shares=Shares(0.0, 0.0))) == {"train"}


@pytest.mark.parametrize("n", [5, 6, 7, 10])
@pytest.mark.parametrize("seed", range(5))
def test_the_smallest_classes_still_train_steer_and_test(n, seed):
    labels, contents = photos(a=n, b=n)
    parts = split(labels, contents, seed=seed)
    for label in ("a", "b"):
        got = counts(labels, parts, label)
        assert min(got["train"], got["validation"], got["test"]) >= 1
        assert got["train"] > n / 2


def test_five_photos_beside_a_given_test_folder_still_train_and_steer():
    labels, contents = photos(a=5)
    assert Counter(split(labels, contents, shares=Shares(0.15, 0.0))) == {"train": 4, "validation": 1}


def test_no_photos_give_no_parts():
    assert split([], []) == []
