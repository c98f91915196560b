import os
import unicodedata
from pathlib import Path

import pytest

from core.sources.layouts import Incoming, arrange, count_by_class, empty_class_folders, is_junk, list_folder


def arranged(*names):
    """The arrangement of these names, and class and part by name."""
    found = arrange([Incoming(Path("/from") / name, name) for name in names])
    return found, {file.name: (file.label, file.split) for file in found.files}


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


def test_a_class_called_test_beside_others_is_a_class():
    _, by_name = arranged("test/1.jpg", "test/sub/2.jpg", "apple/1.jpg")
    assert by_name == {"test/1.jpg": ("test", ""), "test/sub/2.jpg": ("test", ""), "apple/1.jpg": ("apple", "")}


def test_classes_called_train_and_test_without_folders_inside_are_classes():
    assert arranged("train/1.jpg", "test/1.jpg")[0].class_names == ["test", "train"]


def test_photos_outside_of_class_folders_are_listed_as_loose():
    found, by_name = arranged("1.jpg", "2.jpg")
    assert (found.loose, by_name) == (["1.jpg", "2.jpg"], {})


def test_what_systems_leave_behind_is_passed_over_and_other_files_are_told():
    names = ["a/.DS_Store", "__MACOSX/a/._1.jpg", "a/Thumbs.db", ".hidden/1.jpg", "a/@eaDir/1.jpg", "a/desktop.ini"]
    found, by_name = arranged("a/1.jpg", "b/1.jpg", "a/notes.txt", "more.zip", *names)
    assert list(by_name) == ["a/1.jpg", "b/1.jpg"]
    assert found.ignored == ["a/notes.txt", "more.zip"]


@pytest.mark.parametrize("name", ["", ".", "/", "a/../b.jpg"])
def test_odd_names_are_no_junk_and_no_crash(name):
    assert not is_junk(name)


def test_the_same_umlaut_from_two_systems_is_one_class():
    label = "Größe"
    found, _ = arranged(f"{unicodedata.normalize('NFD', label)}/1.jpg", f"{label}/2.jpg", "b/1.jpg")
    assert found.class_names == ["Größe", "b"]


def test_spaces_around_a_class_name_do_not_count():
    assert arranged("apple /1.jpg", "apple/2.jpg", " pear/1.jpg")[0].class_names == ["apple", "pear"]


def test_nothing_at_all_is_no_crash():
    found, _ = arranged()
    assert (found.files, found.loose, found.ignored) == ([], [], [])


def test_a_folder_is_listed_by_name_without_links_and_hidden_folders(tmp_path):
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(b"x")
    folder = tmp_path / "photos"
    for name in ("b/2.jpg", "a/1.jpg", "a/.git/3.jpg", "__MACOSX/a/4.jpg"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    (folder / "a" / "link.jpg").symlink_to(outside)
    (folder / "linked").symlink_to(tmp_path, target_is_directory=True)
    assert [item.name for item in list_folder(folder)] == ["a/1.jpg", "b/2.jpg"]


def test_a_name_that_is_no_valid_text_is_listed_in_valid_text_and_can_be_opened(tmp_path):
    os.makedirs(bytes(tmp_path / "a"))
    try:
        with open(os.path.join(bytes(tmp_path / "a"), b"\xff.jpg"), "wb") as file:
            file.write(b"x")
    except OSError:
        pytest.skip("this file system takes only valid text as names")
    (item,) = list_folder(tmp_path)
    assert item.name == "a/\ufffd.jpg"
    assert item.path.read_bytes() == b"x"


def folder_with(tmp_path, photos, folders):
    for name in photos:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    for name in folders:
        (tmp_path / name).mkdir(parents=True)
    return empty_class_folders(tmp_path, arrange(list_folder(tmp_path)))


@pytest.mark.parametrize(
    ("photos", "folders", "empty"),
    [
        (["a/1.jpg", "b/1.jpg"], ["c", ".git"], ["c"]),
        (["out/a/1.jpg", "out/b/1.jpg"], ["out/c"], ["c"]),
        (["train/a/1.jpg", "test/a/1.jpg"], ["train/c", "test/c"], ["c"]),
        (["a/1.jpg", "a/ripe/1.jpg", "b/1.jpg"], ["a/notes"], []),
        (["a/ripe/1.jpg", "a/raw/1.jpg", "b/ripe/1.jpg"], ["a/notes", "c"], ["c"]),
    ],
)
def test_a_class_folder_without_photos_is_told_and_a_folder_inside_a_class_is_not(tmp_path, photos, folders, empty):
    assert folder_with(tmp_path, photos, folders) == empty


def test_a_stray_photo_beside_class_folders_in_an_outer_folder_is_loose():
    names = [f"fruit/{label}/{n}.jpg" for label in ("apple", "pear") for n in range(3)]
    found = arrange([Incoming(Path(name), name) for name in [*names, "fruit/cover.jpg"]])
    assert found.class_names == ["apple", "pear"]
    assert found.loose == ["fruit/cover.jpg"]


def test_a_class_folder_with_folders_of_its_own_stays_a_class():
    names = [*(f"apple/{n}.jpg" for n in range(9)), "apple/old/1.jpg", "apple/older/2.jpg"]
    found = arrange([Incoming(Path(name), name) for name in names])
    assert found.class_names == ["apple"]
    assert len(found.files) == 11


def test_classes_that_are_numbers_are_listed_in_the_order_of_numbers():
    found = arrange([Incoming(Path(str(n)), f"photos/{n}/1.jpg") for n in (10, 2, 0, 12, 1)])
    assert found.class_names == ["0", "1", "2", "10", "12"]
    assert list(count_by_class(found.files)) == ["0", "1", "2", "10", "12"]
