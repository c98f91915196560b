"""What can still be read of a damaged list of photos, row by row, into a list of our own making.

It works as SQLite's shell does with `.recover` (https://sqlite.org/recovery.html), as far as the tables of the file
are known by name: a page that is damaged costs the rows that lie in it. The damaged file is copied and stays as it is.
"""

import json
import os
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.base import disk
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.projects.changes.shelf import VERSIONS
from core.projects.database.connection import address_of, journal_of
from core.projects.database.schema import SCHEMA_VERSION, write_schema

MUST_BE_WHOLE = ("photos", "edits", "settings")  # the others are measured or found anew
TABLES = (*MUST_BE_WHOLE, "looks", "pictures", "versions")
PLACE = re.compile(r"(photos|set-aside)/(?!\.)[^/\\\0]+/(?!\.)[^/\\\0]+")
SHELF = re.compile(rf"{VERSIONS}/(?!\.)[^/\\\0]+/[0-9a-f]{{64}}[^/\\\0]*")
SHA256 = re.compile(r"[0-9a-f]{64}")
KINDS = {"integer": (int,), "text": (str,), "real": (float, int), "blob": (bytes,)}
FARTHEST = 2**40  # that a row's number is looked for beyond damage
MOST_PADDING = 4  # times the size of what is left of a file


@dataclass
class Salvaged:
    """How many rows there are of each table, and of which tables some could not be read."""

    rows: dict[str, int] = field(default_factory=dict)
    lacking: set[str] = field(default_factory=set)

    @property
    def whole(self) -> bool:
        """Whether all is there that can't be measured anew."""
        return not self.lacking & set(MUST_BE_WHOLE)


def salvage(damaged: Path, target: Path, title: str, scratch: Path) -> Salvaged:
    """Write a new list with every row that can be read and that the app could have written.

    Args:
        damaged: The file, which need not be there.
        target: To write.
        title: The project's, where the damaged list doesn't tell it.
        scratch: A folder for the copy.
    """
    write_schema(target, title)
    found = Salvaged(dict.fromkeys(TABLES, 0), set(TABLES))
    copy = _copied(damaged, scratch / "damaged.db")
    if copy is None:
        return found
    with (
        suppress(sqlite3.DatabaseError),
        closing(sqlite3.connect(address_of(copy, "mode=rw"), uri=True)) as theirs,
        closing(sqlite3.connect(target)) as ours,
        ours,
    ):
        theirs.execute("pragma writable_schema = on")  # else a file that is shorter than it says isn't read at all
        theirs.execute("pragma trusted_schema = off")
        theirs.execute("pragma cell_size_check = on")
        version = theirs.execute("pragma user_version").fetchone()[0]
        for table in TABLES:
            _carry(theirs, ours, table, found)
        if version < SCHEMA_VERSION:
            ours.execute("insert or replace into settings select 'facts_unknown', ifnull(max(id), 0) from photos")
    return found


def _copied(damaged: Path, copy: Path) -> Path | None:
    """A copy with its journal, as long as its header says; None where there is nothing to read."""
    try:
        disk.copy(damaged, copy)
        if journal_of(damaged).is_file():
            disk.copy(journal_of(damaged), journal_of(copy))
        with copy.open("rb") as file:
            header, size = file.read(100), copy.stat().st_size
        page = int.from_bytes(header[16:18], "big")
        wanted = (65536 if page == 1 else page) * int.from_bytes(header[28:32], "big")
        if size < wanted <= MOST_PADDING * size:
            os.truncate(copy, wanted)
    except OSError:
        return None
    return copy


def _carry(theirs: sqlite3.Connection, ours: sqlite3.Connection, table: str, found: Salvaged) -> None:
    columns = _kinds(ours, table)
    with suppress(sqlite3.DatabaseError):
        there = [name for name in columns if name in _kinds(theirs, table)]
        if not there:
            return
        names, marks = ", ".join(there), ", ".join("?" * len(there))
        otherwise = "replace" if table == "settings" else "ignore"  # a title is there already
        insert = f"insert or {otherwise} into {table} ({names}) values ({marks})"
        whole = True
        for row in _readable(theirs, table, names):
            fits = row is not None and _fits(table, dict(zip(there, row, strict=True)), columns)
            carried = ours.execute(insert, row).rowcount if fits else 0
            found.rows[table] += max(0, carried)
            whole = whole and carried > 0
        if whole:
            found.lacking.discard(table)


def _kinds(db: sqlite3.Connection, table: str) -> dict[str, tuple[str, bool]]:
    """Kind and whether it may be null, by the column's name."""
    found = db.execute(f"pragma table_info({table})").fetchall()
    return {name: (kind.lower(), not (notnull or key)) for _, name, kind, notnull, _, key in found}


def _readable(db: sqlite3.Connection, table: str, names: str) -> Iterator[tuple[Any, ...] | None]:
    """The rows in the order of their numbers; None in place of those that a damaged page holds."""
    query, last = f"select rowid, {names} from {table} where rowid > ? order by rowid", -1
    while True:
        try:
            for number, *row in db.execute(query, (last,)):
                if number <= last:
                    raise sqlite3.DatabaseError("rows out of their order")
                last = number
                yield tuple(row)
            return
        except sqlite3.DatabaseError:
            yield None
        if (beyond := _beyond_damage(db, table, names, last)) is None:
            return
        last = beyond


def _beyond_damage(db: sqlite3.Connection, table: str, names: str, last: int) -> int | None:
    """The lowest number above `last` from which a row can be read again, looked for by halves; None without one."""
    query = f"select {names} from {table} where rowid > ? order by rowid limit 1"

    def readable(number: int) -> bool:
        try:
            return db.execute(query, (number,)).fetchone() is not None
        except sqlite3.DatabaseError:
            return False

    step = 1
    while not readable(last + step):
        step *= 2
        if step > FARTHEST:
            return None
    low, high = last + step // 2, last + step
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if readable(middle) else (middle, high)
    return high


def _fits(table: str, row: dict[str, Any], columns: dict[str, tuple[str, bool]]) -> bool:
    """Whether the app could have written this row, and no place leads out of the project."""
    for name, value in row.items():
        kind, may_be_null = columns[name]
        if not (may_be_null if value is None else isinstance(value, KINDS[kind])):
            return False
    if table == "photos":
        places = PLACE.fullmatch(row["file"]) and SHA256.fullmatch(row["sha256"])
        return bool(places) and row["split"] in ("", TRAIN, VALIDATION, TEST)
    if table == "versions":
        return bool(SHELF.fullmatch(row["file"]) and SHA256.fullmatch(row["sha256"]))
    if table == "edits":
        return _are_changes(row["changes"])
    return True


def _are_changes(text: str) -> bool:
    try:
        changes = json.loads(text)
        return isinstance(changes, list) and all(isinstance(change, list) and len(change) == 4 for change in changes)
    except (ValueError, RecursionError):
        return False
