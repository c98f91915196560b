"""Copies of a project's list of photos, from before each day's work and before each migration, a few of them.

Each is one whole database, checked by SQLite, in the project's folder `backups`, named by a number that grows and the
day, such as `000012 2026-12-01.db`: the highest number is the newest, whatever the clock said.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, suppress
from pathlib import Path

from core.base import disk
from core.base.errors import EspalierError, StorageError
from core.base.files import appearing_whole, disk_errors_in_words, file_sha256
from core.projects.database.connection import READING, address_of

BACKUPS = "backups"
DAY = "%Y-%m-%d"
KEPT = 5
ROOM_KEPT = 50_000_000  # bytes that stay free
Open = Callable[[], AbstractContextManager[sqlite3.Connection]]


def backups(folder: Path) -> list[Path]:
    """A project's backups, the newest first."""
    return sorted((folder / BACKUPS).glob("[0-9]* *.db"), reverse=True)


def back_up_daily(folder: Path, database: Open, day: str) -> None:
    """Back up a project once a day; of a list that is as it was, the last one counts for today too.

    Nothing is said where it can't be done, as on a full disk: what the user came for goes on.

    Args:
        day: Today, as DAY has it.
    """
    newest = next(iter(backups(folder)), None)
    if newest is not None and newest.stem.endswith(day):
        return
    with suppress(EspalierError, OSError):
        back_up(folder, database, day)


def back_up(folder: Path, database: Open, day: str) -> None:
    """Write a backup of the list as it is now, and remove the oldest ones.

    Raises:
        StorageError: There is no room, or the place can't be written to.
        DamagedError: The list is damaged.
    """
    before = backups(folder)
    number = int(before[0].name.split(" ")[0]) + 1 if before else 1
    target = folder / BACKUPS / f"{number:06d} {day}.db"
    with disk_errors_in_words("backing up the list of photos"):
        target.parent.mkdir(exist_ok=True)
        _refuse_without_room(folder)
        with appearing_whole(target) as beside, database() as db:
            _copy(db, beside)
        if before and file_sha256(before[0]) == file_sha256(target):
            disk.remove(before.pop(0))
        for oldest in before[KEPT - 1 :]:
            disk.remove(oldest)


def _refuse_without_room(folder: Path) -> None:
    needed = sum(part.stat().st_size for part in folder.glob("project.db*") if part.is_file())
    if needed + ROOM_KEPT > shutil.disk_usage(folder).free:
        raise StorageError("The disk is full: there is no room to back up the list of photos. Free some space first.")


def _copy(db: sqlite3.Connection, beside: Path) -> None:
    """One file, without a journal, that was read from the first to the last page."""
    with closing(sqlite3.connect(beside)) as copy:
        db.backup(copy)
        copy.execute("pragma journal_mode = delete")
        refuse_damaged(copy)


def refuse_damaged(db: sqlite3.Connection) -> None:
    """Let SQLite read all of a database; DatabaseError where anything is wrong."""
    if (found := db.execute("pragma quick_check(1)").fetchone()[0]) != "ok":
        error = sqlite3.DatabaseError(found)
        error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
        raise error


def good_backups(folder: Path) -> Iterator[Path]:
    """Those that are whole, the newest first."""
    for path in backups(folder):
        with (
            suppress(sqlite3.DatabaseError, OSError),
            closing(sqlite3.connect(address_of(path, READING), uri=True)) as db,
        ):
            refuse_damaged(db)
            if db.execute("pragma user_version").fetchone()[0] > 0:
                yield path
