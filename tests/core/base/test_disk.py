import os

import pytest

from core.base import disk
from core.base.files import copy, move_into, write_bytes


@pytest.fixture
def steps(monkeypatch):
    """What is synced and renamed, in its order."""
    found = []
    for name in ("sync_file", "sync_folder"):
        real = getattr(disk, name)
        monkeypatch.setattr(
            disk, name, lambda path, real=real, name=name: (found.append((name, path.name)), real(path))
        )
    renamed = os.replace

    def replace(source, target):
        found.append(("replace", target.name))
        renamed(source, target)

    monkeypatch.setattr(os, "replace", replace)
    return found


def test_a_file_is_synced_before_it_has_its_name_and_the_name_after(tmp_path, steps):
    write_bytes(tmp_path / "here" / "a.json", b"{}")
    (made, _), (synced, beside), *rest = steps
    assert (made, synced) == ("sync_folder", "sync_file")
    assert beside.startswith(".writing-")
    assert rest == [("replace", "a.json"), ("sync_folder", "here")]


def test_a_copy_is_synced_before_it_has_its_name_and_keeps_its_time(tmp_path, steps):
    (tmp_path / "a.jpg").write_bytes(b"1")
    os.utime(tmp_path / "a.jpg", ns=(10**18, 10**18))
    copy(tmp_path / "a.jpg", tmp_path / "b.jpg")
    assert ((tmp_path / "b.jpg").read_bytes(), (tmp_path / "b.jpg").stat().st_mtime_ns) == (b"1", 10**18)
    (synced, beside), *rest = steps
    assert (synced, beside.startswith(".writing-")) == ("sync_file", True)
    assert rest == [("replace", "b.jpg"), ("sync_folder", tmp_path.name)]


def test_each_folder_that_was_made_is_synced_into_the_one_around_it(tmp_path, steps):
    disk.make_folder(tmp_path / "a" / "b")
    disk.make_folder(tmp_path / "a" / "b")
    assert steps == [("sync_folder", "a"), ("sync_folder", tmp_path.name)]


def test_all_that_lies_in_a_folder_is_synced_with_every_name(tmp_path, steps):
    for name in ("in/x/1", "in/x/deep/2", "in/3", "beside"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"1")
    (tmp_path / "in" / "empty").mkdir()
    disk.sync_tree(tmp_path / "in")
    files = [name for what, name in steps if what == "sync_file"]
    assert sorted(files) == ["1", "2", "3"]
    folders = [name for what, name in steps if what == "sync_folder"]
    assert sorted(folders) == sorted(["in", "x", "deep", "empty", tmp_path.name])


def test_a_failed_sync_leaves_the_old_file(tmp_path, monkeypatch):
    write_bytes(tmp_path / "a", b"old")
    monkeypatch.setattr(disk, "sync_file", lambda path: (_ for _ in ()).throw(OSError(5, "I/O error")))
    with pytest.raises(OSError, match="I/O"):
        write_bytes(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_what_is_moved_elsewhere_is_synced_in_both_folders(tmp_path, steps):
    (tmp_path / "a").write_bytes(b"1")
    move_into(tmp_path / "there", tmp_path / "a")
    assert steps == [
        ("sync_folder", tmp_path.name),  # which got a folder
        ("replace", "a"),
        ("sync_folder", "there"),
        ("sync_folder", tmp_path.name),
    ]


def test_many_files_are_synced_each_once_and_then_their_folders(tmp_path, steps):
    paths = [tmp_path / folder / f"{i}" for folder in ("x", "y") for i in range(3)]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"1")
    disk.sync_files(paths)
    assert sorted(steps[:6]) == sorted(("sync_file", path.name) for path in paths)
    assert sorted(steps[6:]) == [("sync_folder", "x"), ("sync_folder", "y")]


def test_what_is_appended_is_there_and_the_new_name_is_synced_once(tmp_path, steps):
    disk.append(tmp_path / "log", b"a\n")
    disk.append(tmp_path / "log", b"b\n")
    assert (tmp_path / "log").read_bytes() == b"a\nb\n"
    assert steps == [("sync_folder", tmp_path.name), ("sync_file", "log"), ("sync_file", "log")]
