import zipfile
from pathlib import Path

import pytest

from core.base.errors import InputError
from core.photos.file_kinds import EMPTY, PDF, TEXT, WEB_PAGE
from core.sources.folders import OUTSIDE
from core.sources.labelled import Brought, read_files, read_source, without_classes
from core.sources.layouts import Incoming
from core.sources.lost_classes import lost_classes


def lost(photos, *others):
    """What is said of classes, of which these names are photos and these (name, reason) are none."""
    found = read_files(Brought("here", [Incoming(Path(name), name) for name in photos]))
    return lost_classes(found.arrangement, others)


def folder_with(folder, photos, folders):
    for name in photos:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(b"x")
    for name in folders:
        (folder / name).mkdir(parents=True)
    return read_source(folder, folder / "staging")


@pytest.mark.parametrize(
    ("photos", "folders", "empty"),
    [
        (["a/1.jpg", "b/1.jpg"], ["c", ".git"], ["c"]),
        (["out/a/1.jpg", "out/b/1.jpg"], ["out/c", "beside"], ["c"]),
        (["train/a/1.jpg", "test/a/1.jpg"], ["train/c", "test/c"], ["c"]),
        (["train/a/1.jpg", "train/b/1.jpg", "test/a/1.jpg"], ["test/b"], []),
        (["a/1.jpg", "a/ripe/1.jpg", "b/1.jpg"], ["a/notes"], []),
        (["a/ripe/1.jpg", "a/raw/1.jpg", "b/ripe/1.jpg"], ["a/notes", "c/images"], ["c"]),
    ],
)
def test_a_class_folder_without_photos_is_told_and_a_folder_inside_a_class_is_not(tmp_path, photos, folders, empty):
    assert folder_with(tmp_path, photos, folders).lost == {name: f"{name} is empty" for name in empty}


def test_a_class_none_of_whose_files_is_a_photo_says_how_many_and_what_they_are():
    pages = [(f"f/plum/{n}.html", WEB_PAGE.reason) for n in range(12)]
    found = lost(["f/a/1.jpg", "f/b/1.jpg"], *pages, ("f/plum/13", EMPTY.reason), ("f/fig/1.pdf", PDF.reason))
    assert found == {
        "fig": "fig: none of 1 can be read (PDF documents)",
        "plum": "plum: none of 13 can be read (web pages, empty files)",
    }


def test_a_class_behind_links_or_without_permission_is_told():
    others = [("c/1.jpg", OUTSIDE), ("c/2.jpg", OUTSIDE), ("d/", "can't be read (no permission)")]
    assert lost(["a/1.jpg", "b/1.jpg"], *others) == {
        "c": "c: none of 2 can be read (links)",
        "d": "d can't be read (no permission)",
    }


def test_a_folder_of_texts_and_a_file_within_or_beside_classes_are_no_class():
    others = [("notes/1.txt", TEXT.reason), ("a/2.pdf", PDF.reason), ("a/in/3.pdf", PDF.reason), ("4", "x")]
    assert lost(["a/1.jpg", "b/1.jpg"], *others) == {}


def test_a_class_with_photos_elsewhere_is_not_lost():
    assert lost(["train/a/1.jpg", "train/b/1.jpg", "test/a/1.jpg"], ("test/b/1.jpg", OUTSIDE)) == {}


def test_a_class_of_a_zip_is_told_too(tmp_path, jpeg):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as opened:
        for name in ("f/a/1.jpg", "f/b/1.jpg"):
            opened.writestr(name, jpeg(1))
        opened.writestr("f/c/1.pdf", b"%PDF-1.7")
        opened.writestr("f/d/", b"")
    (tmp_path / "staging").mkdir()
    found = read_source(tmp_path / "a.zip", tmp_path / "staging")
    assert found.lost == {"c": "c: none of 1 can be read (PDF documents)", "d": "d is empty"}


def test_where_nothing_is_a_photo_it_is_said_what_there_is(tmp_path):
    for n in range(2):
        (tmp_path / "set" / "ill").mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / "ill" / f"{n}.pdf").write_bytes(b"%PDF-1.7")
    with pytest.raises(InputError, match=r"^No photos .* in set, only PDF documents \(a PDF document: save its"):
        read_source(tmp_path / "set", tmp_path)


def test_a_class_can_be_left_out_whether_it_has_photos_or_not(tmp_path):
    found = folder_with(tmp_path, ["a/1.jpg", "b/1.jpg", "c/1.jpg"], ["d", "e"])
    rest = without_classes(found, ["c", " d "])
    assert (rest.arrangement.class_names, list(rest.lost)) == (["a", "b"], ["e"])
