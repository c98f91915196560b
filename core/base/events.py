"""The events of a job: one JSON object a line in `events.jsonl`, appended and never changed."""

import json
import math
import os
import time
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.base import disk
from core.base.files import checked, disk_errors_in_words, value_of, with_checksum

SHORT, REMEMBERED = 1_000, 5_000  # characters of a line that is remembered, and how many are: a long training's

QUEUED = "queued"
PHASE = "phase"  # name, and the words for it
LOADING, CONVERTING, SAVING = "load", "convert", "save"  # PHASEs that take as long however many photos there are
FINAL = "final"  # the PHASE in which the model learns that is taken away, after the test
PROGRESS = "progress"  # done, total, seconds_left or None
SVM = "svm"  # the phase of an EPOCH event that is a try, not a pass over the photos
FOLDED = "cross-validated"  # the same, of a try that is judged by the training photos, each by what had not seen it
TRIES = (SVM, FOLDED)
EPOCH = "epoch"  # epoch (from 1), loss, accuracy, val_loss, val_accuracy, seconds
NOTE = "note"  # words: what the user should know of work that went on all the same
FINISHED = "finished"  # everything is saved
CANCELLED = "cancelled"  # the user discarded it
FAILED = "failed"  # message: what to tell the user

COUNTED = {"done": 0, "total": 0, "seconds_left": None, "per_second": None}  # of PROGRESS
REASON_LOST = {"message": "It ended, and why can't be read any more."}
SAID = {PHASE: {"name": "", "words": "Working"}, FAILED: REASON_LOST, CANCELLED: REASON_LOST}  # where that is lost
Event = dict[str, Any]  # "time" (Unix seconds), "event" (one of these), and what it says beside
TERMINAL = (FINISHED, CANCELLED, FAILED)


class EventLog:
    """Appends events to a job's file; each is on disk, power cut or not, before `write` returns.

    It is then handed to `on_event`.
    """

    def __init__(self, path: Path, on_event: Callable[[Event], None] | None = None) -> None:
        self.path = path
        self._on_event = on_event

    def write(self, event: str, **values: Any) -> None:
        """Append one event with the time (Unix seconds) and its JSON-able values.

        Raises:
            StorageError: The disk is full or can't be written.
        """
        record = {"time": round(time.time(), 3), "event": event, **values}
        # What is no text, in the name of a file, becomes "?" before the checksum is taken.
        text = json.dumps(record, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
        line = json.dumps(with_checksum(json.loads(text)), ensure_ascii=False) + "\n"
        with disk_errors_in_words("writing down how the work goes"):
            disk.append(self.path, (_line_end_missing(self.path) + line).encode("utf-8"))
        if self._on_event:
            self._on_event(record)


def _line_end_missing(path: Path) -> str:
    """A line end when a killed worker left half a line, so that the next event doesn't become part of it."""
    try:
        with path.open("rb") as file:
            if not file.seek(0, os.SEEK_END):
                return ""
            file.seek(-1, os.SEEK_END)
            return "" if file.read(1) == b"\n" else "\n"
    except FileNotFoundError:
        return ""


def notes_of(events: list[Event]) -> list[str]:
    """The words of the notes among events, oldest first, each once."""
    return list(dict.fromkeys(event["words"] for event in events if event["event"] == NOTE))


def last_attempt(events: list[Event]) -> list[Event]:
    """A job's events since it was submitted last; all where it never was."""
    begun = max((i for i, event in enumerate(events) if event["event"] == QUEUED), default=0)
    return events[begun:]


def read_events(path: Path) -> list[Event]:
    """All whole events of a job so far, oldest first; a line still being written is left for the next reading.

    A line that is none of ours is passed over. Pages read a job's events many times while it goes on: what a line of
    usual length holds is worked out once.
    """
    found = (_event_of_short(line) if len(line) <= SHORT else _event_in(line) for line in _whole_lines(path))
    return [dict(event) for event in found if event]


def lost_lines(path: Path) -> int:
    """How many lines were whole and aren't any more; half a line, left by a kill, never was confirmed."""
    return sum(not _is_whole(line) for line in _whole_lines(path) if line.endswith("}"))


def _is_whole(line: str) -> bool:
    with suppress(json.JSONDecodeError):
        return _event_of(checked(value_of(line))) is not None
    return False


def _whole_lines(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # there is none yet, or it can't be read
        return []
    return text.split("\n")[:-1]  # not splitlines, which also breaks at characters that a file name can hold


@lru_cache(REMEMBERED)
def _event_of_short(line: str) -> Event | None:
    return _event_in(line)


def _event_in(line: str) -> Event | None:
    with suppress(json.JSONDecodeError):  # a killed worker can leave half a line in the middle
        return _event_of(value_of(line))
    return None


def _event_of(value: Any) -> Event | None:
    """The event that a line holds: what happened is believed even where what it says of that is lost."""
    if not isinstance(value, dict) or not isinstance(value.get("event"), str):
        return None
    kind = value["event"]
    try:
        value = checked(value)
    except json.JSONDecodeError:
        value = {"event": kind}
    if kind == NOTE and not isinstance(value.get("words"), str):
        return None
    lost = {name: text for name, text in SAID.get(kind, {}).items() if not isinstance(value.get(name), str)}
    numbers = {"time": 0.0, **(COUNTED if kind == PROGRESS else {})}
    lost |= {name: number for name, number in numbers.items() if not _is_number(value.get(name))}
    return {**value, **lost}


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value)
