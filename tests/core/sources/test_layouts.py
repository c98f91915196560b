import unicodedata
from pathlib import Path

import pytest

from core.base.errors import InputError
from core.sources.labelled import Brought, read_files
from core.sources.layouts import Incoming, count_by_class, is_junk


def arranged(*names):
    """The arrangement of these names, and class and part by name."""
    found = read(*names)
    return found, {file.name: (file.label, file.split) for file in found.files}


def read(*names):
    """The arrangement of these names."""
    return read_files(Brought("here", [Incoming(Path("/from") / name, name) for name in names])).arrangement


def test_the_folder_is_the_class():
    found, by_name = arranged("apple/1.jpg", "pear/1.PNG")
    assert by_name == {"apple/1.jpg": ("apple", ""), "pear/1.PNG": ("pear", "")}
    assert found.class_names == ["apple", "pear"]
    assert count_by_class(found.files) == {"apple": 1, "pear": 1}


def test_folders_around_everything_are_dropped():
    _, by_name = arranged("my photos/fruit/apple/1.jpg", "my photos/fruit/pear/1.jpg")
    assert {label for label, _ in by_name.values()} == {"apple", "pear"}


def test_deeper_folders_belong_to_their_class():
    _, by_name = arranged("apple/red/old/1.jpg", "apple/2.jpg", "pear/1.jpg")
    assert by_name["apple/red/old/1.jpg"] == by_name["apple/2.jpg"] == ("apple", "")


def test_one_class_in_an_outer_folder_is_still_that_class():
    assert arranged("fruit/apple/1.jpg", "fruit/apple/2.jpg")[0].class_names == ["apple"]


@pytest.mark.parametrize(
    ("train", "test"), [("Training", "Test"), ("train", "test"), ("TRAIN", "Testing"), ("outer/train", "outer/test")]
)
def test_a_test_folder_gives_the_part_and_training_photos_are_left_open(train, test):
    found, by_name = arranged(f"{train}/a/1.jpg", f"{train}/b/1.jpg", f"{test}/a/1.jpg", f"{test}/b/2.jpg")
    assert found.class_names == ["a", "b"]
    assert by_name[f"{train}/a/1.jpg"] == ("a", "")
    assert by_name[f"{test}/b/2.jpg"] == ("b", "test")


@pytest.mark.parametrize("validation", ["val", "Valid", "validation"])
def test_three_parts_given_are_kept_as_they_are(validation):
    _, by_name = arranged("train/a/1.jpg", f"{validation}/a/1.jpg", "test/a/1.jpg")
    assert [split for _, split in by_name.values()] == ["train", "validation", "test"]


def test_a_stray_photo_beside_the_parts_changes_nothing():
    found, by_name = arranged("train/a/1.jpg", "test/a/1.jpg", "cover.jpg")
    assert by_name == {"train/a/1.jpg": ("a", ""), "test/a/1.jpg": ("a", "test")}
    assert found.loose == ["cover.jpg"]


def test_a_folder_called_test_beside_classes_is_without_a_class():
    found, by_name = arranged("test/1.jpg", "test/sub/2.jpg", "apple/1.jpg")
    assert by_name == {"apple/1.jpg": ("apple", "")}
    assert [file.name for file in found.unlabelled] == ["test/1.jpg", "test/sub/2.jpg"]


@pytest.mark.parametrize("names", [("train/1.jpg", "test/1.jpg"), ("1.jpg", "2.jpg")])
def test_photos_none_of_which_has_a_class_are_refused_with_what_to_do(names):
    with pytest.raises(InputError, match=r"not in class folders\. Put the photos of each class into a folder"):
        read(*names)


def test_what_systems_leave_behind_is_passed_over_and_other_files_are_told():
    names = ["a/.DS_Store", "__MACOSX/a/._1.jpg", "a/Thumbs.db", ".hidden/1.jpg", "a/@eaDir/1.jpg", "a/desktop.ini"]
    found, by_name = arranged("a/1.jpg", "b/1.jpg", "a/notes.txt", "more.zip", *names)
    assert list(by_name) == ["a/1.jpg", "b/1.jpg"]
    assert list(found.ignored) == ["a/notes.txt", "more.zip"]


@pytest.mark.parametrize("name", ["", ".", "/", "a/../b.jpg"])
def test_odd_names_are_no_junk_and_no_crash(name):
    assert not is_junk(name)


def test_the_same_umlaut_from_two_systems_is_one_class():
    label = "Größe"
    found, _ = arranged(f"{unicodedata.normalize('NFD', label)}/1.jpg", f"{label}/2.jpg", "b/1.jpg")
    assert found.class_names == ["Größe", "b"]


def test_spaces_around_a_class_name_do_not_count():
    assert arranged("apple /1.jpg", "apple/2.jpg", " pear/1.jpg")[0].class_names == ["apple", "pear"]


def test_what_was_looked_at_is_a_photo_whatever_it_is_called_and_the_rest_has_its_reason():
    came = [("a/1.dat", ""), ("a/2.jpg", None), ("b/3", ""), ("b/4.pdf", "a PDF document: save it"), ("b/5.txt", None)]
    found = read_files(Brought("here", [Incoming(Path(name), name, why_not) for name, why_not in came])).arrangement
    assert [file.name for file in found.files] == ["a/1.dat", "a/2.jpg", "b/3"]
    assert found.ignored == {"b/4.pdf": "a PDF document: save it", "b/5.txt": "not a photo"}


def test_what_icloud_puts_in_place_of_a_photo_is_no_junk():
    assert not is_junk("a/.IMG_1.HEIC.icloud")
    assert is_junk("a/.hidden/.IMG_1.HEIC.icloud")


def test_nothing_at_all_is_refused():
    with pytest.raises(InputError, match="No photos were found in here"):
        read()


def test_a_stray_photo_beside_class_folders_in_an_outer_folder_is_loose():
    names = [f"fruit/{label}/{n}.jpg" for label in ("apple", "pear") for n in range(3)]
    found = read(*names, "fruit/cover.jpg")
    assert found.class_names == ["apple", "pear"]
    assert found.loose == ["fruit/cover.jpg"]


def test_a_class_folder_with_folders_of_its_own_stays_a_class():
    names = [*(f"apple/{n}.jpg" for n in range(9)), "apple/old/1.jpg", "apple/older/2.jpg"]
    found = read(*names)
    assert found.class_names == ["apple"]
    assert len(found.files) == 11


def test_classes_that_are_numbers_are_listed_in_the_order_of_numbers():
    found = read(*(f"photos/{n}/1.jpg" for n in (10, 2, 0, 12, 1)))
    assert found.class_names == ["0", "1", "2", "10", "12"]
    assert list(count_by_class(found.files)) == ["0", "1", "2", "10", "12"]
