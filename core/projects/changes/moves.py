"""Files and rows of a project change together: both or neither, also when the computer goes off in between.

A change goes: (1) the moves to come are noted in the settings; (2) each file moves to a name that nothing else has, and
the names in all folders concerned are synced; (3) one transaction changes the rows, writes the log and drops the note.
When (2) or (3) fails, or the computer goes off in between, the rows still name the old places and the note says where
the files went: the files go back, at once or before the next change. A change that was cut short never happened.

The note is on the disk before the first move, and the moves before the rows: SQLite syncs at each commit (`synchronous`
is FULL).
"""

import json
import os
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any

from filelock import FileLock, Timeout

from core.base import disk
from core.base.errors import EspalierError, InputError
from core.base.files import disk_errors_in_words, value_of
from core.base.names import free_name, safe_name
from core.jobs.active import refuse_edits
from core.projects.project import Photo, Project

MOVING = "moving_files"  # the note in the settings: JSON [[from, to], ...], relative to the project
LOCK_WAIT_S = 30  # moving 100,000 files takes a few seconds
Change = list[Any]  # [photo id, column, before, after], as the log keeps it
Shelves = Mapping[tuple[int, str], str]  # of a photo and one of its contents, where that lies while it has another


@contextmanager
def alone(project: Project) -> Iterator[None]:
    """One change at a time, also from two windows; what an earlier one left half-done is put back first."""
    lock = FileLock(project.folder / "edits.lock")
    try:
        with disk_errors_in_words("changing the photos"):
            lock.acquire(timeout=LOCK_WAIT_S)
    except Timeout as error:
        raise InputError("Another window is changing photos of this project. Try again in a moment.") from error
    try:
        _put_back(project)
        yield
    finally:
        lock.release()


class FreePlaces:
    """Gives places that neither a row nor a file on disk has, and none twice."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._listed: dict[str, set[str]] = defaultdict(set)
        for file in project.listed_files():
            folder, name = file.rsplit("/", 1)
            self._listed[folder].add(name)
        self._looked_at: set[str] = set()

    def take(self, wanted: str) -> str:
        """`wanted`, such as "photos/apple/1.jpg", or with a number before its suffix."""
        folder, name = wanted.rsplit("/", 1)
        taken = self._listed[folder.lower()]
        on_disk = self._project.folder / folder
        if folder not in self._looked_at:
            self._looked_at.add(folder)
            taken.update(child.lower() for child in (os.listdir(on_disk) if on_disk.is_dir() else ()))
        name = free_name(name, taken)
        taken.add(name.lower())
        return f"{folder}/{name}"


def name_on_disk(photo: Photo) -> str:
    """What a photo's file is called in a class folder: as it came, a version with the ending of its own."""
    name, suffix = PurePosixPath(photo.name), PurePosixPath(photo.file).suffix
    return safe_name(name.name if not photo.made or name.suffix == suffix else name.stem + suffix)


def carry_out(
    project: Project, changes: list[Change], write_log: Callable[[sqlite3.Connection], object], shelves: Shelves
) -> None:
    """Move files, by changes of the column `file`, and change rows so that both happen or neither, inside `alone`.

    A photo that gets another content, by a change of the column `sha256`, leaves its file on its shelf, and the file of
    that content comes from there.

    `write_log` writes the change into the log, in the transaction that changes the rows.

    Raises:
        InputError: Files would move, and a job that knows photos by their place is going on.
        StorageError: A file can't be moved; nothing was changed.
    """
    moves = _moves(changes, shelves)
    if moves:
        refuse_edits(project.folder)
        project.keep_setting(MOVING, json.dumps(moves))
    by_column: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for photo, column, _, after in changes:
        by_column[column].append((after, photo))
    try:
        with disk_errors_in_words("moving the photos"):
            _move_all(project, moves)
        with project.database() as db:
            for column, rows in by_column.items():
                db.executemany(f"update photos set {column} = ? where id = ?", rows)
            write_log(db)
            db.execute("delete from settings where name = ?", (MOVING,))
    except (OSError, EspalierError):
        with suppress(OSError, EspalierError):  # else the next call does it
            _put_back(project)
        raise
    _remove_empty_folders(project, {before for before, _ in moves})


def _moves(changes: list[Change], shelves: Shelves) -> list[tuple[str, str]]:
    """From where to where files move."""
    contents = {photo: (before, after) for photo, column, before, after in changes if column == "sha256"}
    moves: list[tuple[str, str]] = []
    for photo, column, before, after in changes:
        if column == "file" and photo in contents:
            left, taken = contents[photo]
            moves += [(before, shelves[photo, left]), (shelves[photo, taken], after)]
        elif column == "file":
            moves.append((before, after))
    return moves


def shelves_of(project: Project, photo_ids: Iterable[int]) -> dict[tuple[int, str], str]:
    """Where the listed contents of photos lie that their rows don't show now, by photo and SHA-256."""
    query = "select photo, sha256, file from versions where photo in (select value from json_each(?))"
    with project.database() as db:
        rows = db.execute(query, (json.dumps(sorted(photo_ids)),)).fetchall()
    return {(photo, sha256): file for photo, sha256, file in rows}


def _move_all(project: Project, moves: Iterable[tuple[str, str]]) -> None:
    """Move files, their names on disk then.

    One that is not there, removed by hand, is passed over: its row says where it would be.
    """
    made: set[str] = set()
    changed: set[Path] = set()
    for before, after in moves:
        source, target = project.folder / before, project.folder / after
        parent = after.rsplit("/", 1)[0]
        if parent not in made:
            disk.make_folder(target.parent)
            made.add(parent)
        with suppress(FileNotFoundError):
            disk.move(source, target)
            changed |= {target.parent, source.parent}
    # What was added first: whatever a power cut leaves, a photo has one of its two names.
    for folder in sorted(changed, key=lambda folder: folder.relative_to(project.folder).as_posix() not in made):
        disk.sync_folder(folder)


def _put_back(project: Project) -> None:
    """Undo the moves of a change whose rows were not changed; the rows kept their places from being taken."""
    moves = _noted(project)
    if not moves:
        return
    with disk_errors_in_words("putting the photos back"):
        _move_all(project, [(after, before) for before, after in moves if not (project.folder / before).exists()])
    with project.database() as db:
        db.execute("delete from settings where name = ?", (MOVING,))
    _remove_empty_folders(project, {after for _, after in moves})


def _noted(project: Project) -> list[tuple[str, str]]:
    """The moves that were to come; none where the note is damaged, since what it said can't be carried out."""
    try:
        return [(str(before), str(after)) for before, after in value_of(project.setting(MOVING) or "[]")]
    except (ValueError, TypeError):
        return []


def _remove_empty_folders(project: Project, left: set[str]) -> None:
    """A class without photos is none, also for other tools that read the class folders."""
    for folder in {file.rsplit("/", 1)[0] for file in left}:
        with suppress(OSError):  # it isn't empty
            disk.remove_empty(project.folder / folder)
