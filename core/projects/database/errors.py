"""What SQLite says of a project's list of photos, in words for people."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.base.errors import DamagedError, EspalierError, StorageError
from core.projects.database.connection import code_of

DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
OTHER_TABLES = ("no such table", "no such column", "decode to UTF-8")  # what the rest of a damaged one looks like
HELD = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
NOT_NOW = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM)


@contextmanager
def database_errors_in_words(folder: Path) -> Iterator[None]:
    """Turn what SQLite says of a full disk, a damaged file or another program that holds it into errors for people.

    Args:
        folder: The project's, whose list of photos is asked.

    Raises:
        DamagedError: The list is damaged or gone.
        StorageError: It can't be read or written now.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        if (told := in_words(folder / "project.db", error, f"the list of photos of {folder.name}")) is None:
            raise
        raise told from error


def in_words(path: Path, error: sqlite3.DatabaseError, what: str) -> EspalierError | None:
    """What to tell of a database, which people know as `what`; None of an error that can only be a mistake of ours."""
    code, folder = code_of(error), path.parent
    if code == sqlite3.SQLITE_CANTOPEN and os.access(folder, os.R_OK | os.X_OK) and not os.path.isfile(path):
        return gone(folder)
    if code in DAMAGED or any(words in str(error) for words in OTHER_TABLES):
        return damaged(folder)
    if code in HELD:
        return StorageError(f"Another program is using {what}. Close that program and try again.")
    if code == sqlite3.SQLITE_FULL:
        return StorageError(
            f"The disk is full: there was no room for {what}. Everything saved before is "
            "still there. Free some space and try again."
        )
    if code in NOT_NOW or "no room" in str(error):
        return StorageError(
            f"{what[0].upper()}{what[1:]} can't be read or written: the disk may be full, or the folder protected. "
            "Free some space, or check its permissions, and try again."
        )
    return None


def damaged(folder: Path) -> DamagedError:
    """What to tell of a list that is there and can't be read."""
    return DamagedError(
        f"The list of photos of {folder.name} is damaged. The photos themselves are still in {folder / 'photos'}. "
        "Choose Repair on the page Projects."
    )


def gone(folder: Path) -> DamagedError:
    """What to tell of a list that is not there."""
    return DamagedError(
        f"The list of photos of {folder.name} (project.db) is gone. The photos themselves are still in "
        f"{folder / 'photos'}. Choose Repair on the page Projects."
    )
