"""The workspace's jobs are started here, by whatever process: all of them share one queue."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from core.base import disk
from core.base.files import disk_errors_in_words, write_bytes
from core.jobs.job import Job
from core.jobs.kinds import JobKind
from core.jobs.numbers import QUEUE, alone, next_number, numbered_name

WAIT_S = 0.3  # between two looks at the queue


class Jobs:
    """Starts workers; those that take a place in the queue run one at a time, in the order they came.

    The queue is a folder of tickets below the workspace's, named by their numbers, each holding the path of its job:
    relative to the workspace's where it lies in there, so that a copy of the whole knows only its own jobs. A lock says
    whose turn it is, and so two can't have it, whatever became of the tickets.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._tickets = home / QUEUE

    def submit(self, kind: JobKind, folder: Path) -> Job:
        """Start the worker of a job whose folder holds all that the work needs.

        A job that ended may be submitted again: its events go on below the old ones. One that goes on, since another
        window or process was first, is left as it is.

        Raises:
            StorageError: The disk is full or can't be written.
        """
        job = Job(folder)
        with disk_errors_in_words("starting the work"), alone(self._home / "queue.lock"):
            if job.state().is_active:
                return job
            job.forget_stop()
            job.say_queued(next_number(self._counted_in(kind, folder)))
            if kind.waits:
                self.leave_queue(folder)  # the place of a worker that was killed
                self._take_place(folder)
            worker = [sys.executable, "-m", "core.jobs.worker", str(self._home.resolve()), str(folder.resolve())]
            job.launch(worker, kind.name)
        return job

    def _counted_in(self, kind: JobKind, folder: Path) -> Path:
        """Whose counter numbers it: its project's, since that may go to another workspace."""
        return folder.parents[kind.places.count("/")] if kind.in_project else self._home

    def _take_place(self, folder: Path) -> Path:
        """The ticket of a new place, the last in the queue."""
        home, folder = self._home.resolve(), folder.resolve()
        ticket = self._tickets / numbered_name(next_number(self._home))
        write_bytes(ticket, os.fsencode(folder.relative_to(home) if folder.is_relative_to(home) else folder))
        return ticket

    def _queue(self) -> Iterator[tuple[Path, Path | None]]:
        """Each ticket with the folder of its job, None of a damaged one; those of earlier versions first."""
        for ticket in sorted(self._tickets.glob("[0-9]*")):
            try:
                name = os.fsdecode(ticket.read_bytes())
            except (FileNotFoundError, UnicodeDecodeError):
                name = ""
            yield ticket, self._home.resolve() / name if name and "\0" not in name else None

    def waiting_ahead(self, folder: Path) -> int:
        """How many live jobs come before this one, 0 when it is its turn. Tickets of dead jobs are cleared away."""
        ahead = 0
        for ticket, owner in self._queue():
            if owner == folder.resolve():
                return ahead
            if owner is not None and Job(owner).state().is_active:
                ahead += 1
            else:
                disk.remove(ticket)
        return 0  # it has no ticket, so it need not wait

    def leave_queue(self, folder: Path) -> None:
        """Give up a job's place."""
        for ticket, owner in self._queue():
            if owner == folder.resolve():
                disk.remove(ticket)

    @contextmanager
    def turn(self, job: Job) -> Iterator[None]:
        """Wait until no live job is ahead in the queue; all others wait while the block runs. For the job's worker.

        Raises:
            StopRequested: The user takes it out while it waits.
        """
        places = [ticket for ticket, owner in self._queue() if owner == job.folder.resolve()]
        place = places[-1] if places else self._take_place(job.folder)  # it began so late that it counted as lost
        turn = FileLock(self._home / "turn.lock")
        try:
            while self.waiting_ahead(job.folder) or not _acquired(turn):
                job.check_stop()
                time.sleep(WAIT_S)
            job.check_stop()
            yield
        finally:
            disk.remove(place)  # its own: by now the job may have been submitted again
            turn.release()


def _acquired(lock: FileLock) -> bool:
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    return True
