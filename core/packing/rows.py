"""The database of a project that came from elsewhere: its rows are carried over into a database of our own making.

A stranger's SQLite file may hold triggers, views and columns that compute; its rows may name files outside the project,
and columns that `undo` would write to. So only rows are taken from it, each checked, and the schema is ours.
"""

import json
import math
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from core.base.errors import InputError
from core.base.names import FORBIDDEN, RESERVED
from core.base.records import DAMAGE
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.photos.kept_settings import DEPTH
from core.photos.making.recipe import Making
from core.projects.changes.moves import MOVING
from core.projects.changes.shelf import VERSIONS
from core.projects.database.schema import MIGRATIONS, SCHEMA, SCHEMA_VERSION

NOT_OURS = (
    "The list of photos in this zip is damaged, or Espalier did not write it. Nothing was opened. "
    "Take the project along once more on the computer where it is."
)
PLACES = ("photos", "set-aside")  # folders of a project in which a photo may lie
AT_A_TIME = 1000  # rows
MAX_VALUE_BYTES = 256_000_000  # one change of 1,000,000 photos in the log has about 100 MB
MAX_NAME_BYTES = 255  # of file systems
SHA256 = re.compile(r"[0-9a-f]{64}")
ADDED = re.compile(r"alter table (\w+) add column (\w+)|create table (\w+)|create index (\w+)", re.IGNORECASE)
KINDS = {"integer": (int,), "text": (str,), "real": (float, int), "blob": (bytes,)}


def is_safe_part(name: str) -> bool:
    """Whether a file or folder may be called so on every system; hidden names are none of ours."""
    if not name or name.strip(". ") != name or FORBIDDEN.search(name) or name.split(".")[0].lower() in RESERVED:
        return False
    try:
        return len(name.encode()) <= MAX_NAME_BYTES
    except UnicodeEncodeError:  # half a character, which no disk of ours holds
        return False


