import errno
import os

import pytest

from core.base.errors import StorageError
from core.base.events import (
    EPOCH,
    FAILED,
    FINISHED,
    NOTE,
    PROGRESS,
    QUEUED,
    EventLog,
    last_attempt,
    lost_lines,
    notes_of,
    read_events,
)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "events.jsonl"


def test_events_come_back_in_order_with_their_values_and_times(path):
    log = EventLog(path)
    log.write(PROGRESS, done=1, total=2)
    log.write(FINISHED, left_out=[["a.txt", "not a photo"]])
    first, last = read_events(path)
    assert (first["event"], first["done"], first["total"]) == (PROGRESS, 1, 2)
    assert (last["event"], last["left_out"]) == (FINISHED, [["a.txt", "not a photo"]])
    assert 0 <= last["time"] - first["time"] < 10


def test_no_file_means_no_events(path):
    assert read_events(path) == []


def test_a_listener_hears_each_event_after_it_is_on_disk(path):
    heard = []
    EventLog(path, lambda event: heard.append((event, read_events(path)))).write(EPOCH, epoch=1)
    ((event, on_disk),) = heard
    assert on_disk == [event]
    assert event["epoch"] == 1


def test_a_line_still_being_written_is_left_for_the_next_reading(path):
    EventLog(path).write(PROGRESS, done=1)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"time": 1, "event": "finished"}')
    assert [event["event"] for event in read_events(path)] == [PROGRESS]
    with path.open("a", encoding="utf-8") as file:
        file.write("\n")
    assert [event["event"] for event in read_events(path)] == [PROGRESS, FINISHED]


def test_a_broken_line_in_the_middle_is_skipped(path):
    EventLog(path).write(PROGRESS, done=1)
    with path.open("ab") as file:
        file.write(b'{"time": 1, "ev\n\xff\xfe\n')
    EventLog(path).write(PROGRESS, done=2)
    assert [event["done"] for event in read_events(path)] == [1, 2]


def test_half_a_line_from_a_killed_worker_does_not_swallow_the_next_event(path):
    EventLog(path).write(PROGRESS, done=1)
    with path.open("ab") as file:
        file.write(b'{"time": 1, "event": "prog')
    EventLog(path).write(FINISHED)
    assert [event["event"] for event in read_events(path)] == [PROGRESS, FINISHED]


@pytest.mark.parametrize("name", ["a\u2028b", "a\u0085b", "a\nb", "a\rb", "a\x0cb", "梨 🍎", 'quote " and \\'])
def test_any_file_name_fits_in_one_event(path, name):
    EventLog(path).write(FINISHED, name=name)
    assert [event["name"] for event in read_events(path)] == [name]


def test_a_name_that_is_no_valid_text_still_gives_an_event(path):
    EventLog(path).write(FINISHED, name="bad \udcff byte")
    assert [event["name"] for event in read_events(path)] == ["bad ? byte"]


def test_a_full_disk_is_told_in_words(tmp_path, monkeypatch):
    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("pathlib.Path.open", full)
    with pytest.raises(StorageError, match=r"disk is full"):
        EventLog(tmp_path / "events.jsonl").write(PROGRESS)


def test_only_the_last_attempts_notes_are_told_each_once(path):
    log = EventLog(path)
    for event, words in ((QUEUED, ""), (NOTE, "old"), (QUEUED, ""), (NOTE, "a"), (NOTE, "b"), (NOTE, "a")):
        log.write(event, words=words)
    assert notes_of(last_attempt(read_events(path))) == ["a", "b"]
    assert notes_of(read_events(path)) == ["old", "a", "b"]
    assert last_attempt([]) == []


def test_of_a_line_that_a_disk_changed_only_what_happened_is_believed(path):
    EventLog(path).write(FAILED, message="No room.")
    EventLog(path).write(NOTE, words="Some photos are damaged.")
    EventLog(path).write(PROGRESS, done=1, total=2)
    path.write_bytes(path.read_bytes().replace(b"room", b"roof").replace(b"Some", b"Sole").replace(b"1,", b"9,"))
    assert [(each["event"], each.get("message"), each.get("done")) for each in read_events(path)] == [
        (FAILED, "It ended, and why can't be read any more.", None),
        (PROGRESS, None, 0),
    ]
    assert lost_lines(path) == 3


def test_lines_of_earlier_versions_have_no_checksum_and_are_believed(path):
    path.write_text('{"time": 1.0, "event": "finished", "n": 3}\n{"time": 2.0, "event": "not')
    assert read_events(path) == [{"time": 1.0, "event": "finished", "n": 3}]
    assert lost_lines(path) == 0
