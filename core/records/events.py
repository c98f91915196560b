"""The events of a job: one JSON object a line in `events.jsonl`, appended and never changed."""

import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

QUEUED = "queued"
PHASE = "phase"  # name, and the words for it
PROGRESS = "progress"  # done, total, seconds_left or None
EPOCH = "epoch"  # epoch (from 1), loss, accuracy, val_loss, val_accuracy, seconds
FINISHED = "finished"  # everything is saved
CANCELLED = "cancelled"  # the user discarded it
FAILED = "failed"  # message: what to tell the user

TERMINAL = (FINISHED, CANCELLED, FAILED)


class EventLog:
    """Appends events to a file; every line is on disk before `write` returns.

    Args:
        path: The `events.jsonl` of one job.
        on_event: Called with each event after it is written.
    """

    def __init__(self, path: Path, on_event: Callable[[dict[str, Any]], None] | None = None) -> None:
        self.path = path
        self._on_event = on_event

    def write(self, event: str, **values: Any) -> None:
        """Append one event with the time (Unix seconds) and its JSON-able values."""
        record = {"time": round(time.time(), 3), "event": event, **values}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record, ensure_ascii=False) + "\n")
        if self._on_event:
            self._on_event(record)


def read_events(path: Path) -> list[dict[str, Any]]:
    """All whole events of a job so far, oldest first; a line still being written is left for the next reading."""
    return list(_whole_lines(path))


def _whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return
    for line in text.splitlines(keepends=True):
        try:
            if line.endswith("\n"):
                yield json.loads(line)
        except json.JSONDecodeError:  # a killed worker can leave half a line in the middle
            continue
