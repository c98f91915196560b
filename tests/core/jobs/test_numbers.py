"""Numbers that only grow, whatever becomes of the counter."""

import subprocess
import sys

import pytest

from core.base.errors import StorageError
from core.batches.folder import BatchFolder, BatchRequest, batches, remove
from core.jobs import numbers
from core.jobs.folder import JobFolder
from core.jobs.job import REPOSITORY
from core.jobs.numbers import alone, keep_number, next_number, number_of, numbered_name

DRAW = """
import sys
from pathlib import Path
from core.jobs.numbers import next_number
print(*(next_number(Path(sys.argv[1])) for _ in range(15)))
"""


def test_numbers_begin_at_one_and_grow(tmp_path):
    assert [next_number(tmp_path) for _ in range(3)] == [1, 2, 3]


def test_names_sort_by_their_numbers_and_behind_those_of_earlier_versions(tmp_path):
    names = [f"{1_764_000_000_000_000_000 + i:020d}" for i in range(2)] + list(map(numbered_name, (1, 9, 10, 1000)))
    assert sorted(names) == names
    assert [number_of(tmp_path / name) for name in names] == [0, 0, 1, 9, 10, 1000]


@pytest.mark.parametrize("damage", [b"", b"\0\0", b"[3]", b"true", b"-7", b"1e3", b"9" * 30, b"9" * 5000, b"0", None])
def test_a_lost_damaged_or_old_counter_gives_no_number_that_something_carries(tmp_path, damage):
    made = JobFolder.below(tmp_path / "batches")
    (tmp_path / "trash" / "batches").mkdir(parents=True)
    JobFolder.below(tmp_path / "batches").folder.rename(tmp_path / "trash" / "batches" / f"{numbered_name(2)} 2")
    (tmp_path / "runs" / "a run").mkdir(parents=True)
    keep_number(tmp_path / "runs" / "a run", 5)
    assert number_of(made.folder) == 1
    counter = tmp_path / "counter.json"
    counter.unlink() if damage is None else counter.write_bytes(damage)
    assert next_number(tmp_path) == 6


@pytest.mark.parametrize("damage", [b"", b"7.5", b'"7"', b"null", b"99999999999999999999"])
def test_a_damaged_number_counts_as_that_of_an_earlier_version(tmp_path, damage):
    keep_number(tmp_path, 7)
    assert number_of(tmp_path) == 7
    (tmp_path / "number.json").write_bytes(damage)
    assert number_of(tmp_path) == 0


def test_processes_that_count_at_once_get_different_numbers(tmp_path):
    command = [sys.executable, "-c", DRAW, str(tmp_path)]
    counting = [subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    drawn = [list(map(int, each.communicate(timeout=60)[0].split())) for each in counting]
    assert all(each == sorted(each) for each in drawn)
    assert sorted(drawn[0] + drawn[1]) == list(range(1, 31))


def test_a_counter_that_nobody_lets_go_of_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(numbers, "LOCK_WAIT_S", 0)
    with alone(tmp_path / "counter.lock"), pytest.raises(StorageError, match="Try again in a moment"):
        next_number(tmp_path)


def test_batches_are_in_the_order_in_which_they_were_made_and_still_tell_the_time(project, monkeypatch):
    made = []
    for now in (1_800_000_000.0, 1_700_000_000.0, 1.0):  # a clock that is set back, and then lost
        monkeypatch.setattr("time.time", lambda now=now: now)
        monkeypatch.setattr("time.time_ns", lambda now=now: int(now * 1e9))
        made.append(BatchFolder.create(project))
        made[-1].write_request(BatchRequest("a run", "holiday", "/far"))
        assert made[-1].begun == now
    assert [batch.folder for batch in batches(project)] == [batch.folder for batch in made[::-1]]
    remove(project, made[2])
    (project.folder / "counter.json").unlink()
    assert number_of(BatchFolder.create(project).folder) == 4


def test_a_batch_of_an_earlier_version_was_begun_when_its_name_says(project):
    batch = BatchFolder(project.folder / "batches" / "01764000000500000000")
    batch.keep_request({"run": "a run", "title": "holiday", "path": "", "names": None})
    new = BatchFolder.create(project)
    new.write_request(BatchRequest("a run", "later"))
    assert batch.begun == 1_764_000_000.5
    assert batch.dated_title.startswith("holiday, ")
    assert [found.title for found in batches(project)] == ["later", "holiday"]
