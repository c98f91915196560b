"""What SQLite says when things go wrong, in words for people."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.base.errors import InputError, StorageError


@contextmanager
def database_errors_in_words(folder: Path) -> Iterator[None]:
    """Turn what SQLite says of a full disk or a damaged file into errors for people.

    Args:
        folder: The project's.
    """
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # without the extension that says where it happened
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise InputError(
                f"The database of project {folder.name} is damaged. Its photos are still in {folder / 'photos'}; "
                "import that folder into a new project."
            ) from error
        if code == sqlite3.SQLITE_FULL:
            raise StorageError(
                f"The disk is full: there was no room for the list of photos of {folder.name}. Everything saved "
                "before is still there. Free some space and try again."
            ) from error
        if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM):
            raise StorageError(
                f"The list of photos of {folder.name} can't be read or written: the disk may be full, or the folder "
                "protected. Free some space, or check its permissions, and try again."
            ) from error
        raise
