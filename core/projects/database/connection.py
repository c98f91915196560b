"""A connection to a database that is there: none is ever made by opening it, and where nothing can be written it reads.

SQLite writes to read: a database with a journal (WAL) needs a file of shared memory beside it, and on a full or
protected disk there can be none. Its main file is the whole of it where the journal is empty, and is read as one that
nobody changes; where the journal holds something, both are copied to where there is room.
(https://sqlite.org/wal.html, "Read-Only Databases"; https://sqlite.org/uri.html, "immutable")
"""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from core.base import disk

CANT_WRITE = (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_FULL)
READING = "mode=ro&immutable=1"


@contextmanager
def opened(path: Path, wait_s: float) -> Iterator[sqlite3.Connection]:
    """A connection whose changes are committed together at the end, or not at all on an error.

    Args:
        path: Of a database that is there.
        wait_s: How long to wait for another that holds it.

    Raises:
        sqlite3.Error: There is none, it is damaged or held, or something was written where nothing can be.
    """
    with ExitStack() as stack:
        db = stack.enter_context(closing(_connection(path, wait_s, stack)))
        with db:
            yield db


def address_of(path: Path, how: str) -> str:
    """The URI of a database for `sqlite3.connect`, such as with `how` "mode=rw"."""
    place = quote(os.fsencode(path.absolute().as_posix()))
    return f"file://{'' if place.startswith('/') else '/'}{place}?{how}"  # C:/ begins with no slash


def code_of(error: sqlite3.Error) -> int:
    """SQLite's own number for an error, without the extension that says where it happened; 0 where it has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def journal_of(path: Path) -> Path:
    """Where changes lie that are not in the main file yet."""
    return path.with_name(f"{path.name}-wal")


def _connection(path: Path, wait_s: float, stack: ExitStack) -> sqlite3.Connection:
    try:
        db = _looked_into(address_of(path, "mode=rw"), wait_s)
    except sqlite3.OperationalError as error:
        if code_of(error) not in CANT_WRITE or not path.is_file():
            raise
        return _reading(path, wait_s, stack)
    return db


def _reading(path: Path, wait_s: float, stack: ExitStack) -> sqlite3.Connection:
    """One that writes nothing: what would is refused as "readonly"."""
    journal = journal_of(path)
    if not journal.is_file() or not journal.stat().st_size:
        return _looked_into(address_of(path, READING), wait_s)
    folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
    try:
        disk.copy(path, folder / path.name)
        disk.copy(journal, folder / journal.name)
    except OSError as error:
        raise sqlite3.OperationalError("there is no room to read the journal") from error
    return _looked_into(address_of(folder / path.name, "mode=rw"), wait_s, "pragma query_only = on")


def _looked_into(address: str, wait_s: float, *then: str) -> sqlite3.Connection:
    """A connection that was read by, since SQLite opens nothing before."""
    db = sqlite3.connect(address, timeout=wait_s, uri=True)
    try:
        (tables,) = db.execute("select count(*) from sqlite_master").fetchone()
        if tables and READING not in address:  # an empty file stays one
            db.execute("pragma journal_mode = wal")
        for statement in then:
            db.execute(statement)
    except BaseException:
        db.close()
        raise
    return db
