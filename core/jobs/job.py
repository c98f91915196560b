"""Long work in child processes that outlive the page: each job is a folder, run by `python -m core.jobs.worker`.

The worker holds a lock on its folder as long as it lives. The operating system frees that lock however the worker
ends, so whether a job is alive is asked of the lock and never of a process id.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path

from filelock import FileLock, Timeout

from core.base import disk
from core.base.errors import StopRequested
from core.base.events import CANCELLED, FAILED, FINISHED, QUEUED, TERMINAL, Event, EventLog, read_events
from core.base.files import read_json, write_bytes, write_json

START_GRACE_S = 30.0  # how long a worker may take from launch to its first event before it counts as lost
REPOSITORY = Path(__file__).resolve().parents[2]


class State(StrEnum):
    """Where a job stands."""

    STARTING = "starting"
    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    CANCELLED = "cancelled"
    FAILED = "failed"
    LOST = "lost"  # its worker died without a word

    @property
    def is_active(self) -> bool:
        """Whether it may still change by itself."""
        return self in (State.STARTING, State.QUEUED, State.RUNNING)


class Job:
    """What parent and worker share: a folder.

    Args:
        folder: The job's folder; for a training run, the run's.
        on_event: Called with each event as its worker writes it, by whoever works in this process.
    """

    def __init__(self, folder: Path, on_event: Callable[[Event], None] | None = None) -> None:
        self.folder = folder
        self._on_event = on_event
        self._record = folder / "job.json"
        self._events = folder / "events.jsonl"
        self._log = folder / "worker.log"
        self._stop = folder / "stop"
        self._lock = folder / "worker.lock"

    def events(self) -> list[Event]:
        """Its events so far, oldest first."""
        return read_events(self._events)

    def event_log(self) -> EventLog:
        """Where its worker writes."""
        return EventLog(self._events, self._on_event)

    def alive_lock(self) -> FileLock:
        """The lock that its worker holds while it lives."""
        return FileLock(self._lock)

    def is_alive(self) -> bool:
        """Whether a worker holds the folder now."""
        if not self._lock.exists():  # nobody ever held it, or the folder is gone; taking the lock would make it anew
            return False
        lock = self.alive_lock()
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return True
        lock.release()
        return False

    def state(self) -> State:
        """Where it stands: by its last word, else by its worker's lock, else by the time since its launch."""
        events = self.events()
        if events and events[-1]["event"] in TERMINAL:
            return {FINISHED: State.FINISHED, CANCELLED: State.CANCELLED, FAILED: State.FAILED}[events[-1]["event"]]
        not_begun = not events or events[-1]["event"] == QUEUED
        if self.is_alive():
            return State.QUEUED if not_begun else State.RUNNING
        if not_begun and time.time() - self._submitted(events) < START_GRACE_S:
            return State.STARTING
        # The worker may have ended between the two readings: its last word counts.
        return self.state() if len(self.events()) > len(events) else State.LOST

    def _submitted(self, events: list[Event]) -> float:
        """Unix seconds of its submission; 0.0 when it was made ready but never submitted."""
        if events:
            return events[-1]["time"]
        return read_json(self._record)["submitted"] if self._record.exists() else 0.0

    def request_stop(self, keep: bool) -> None:
        """Ask the worker to end soon: keep the best so far, or discard."""
        write_bytes(self._stop, b"keep" if keep else b"discard")

    def forget_stop(self) -> None:
        """Take an old stop request back, before the job is submitted again."""
        disk.remove(self._stop)

    def stop_requested(self) -> str:
        """ "keep", "discard" or "" (no request)."""
        try:
            return self._stop.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    def check_stop(self) -> None:
        """Called by the worker between two steps; raises StopRequested when the user wants it to end."""
        if request := self.stop_requested():
            raise StopRequested(keep=request == "keep")

    def check_discard(self) -> None:
        """As `check_stop`, where only a request to discard still matters since the best is being kept anyway."""
        if self.stop_requested() == "discard":
            raise StopRequested(keep=False)

    def kill(self) -> None:
        """End a worker that doesn't answer a stop request, at once. What it had saved stays."""
        if self.is_alive():
            # The lock is held, so the id in the record is still our worker's and nobody else's.
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                os.kill(read_json(self._record)["pid"], getattr(signal, "SIGKILL", signal.SIGTERM))

    def log_tail(self, lines: int = 20) -> str:
        """The last lines that the worker printed."""
        try:
            text = self._log.read_text(encoding="utf-8", errors="replace")
        except FileNotFoundError:
            return ""
        return "\n".join(text.splitlines()[-lines:])

    def launch(self, command: list[str], kind: str) -> None:
        """Start the worker in a session of its own, so that neither Ctrl-C nor a closed browser reaches it."""
        record = {"work": kind, "submitted": time.time()}
        write_json(self._record, record)  # before the worker, which reads it
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=REPOSITORY,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # the same on Windows
            )
        write_json(self._record, {**record, "pid": process.pid})

    def note_worker(self, kind: str) -> None:
        """Write down that this process does it, as a part of a larger job, so that it can be ended like any other."""
        write_json(self._record, {"work": kind, "submitted": time.time(), "pid": os.getpid()})

    def kind(self) -> str:
        """The name of the kind that it was submitted as."""
        return read_json(self._record)["work"]
