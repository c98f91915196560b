"""The shim itself: what it counts, how it fails, and what it leaves when the power goes."""

import shutil
import sqlite3
from functools import partial
from pathlib import Path

import pytest

from core.base import disk
from core.base.errors import StorageError
from core.base.files import disk_errors_in_words, write_bytes
from tests.faults.run import in_child
from tests.faults.shim import CUT, ERROR, FAIL_THEN_KILL, FULL, KILL, NONE, Fault
from tests.power_cut import EMPTY, HALF, LOST


@pytest.fixture
def home(tmp_path):
    made = tmp_path / "home"
    (made / "folder").mkdir(parents=True)
    (made / "old.txt").write_bytes(b"old content")
    (made / "folder" / "log").write_bytes(b"1\n")
    return made


def what_lies_in(home: Path) -> dict[str, bytes]:
    return {path.relative_to(home).as_posix(): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def three_writes(home: Path) -> None:
    for name in ("one", "two", "three"):
        disk.write(home / name, b"content")


def test_without_a_fault_it_counts(home):
    ended = in_child(three_writes, home, Fault(NONE))
    assert (ended.operations, ended.met, ended.died, ended.said) == (3, False, False, "")


def test_the_nth_operation_fails_after_half_of_it(home):
    ended = in_child(three_writes, home, Fault(ERROR, 2))
    assert (ended.operations, ended.met, ended.died) == (2, True, False)
    assert "Input/output error" in ended.unexpected
    assert what_lies_in(home) == {"old.txt": b"old content", "folder/log": b"1\n", "one": b"content", "two": b"con"}


def undeterred(home: Path) -> None:
    for name in ("one", "two", "three"):
        try:
            disk.write(home / name, b"content")
        except OSError as error:
            (home / f"{name}.error").write_text(str(error.errno))


def test_a_full_disk_stays_full_and_still_takes_names_away(home):
    ended = in_child(undeterred, home, Fault(FULL, 2))
    assert not ended.died
    found = what_lies_in(home)
    assert (found["one"], found["two.error"], found["three.error"]) == (b"content", b"28", b"28")


def test_after_a_failure_the_next_operation_is_the_last(home):
    ended = in_child(undeterred, home, Fault(FAIL_THEN_KILL, 2))
    assert (ended.operations, ended.died) == (3, True)
    assert what_lies_in(home)["two.error"] == b"5"
    assert "three.error" not in what_lies_in(home)


def test_a_kill_leaves_half_a_write(home):
    assert in_child(three_writes, home, Fault(KILL, 2)).died
    assert what_lies_in(home) == {"old.txt": b"old content", "folder/log": b"1\n", "one": b"content", "two": b"con"}


def test_only_what_holds_some_characters_may_be_counted(home):
    ended = in_child(three_writes, home, Fault.parse("kill:1:three"))
    assert (ended.operations, ended.died) == (1, True)
    assert what_lies_in(home)["two"] == b"content"


def test_a_fault_is_spelled_for_another_process_and_read_there():
    assert Fault.parse(str(Fault(KILL, 3, '"phase"'))) == Fault(KILL, 3, '"phase"')


def insert(home: Path) -> None:
    with disk_errors_in_words("noting"):
        db = sqlite3.connect(home / "some.db")
        with db:
            db.execute("create table if not exists t (x)")
        with db:
            db.execute("insert into t values (1)")


@pytest.mark.parametrize("kind", [ERROR, FULL, KILL])
def test_commits_are_operations_that_leave_all_or_nothing(home, kind):
    ended = in_child(insert, home, Fault(kind, 1))
    assert ended.met
    assert ("disk" in ended.unexpected) == (kind != KILL)
    assert sqlite3.connect(home / "some.db").execute("select * from t").fetchall() == []


def some_of_everything(home: Path) -> None:
    """Two things that last, and three that don't."""
    write_bytes(home / "synced.txt", b"synced")
    disk.append(home / "folder" / "log", b"2\n")
    with (home / "folder" / "log").open("ab") as log:
        log.write(b"3333\n")
    disk.write(home / "loose.txt", b"not synced")
    disk.move(home / "loose.txt", home / "old.txt")


@pytest.mark.parametrize(
    ("way", "old", "log"),
    [(LOST, b"old content", b"1\n2\n"), (EMPTY, b"", b"1\n2\n"), (HALF, b"not s", b"1\n2\n33")],
)
def test_a_power_cut_takes_what_was_not_synced(home, way, old, log):
    in_child(some_of_everything, home, Fault(CUT, 1000), way)
    assert what_lies_in(home) == {"synced.txt": b"synced", "old.txt": old, "folder/log": log}


def folders_come_and_go(home: Path) -> None:
    disk.remove_folder(home / "folder")
    (home / "new").mkdir()
    write_bytes(home / "new" / "inside.txt", b"inside")
    (home / "newer").mkdir()
    disk.write(home / "newer" / "loose.txt", b"not synced")


def test_a_power_cut_brings_back_a_folder_whose_removal_was_not_synced_and_takes_one_that_was_made(home):
    in_child(folders_come_and_go, home, Fault(CUT, 1000), LOST)
    assert what_lies_in(home) == {"old.txt": b"old content", "folder/log": b"1\n", "new/inside.txt": b"inside"}
    assert not (home / "newer").exists()


def moved_to_another_folder(home: Path) -> None:
    disk.move(home / "old.txt", home / "folder" / "moved.txt")
    disk.sync_folder(home / "folder")


def test_a_power_cut_leaves_no_half_of_a_move(home):
    in_child(moved_to_another_folder, home, Fault(CUT, 1000), LOST)
    assert what_lies_in(home) == {"folder/log": b"1\n", "folder/moved.txt": b"old content"}


def moved_both_ways(home: Path) -> None:
    disk.move(home / "folder" / "log", home / "moved.txt")
    disk.move(home / "old.txt", home / "folder" / "log")
    disk.sync_folder(home / "folder")


def test_a_power_cut_leaves_no_half_of_two_moves_that_cross(home):
    in_child(moved_both_ways, home, Fault(CUT, 1000), LOST)
    assert what_lies_in(home) == {"moved.txt": b"1\n", "folder/log": b"old content"}


def refused(words: str, home: Path) -> None:
    raise StorageError(words)


def test_what_a_person_is_told_is_no_bug_and_anything_else_is(home):
    ended = in_child(partial(refused, "The disk is full."), home, Fault(NONE))
    assert (ended.said, ended.unexpected) == ("The disk is full.", "")


def test_a_home_can_be_used_after_a_cut_as_before(home):
    in_child(some_of_everything, home, Fault(CUT, 3), LOST)
    shutil.rmtree(home / "folder")
    assert in_child(three_writes, home, Fault(NONE)).operations == 3
