import os
from pathlib import Path

import pytest

from core.base.errors import InputError
from core.photos.file_kinds import EMPTY, ICLOUD, PDF, UNFINISHED
from core.sources.folders import HERE_ALREADY, IS_EMPTY, NOWHERE, OUTSIDE, list_folder


def write(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    return folder


def names(folder: Path) -> list[str]:
    return [item.name for item in list_folder(folder).files]


def test_a_folder_is_listed_by_name_without_hidden_folders(tmp_path):
    write(tmp_path, "b/2.jpg", "a/1.jpg", "a/.git/3.jpg", "__MACOSX/a/4.jpg", "c.jpg", "a/deep/er/1.jpg")
    found = list_folder(tmp_path)
    assert [item.name for item in found.files] == ["c.jpg", "a/1.jpg", "a/deep/er/1.jpg", "b/2.jpg"]
    assert (found.left_out, found.folders) == ([], {})


def test_links_out_of_the_folder_are_named_and_not_followed(tmp_path):
    folder = write(tmp_path / "photos", "a/1.jpg")
    outside = write(tmp_path / "outside", "x.jpg")
    (folder / "a" / "link.jpg").symlink_to(outside / "x.jpg")
    (folder / "linked").symlink_to(outside, target_is_directory=True)
    (folder / "up").symlink_to(tmp_path, target_is_directory=True)
    (folder / "gone.jpg").symlink_to(folder / "a" / "no.jpg")
    found = list_folder(folder)
    assert [item.name for item in found.files] == ["a/1.jpg"]
    assert found.left_out == [("gone.jpg", NOWHERE), ("linked", OUTSIDE), ("up", OUTSIDE), ("a/link.jpg", OUTSIDE)]


def test_links_within_the_folder_are_followed_to_files_and_to_folders_not_seen_before(tmp_path):
    write(tmp_path, "a/1.jpg", ".store/b/2.jpg", ".store/b/deep/3.jpg")
    (tmp_path / "a" / "2.jpg").symlink_to(tmp_path / ".store" / "b" / "2.jpg")
    for name in ("b", "c"):
        (tmp_path / name).symlink_to(tmp_path / ".store" / "b", target_is_directory=True)
    found = list_folder(tmp_path)
    assert [item.name for item in found.files] == ["a/1.jpg", "a/2.jpg", "b/2.jpg", "b/deep/3.jpg"]
    assert found.folders == {"c/": HERE_ALREADY}


def test_links_that_go_round_in_a_circle_end(tmp_path):
    write(tmp_path, "a/1.jpg")
    (tmp_path / "a" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "a" / "self").symlink_to(tmp_path / "a", target_is_directory=True)
    (tmp_path / "round").symlink_to(tmp_path / "round")
    found = list_folder(tmp_path)
    assert [item.name for item in found.files] == ["a/1.jpg"]
    assert found.folders == {"a/again/": HERE_ALREADY, "a/self/": HERE_ALREADY}
    assert found.left_out == [("round", NOWHERE)]


def test_a_folder_that_is_chosen_by_a_link_is_read(tmp_path):
    write(tmp_path / "real", "a/1.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "real", target_is_directory=True)
    assert names(tmp_path / "link") == ["a/1.jpg"]


def test_empty_folders_are_named(tmp_path):
    write(tmp_path, "a/1.jpg", "c/.DS_Store")
    (tmp_path / "b" / "deep").mkdir(parents=True)
    assert list_folder(tmp_path).folders == {"b/deep/": IS_EMPTY, "c/": IS_EMPTY}


def test_what_is_not_named_like_a_photo_is_known_by_its_first_bytes(tmp_path, jpeg):
    contents = {
        "a/1": jpeg(1),
        "a/2.dat": jpeg(2),
        "a/3.jpg": b"not looked at",
        "a/4.pdf": b"%PDF-1.7",
        "a/5.jpg.part": jpeg(3),
        "a/6": b"",
        "a/.IMG_7.HEIC.icloud": b"bplist00",
        "a/8.txt": b"text",
    }
    for name, data in contents.items():
        write(tmp_path, name).joinpath(name).write_bytes(data)
    assert {item.name: item.why_not for item in list_folder(tmp_path).files} == {
        "a/1": "",
        "a/2.dat": "",
        "a/3.jpg": None,
        "a/4.pdf": PDF.reason,
        "a/5.jpg.part": UNFINISHED.reason,
        "a/6": EMPTY.reason,
        "a/.IMG_7.HEIC.icloud": ICLOUD.reason,
        "a/8.txt": "not a photo",
    }


def test_a_folder_that_is_gone_is_told(tmp_path):
    with pytest.raises(InputError, match=r"The folder gone can't be read\. Check who may read it\."):
        list_folder(tmp_path / "gone")


def test_a_name_that_is_no_valid_text_is_listed_in_valid_text_and_can_be_opened(tmp_path):
    os.makedirs(bytes(tmp_path / "a"))
    try:
        with open(os.path.join(bytes(tmp_path / "a"), b"\xff.jpg"), "wb") as file:
            file.write(b"x")
    except OSError:
        pytest.skip("this file system takes only valid text as names")
    (item,) = list_folder(tmp_path).files
    assert item.name == "a/\ufffd.jpg"
    assert item.path.read_bytes() == b"x"