def carry_over(source: Path, target: Path) -> None:
    """Write a new database with the rows of a stranger's, in the schema that its version of the app had.

    Args:
        source: SQLite, without journal; only read.
        target: Must not exist. `open_project` brings it to today's schema.

    Raises:
        InputError: It is damaged, is no project's, names anything outside the project, or a newer app wrote it.
    """
    try:
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as theirs:
            theirs.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES)
            theirs.execute("pragma trusted_schema = off")
            theirs.execute("pragma cell_size_check = on")
            version = theirs.execute("pragma user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise InputError("This project was made by a newer version of Espalier. Update the app to open it.")
            with closing(sqlite3.connect(target)) as ours, ours:
                _make_schema(ours, version)
                _copy_all(theirs, ours)
    except (sqlite3.Error, UnicodeError, RecursionError, OverflowError) as error:
        raise InputError(NOT_OURS) from error


def _make_schema(db: sqlite3.Connection, version: int) -> None:
    """The tables as an earlier version of the app made them: today's, less what was added since."""
    if version < 1:
        raise InputError(NOT_OURS)
    plain = re.sub("--.*", "", SCHEMA)  # dropping the last column would leave its closing bracket in a comment
    db.executescript(f"pragma journal_mode = wal; {plain}")
    for later in range(SCHEMA_VERSION - 1, version - 1, -1):
        for table, column, made, index in reversed(ADDED.findall(MIGRATIONS[later])):
            drop = f"index {index}" if index else f"table {made}"
            db.execute(f"alter table {table} drop column {column}" if column else f"drop {drop}")
    db.execute(f"pragma user_version = {version}")


def _copy_all(theirs: sqlite3.Connection, ours: sqlite3.Connection) -> None:
    known = {name for (name,) in ours.execute("select name from sqlite_master where type = 'table'")}
    for kind, name, sql in theirs.execute("select type, name, sql from sqlite_master").fetchall():
        is_plain = kind == "table" and name in known and (sql or "").lower().startswith("create table")
        if kind != "index" and not is_plain:
            raise InputError(NOT_OURS)
    for table in sorted(known, key=("photos", "looks", "pictures", "edits", "versions", "settings").index):
        columns = _columns(ours, table)
        if _columns(theirs, table).keys() != columns.keys():
            raise InputError(NOT_OURS)
        names, marks = ", ".join(columns), ", ".join("?" * len(columns))
        ours.executemany(f"insert into {table} ({names}) values ({marks})", _checked(theirs, table, columns))
    ours.execute("delete from settings where name = ?", (MOVING,))  # moves to carry out; nobody packs in between


def _columns(db: sqlite3.Connection, table: str) -> dict[str, tuple[str, bool]]:
    """Kind and whether it may be null, by name; those that compute are no columns of ours."""
    found = db.execute(f"pragma table_xinfo({table})").fetchall()
    if any(hidden for *_, hidden in found):
        raise InputError(NOT_OURS)
    return {name: (kind.lower(), not (notnull or key)) for _, name, kind, notnull, _, key, _ in found}


def _checked(db: sqlite3.Connection, table: str, columns: dict[str, tuple[str, bool]]) -> Iterator[tuple[Any, ...]]:
    rows = db.execute(f"select {', '.join(columns)} from {table}")
    while some := rows.fetchmany(AT_A_TIME):
        for row in some:
            named = dict(zip(columns, row, strict=True))
            fits = all(_is_of_kind(named[name], *columns[name]) for name in columns)
            if not fits or not _is_ours(table, named):
                raise InputError(NOT_OURS)
            yield row


def _is_of_kind(value: Any, kind: str, may_be_null: bool) -> bool:
    if value is None:
        return may_be_null
    return isinstance(value, KINDS[kind]) and (not isinstance(value, float) or math.isfinite(value))


def _is_ours(table: str, row: dict[str, Any]) -> bool:
    """Whether the app could have written this row: no name leads out of the project, also none in the log."""
    if table == "photos":
        split_known = row["split"] in ("", TRAIN, VALIDATION, TEST)
        has_class = bool(row["label"] or row["set_aside"])  # without a class none takes part
        known = bool(SHA256.fullmatch(row["sha256"])) and split_known and has_class
        return _is_place(row["file"]) and known and _is_making(row.get("made", ""))
    if table == "versions":
        return _is_place(row["file"], (VERSIONS,)) and bool(SHA256.fullmatch(row["sha256"]))
    if table == "pictures":
        return row["depth"] == "" or bool(DEPTH.fullmatch(row["depth"]))
    return table != "edits" or _are_changes(row["changes"])


def _is_place(file: Any, places: tuple[str, ...] = PLACES) -> bool:
    """Whether that is where a photo may lie, such as "photos/apple/1.jpg"."""
    parts = file.split("/") if isinstance(file, str) else []
    return len(parts) == 3 and parts[0] in places and all(is_safe_part(part) for part in parts[1:])


def _is_making(text: str) -> bool:
    """Whether that says how a version is made of its original."""
    try:
        return bool(Making.of_text(text))
    except DAMAGE:
        return False


def _are_changes(text: str) -> bool:
    """Whether that is what the log keeps: [[photo, column, before, after], ...]."""
    try:
        changes = json.loads(text)
        return isinstance(changes, list) and all(_is_change(*change) for change in changes)
    except (ValueError, TypeError):
        return False


def _is_change(photo: Any, column: Any, before: Any, after: Any) -> bool:
    if column == "file":
        return isinstance(photo, int) and _is_place(before) and _is_place(after)
    if column in ("bytes", "width", "height"):
        return isinstance(photo, int) and isinstance(before, int) and isinstance(after, int)
    values = isinstance(before, str) and isinstance(after, str)
    if column in ("sha256", "made"):
        fits = SHA256.fullmatch if column == "sha256" else _is_making
        return isinstance(photo, int) and values and bool(fits(before) and fits(after))
    return isinstance(photo, int) and column in ("label", "split", "set_aside", "kept") and values
