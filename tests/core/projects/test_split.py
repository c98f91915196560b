import hashlib
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from core.photos.appearance import Appearance
from core.photos.near_copies import HASH_BYTES
from core.projects import edits
from core.projects.alike import COPIES, DIFFERENT
from core.projects.project import Photo
from core.projects.project_split import near_copy_groups, preview_split, split_cost, split_photos
from core.projects.split import (
    TAKEN_APART,
    Shares,
    assign_subsets,
    leaks,
    near_copies_in_words,
    random_split,
    report_split,
)


def photos(**per_class):
    """Labels and contents of so many photos per class, all different."""
    labels = [label for label, n in per_class.items() for _ in range(n)]
    return labels, [hashlib.sha256(f"{label} {i}".encode()).hexdigest() for i, label in enumerate(labels)]


def split(labels, contents, parts=None, seed=0, shares=None, groups=None):
    return assign_subsets(labels, contents, groups or contents, parts or [""] * len(labels), seed, shares or Shares())


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


def in_groups(n, size):
    """Group numbers of so many photos, the first half of them in groups of this size."""
    return [i // size if i < n // 2 else n + i for i in range(n)]


@pytest.mark.parametrize("size", [2, 5, 11])
def test_near_copies_stay_on_one_side_across_classes_and_the_shares_hold(size):
    labels, contents = photos(a=200, b=200)
    labels[::3] = ["b"] * len(labels[::3])
    groups = in_groups(400, size)
    parts = split(labels, contents, groups=groups)
    sides = {(group, part) for group, part in zip(groups, parts, strict=True)}
    assert len(sides) == len(set(groups))
    assert leaks(parts, groups) == 0
    for label in ("a", "b"):
        got = counts(labels, parts, label)
        assert abs(got["test"] / got.total() - 0.15) < 0.03


def test_a_near_copy_of_an_old_photo_goes_where_the_first_of_its_group_is_and_moves_none():
    labels, contents = photos(a=20)
    parts = ["", "test", "train", *[""] * 17]
    groups = [7, 7, 7, *range(100, 117)]
    result = split(labels, contents, parts, groups=groups)
    assert result[:3] == ["test", "test", "train"]
    assert leaks(result, groups) == 2


def test_a_group_of_half_the_class_trains():
    labels, contents = photos(a=20)
    result = split(labels, contents, groups=[0] * 10 + list(range(1, 11)))
    assert set(result[:10]) == {"train"}
    assert Counter(result) == {"train": 14, "validation": 3, "test": 3}


def test_leaks_are_test_photos_with_a_near_copy_in_training():
    assert leaks(["train", "test", "test", "validation", "test"], [1, 1, 1, 2, 2]) == 2
    assert leaks([], []) == 0


def test_a_random_split_has_the_shares_and_leaks():
    parts = random_split(200, 0, Shares(0.2, 0.1))
    assert Counter(parts) == {"train": 140, "validation": 40, "test": 20}
    assert random_split(200, 0, Shares(0.2, 0.1)) == parts != random_split(200, 1, Shares(0.2, 0.1))
    labels, groups = ["a"] * 200, in_groups(200, 2)
    report = report_split(labels, groups, split(*photos(a=200), groups=groups), 0, Shares())
    assert (report.groups, report.photos_in_groups, report.leaked) == (50, 100, 0)
    assert report.counts == {"train": {"a": 140}, "validation": {"a": 30}, "test": {"a": 30}}
    assert report.leaked_by_random == leaks(random_split(200, 0, Shares()), groups) > 5


def seen_as(number, taken=None):
    """An appearance with a hash of its own; photos of one number are near-copies."""
    return Appearance(np.random.default_rng(number).bytes(HASH_BYTES), taken, 100.0, 100.0, b"")


@pytest.fixture
def project(project):
    """40 photos: 0 to 9 are near-copies of each other, 10 and 11 a burst, 12 and 13 equal files without one."""
    appearances = [seen_as(0 if i < 10 else i) for i in range(40)]
    turned = bytes(  # in a third of the bits
        byte ^ 0b01001001 if k % 8 else byte for k, byte in enumerate(seen_as(10).phash)
    )
    appearances[10:14] = [
        seen_as(10, taken=4.0),
        replace(seen_as(10, taken=5.0), phash=turned),
        None,
        None,
    ]
    contents = ["twin" if i in (12, 13) else str(i) for i in range(40)]
    rows = [
        Photo(0, "ab"[i % 2], f"photos/{i}.jpg", f"{i}.jpg", content, 1, 8, 8, "", "", 0.0)
        for i, content in enumerate(contents)
    ]
    project.add_rows(rows, {row.file: seen for row, seen in zip(rows, appearances, strict=True) if seen})
    return project


def test_a_project_keeps_near_copies_bursts_and_equal_files_on_one_side(project):
    groups = near_copy_groups(project, project.photos())
    sizes = Counter(groups)
    assert (sizes[groups[0]], sizes[groups[10]], sizes[groups[12]]) == (10, 2, 2)
    assert groups[10] == groups[11]
    assert groups[12] == groups[13]
    assert len(sizes) == 40 - 9 - 1 - 1
    parts = [photo.split for photo in split_photos(project, 0, Shares())]
    assert all(len({parts[i] for i in range(40) if groups[i] == group}) == 1 for group in sizes)


def test_the_report_tells_what_the_split_would_be_without_making_it(project):
    report = preview_split(project, 0, Shares())
    assert {photo.split for photo in project.photos()} == {""}
    assert (report.groups, report.photos_in_groups, report.leaked) == (3, 14, 0)
    assert report.leaked_by_random > 0
    done = Counter((photo.split, photo.label) for photo in split_photos(project, 0, Shares()))
    assert {(part, label): n for part, each in report.counts.items() for label, n in each.items()} == done


def all_copies(project):
    """24 near-copies of one picture, in two classes."""
    rows = [
        Photo(0, "ab"[i % 2], f"photos/{i}.jpg", f"{i}.jpg", f"{i:064x}", 1, 8, 8, "", "", 0.0) for i in range(100, 124)
    ]
    with project.database() as db:
        for table in ("looks", "photos"):
            db.execute(f"delete from {table}")
    project.add_rows(rows, {row.file: seen_as(0) for row in rows})
    return project


@pytest.mark.parametrize(
    ("answer", "if_so"), [("", "if they are copies, "), (COPIES, ""), (DIFFERENT, None)], ids=["none", "same", "other"]
)
def test_what_leaks_is_told_as_long_as_it_does(project, answer, if_so):
    project, plan = all_copies(project), (0, Shares())
    assert split_cost(project, *plan) == TAKEN_APART.format("for validation")
    assert near_copies_in_words(preview_split(project, *plan)).endswith(" They are not all on one side.")
    split_photos(project, *plan)
    if answer:
        edits.say_alike(project, [photo.id for photo in project.photos()], answer)
    report = preview_split(project, *plan)
    if if_so is None:
        assert (report.leaked, split_cost(project, *plan), near_copies_in_words(report)) == (0, "", "")
        return
    assert report.leaked == 4
    told = "4 test photos have a near-copy among the training photos, and photos keep the part that they were given: "
    assert split_cost(project, *plan) == f"{told}{if_so}the test makes the model look better than it is."
    words = "24 photos are near-copies of others or from one burst. They are not all on one side."
    assert near_copies_in_words(report) == words


def test_a_hash_of_an_older_kind_counts_as_unknown(project):
    with project.database() as db:
        db.execute("update looks set phash = x'0011223344556677'")
    assert Counter(Counter(near_copy_groups(project, project.photos())).values()) == {1: 38, 2: 1}
