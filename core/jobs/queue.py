"""The workspace's jobs are started here."""

import contextlib
import sys
import time
from pathlib import Path

from core.base.events import QUEUED
from core.base.files import write_bytes
from core.jobs.job import Job
from core.jobs.kinds import JobKind


class Jobs:
    """Starts workers; those that take a place in the queue run one at a time, in the order they came.

    The queue is a folder of tickets below the workspace's, named by time, each holding the path of its job.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._tickets = home / "queue"

    def submit(self, kind: JobKind, folder: Path) -> Job:
        """Start the worker of a job whose folder holds all that the work needs.

        A job that ended may be submitted again: its events go on below the old ones.
        """
        job = Job(folder)
        job.forget_stop()
        job.event_log().write(QUEUED)
        if kind.waits:
            write_bytes(self._tickets / f"{time.time_ns():020d}", str(folder.resolve()).encode())
        worker = [sys.executable, "-m", "core.jobs.worker", str(self._home.resolve()), str(folder.resolve())]
        job.launch(worker, kind.name)
        return job

    def waiting_ahead(self, folder: Path) -> int:
        """How many live jobs come before this one, 0 when it is its turn. Tickets of dead jobs are cleared away."""
        ahead = 0
        for ticket in sorted(self._tickets.glob("[0-9]*")):
            try:
                owner = Path(ticket.read_bytes().decode())
            except FileNotFoundError:
                continue
            if owner == folder.resolve():
                return ahead
            if Job(owner).state().is_active:
                ahead += 1
            else:
                ticket.unlink(missing_ok=True)
        return 0  # it has no ticket, so it need not wait

    def leave_queue(self, folder: Path) -> None:
        """Give up a job's place, as its worker does when it ends."""
        for ticket in self._tickets.glob("[0-9]*"):
            with contextlib.suppress(FileNotFoundError):
                if Path(ticket.read_bytes().decode()) == folder.resolve():
                    ticket.unlink()
