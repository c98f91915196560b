"""Faults in front of the seam to the disk: the n-th operation fails, or is the last that the process does.

Every public function of `core.base.disk` is an operation. Those that call others, such as `replace`, which syncs its
folders, count as several. As SQLite's test VFS does it (sqlite.org/atomiccommit.html, "Testing").
"""

import contextlib
import errno
import inspect
import json
import os
import signal
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from core.base import disk
from tests.power_cut import Memory

NONE = "none"  # it only counts
ERROR = "error"  # this operation fails, the next ones do not
FAIL_THEN_KILL = "fail then kill"  # this operation fails, and the next one is the last
FULL = "full"  # the disk has no room from here on
KILL = "kill"  # the process is gone
CUT = "cut"  # the power goes: the process, and what was not synced
CLOCKS = {"clock back": -86_400, "clock on": 400 * 86_400}  # the computer's clock is set, by so many seconds
KINDS = (NONE, ERROR, FAIL_THEN_KILL, FULL, KILL, CUT, *CLOCKS)
WRITING = ("write", "append", "write_pieces", "copy")  # is done by half before it fails
COMMIT = "commit"  # of a transaction of SQLite
TAKES_ROOM = (*WRITING, COMMIT, "link", "sync_file")  # a disk may first say at the sync that it is full
QUIET = ("remove_folder",)  # tells nobody when it fails
OF_OTHERS = ("sync_files", "sync_tree")  # their parts are operations


@dataclass(frozen=True)
class Fault:
    """What happens, and when.

    Args:
        kind: One of KINDS.
        at: At which operation, from 1.
        only: Counts only operations whose name, paths or data hold these characters: '"phase"' counts the phases of a
            job, which it writes into its events.
    """

    kind: str = NONE
    at: int = 0
    only: str = ""

    @classmethod
    def parse(cls, spelled: str) -> "Fault":
        """From "kill:3" or 'kill:2:"phase"'."""
        kind, at, only = (*spelled.split(":", 2), "", "")[:3]
        return cls(kind, int(at or 0), only)

    def __str__(self) -> str:
        return f"{self.kind}:{self.at}:{self.only}"


class Shim:
    """Counts operations and does what the fault says, in this process and for good.

    Args:
        fault: What to do.
        home: The workspace, whose files a power cut is about.
        told: Where to write, as JSON, how many operations there were and whether the fault was met.
    """

    def __init__(self, fault: Fault, home: Path, told: Path) -> None:
        self._fault, self._told = fault, told
        self._lock = threading.RLock()  # core syncs in threads
        self._count = 0
        self._memory = Memory(home, told.with_suffix(".held")) if fault.kind == CUT else None

    def install(self) -> None:
        """Stand in front of every operation, and of SQLite's commits."""
        for name, real in inspect.getmembers(disk, inspect.isfunction):
            if real.__module__ == disk.__name__ and not name.startswith("_") and name not in OF_OTHERS:
                setattr(disk, name, self._in_front_of(name, real))
        sqlite3.connect = partial(sqlite3.connect, factory=_connection_class(self))

    def tell(self, **more: Any) -> None:
        """Write down how far it came; the power may be cut now."""
        if self._memory:
            self._memory.keep(self._told.with_suffix(".memory"))
        self._told.write_text(json.dumps({"operations": self._count, "met": self._met(), **more}))

    def _met(self) -> bool:
        return self._fault.kind != NONE and self._count >= self._fault.at

    def _in_front_of(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def operation(*arguments: Any, **named: Any) -> Any:
            failed = self.next(name, *arguments)
            if failed and name in QUIET:
                return None
            if failed:
                raise OSError(failed, os.strerror(failed), str(arguments[0]))
            done = real(*arguments, **named)
            if self._memory:
                self._memory.note(name, *arguments)
            return done

        return operation

    def next(self, name: str, *arguments: Any) -> int:
        """An operation comes now: the number of the error by which it shall fail, 0 when it shall be done."""
        with self._lock:
            if not self._is_counted(name, arguments):
                return 0
            self._count += 1
            kind, past = self._fault.kind, self._count - self._fault.at
            if kind == NONE or past < 0:
                return 0
            if kind in CLOCKS and past == 0:
                _set_clock(CLOCKS[kind])
            failed = self._error(kind, past, name)
            dies = kind in (KILL, CUT) or (kind == FAIL_THEN_KILL and past > 0)
            if (failed or dies) and name in WRITING:
                _write_half(name, *arguments)
            if dies:
                self.tell()
                os.kill(os.getpid(), signal.SIGKILL)
            return failed

    def _is_counted(self, name: str, arguments: tuple[Any, ...]) -> bool:
        texts = [each.decode("utf-8", "replace") if isinstance(each, bytes) else str(each) for each in arguments]
        return any(self._fault.only in text for text in (name, *texts))

    @staticmethod
    def _error(kind: str, past: int, name: str) -> int:
        if kind == FULL:
            return errno.ENOSPC if name in TAKES_ROOM else 0
        return errno.EIO if kind in (ERROR, FAIL_THEN_KILL) and past == 0 else 0


def _set_clock(seconds: int) -> None:
    """From now on this process is told another time of day; the time that only runs on stays."""
    now, now_ns = time.time, time.time_ns
    time.time = lambda: now() + seconds
    time.time_ns = lambda: now_ns() + seconds * 1_000_000_000


def _write_half(name: str, first: Path, second: Any) -> None:
    """Half of what the operation would have written; `first` is the file, but for a copy."""
    target = second if name == "copy" else first
    with contextlib.suppress(OSError), target.open("ab" if name == "append" else "wb") as file:
        if name == "write_pieces":
            file.write(next(iter(second), b""))
        else:
            data = first.read_bytes() if name == "copy" else second
            file.write(data[: len(data) // 2])


def _connection_class(shim: Shim) -> type[sqlite3.Connection]:
    """Connections whose commits are operations; SQLite's own writes and syncs are not."""

    class Connection(sqlite3.Connection):
        def __exit__(self, kind: Any, *error: Any) -> Any:
            failed = shim.next(COMMIT) if kind is None and self.in_transaction else 0
            if failed:
                self.rollback()
                raise _sqlite_error(failed)
            return super().__exit__(kind, *error)

    return Connection


def _sqlite_error(number: int) -> sqlite3.OperationalError:
    """As SQLite says it when the system's call below it fails so."""
    words, code, name = {
        errno.ENOSPC: ("database or disk is full", sqlite3.SQLITE_FULL, "SQLITE_FULL"),
        errno.EIO: ("disk I/O error", sqlite3.SQLITE_IOERR, "SQLITE_IOERR"),
    }[number]
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode, error.sqlite_errorname = code, name
    return error
