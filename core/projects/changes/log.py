"""The log of what the user changed: the last change can be taken back, and what was taken back be done again.

A row of the table `edits` for each change, numbered in the order in which they were made. Those that stand have
`undone` = 0. Of those that were taken back the ones that can be done again have `redoable` = 1, until another change
is made, in whichever window.
"""

import json
import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import itemgetter

from core.base.errors import InputError
from core.base.files import value_of
from core.projects.changes.moves import Change, FreePlaces, carry_out, shelves_of
from core.projects.changes.seen import put_seen, seen_before
from core.projects.changes.shelf import Version, put_versions
from core.projects.project import Project

LAST_STANDING = "where undone = 0 order by id desc limit 1"
NEXT_AGAIN = "where undone = 1 and redoable = 1 order by id limit 1"


@dataclass(frozen=True)
class Edit:
    """One change in the log.

    Args:
        id: Later changes have higher numbers.
        time: Unix seconds.
        what: A sentence without its full stop, such as "Moved 12 photos to apple".
    """

    id: int
    time: float
    what: str


def last_edit(project: Project) -> Edit | None:
    """The change that `undo` would take back, or None."""
    return _edit(project, LAST_STANDING)


def last_undone(project: Project) -> Edit | None:
    """The change that `redo` would do again, or None."""
    return _edit(project, NEXT_AGAIN)


def _edit(project: Project, which: str) -> Edit | None:
    with project.database() as db:
        row = db.execute(f"select id, time, what from edits {which}").fetchone()
    return Edit(*row) if row else None


def do(project: Project, changes: list[Change], what: str, made: Iterable[Version] = ()) -> Edit:
    """Carry changes out and write them into the log, inside `moves.alone`; what was undone can't be redone any more.

    Args:
        project: Whose photos.
        changes: What changes.
        what: A sentence without its full stop.
        made: Contents that photos get by it and what they were, which are listed with it.
    """
    if not changes:
        raise InputError("There is nothing to change: these photos are like that already.")

    def write(db: sqlite3.Connection) -> None:
        db.execute("update edits set redoable = 0 where redoable != 0")
        query = "insert into edits (time, what, changes, undone) values (?, ?, ?, 0)"
        db.execute(query, (time.time(), what, json.dumps(changes)))
        put_versions(db, made)

    _carry_out(project, changes, write, made)
    return last_edit(project)


def take_back(project: Project, edit: Edit) -> None:
    """Make rows and files what they were before a change, inside `moves.alone`."""
    _go(project, edit, "undone = 1, redoable = 1", itemgetter(3, 2))


def do_again(project: Project, edit: Edit) -> None:
    """Make rows and files what they were after a change that was taken back, inside `moves.alone`."""
    _go(project, edit, "undone = 0, redoable = 0", itemgetter(2, 3))


def _go(project: Project, edit: Edit, state: str, ends: Callable[[Change], tuple]) -> None:
    """Change rows and files from one of the ends of each logged change to the other.

    Files lie where their rows say now, and a place that was taken meanwhile isn't taken again.
    """
    with project.database() as db:
        (logged,) = db.execute("select changes from edits where id = ?", (edit.id,)).fetchone()
    changes = _logged(logged)
    now_at = {photo.id: photo.file for photo in project.photos_with_ids({change[0] for change in changes})}
    places = FreePlaces(project)
    wanted = []
    for change in changes:
        photo, column, (before, after) = change[0], change[1], ends(change)
        if photo in now_at:  # a repair of the list can have lost one
            if column == "file":
                before, after = now_at[photo], places.take(after)
            wanted.append([photo, column, before, after])
    _carry_out(project, wanted, lambda db: db.execute(f"update edits set {state} where id = ?", (edit.id,)))


def _carry_out(
    project: Project,
    changes: list[Change],
    write_log: Callable[[sqlite3.Connection], object],
    made: Iterable[Version] = (),
) -> None:
    """As `carry_out`; photos that get another content are looked at first, and what they look like is kept with it."""
    remade = {photo for photo, column, _, _ in changes if column == "sha256"}
    shelves = shelves_of(project, remade) if remade else {}
    shelves = {(version.photo, version.sha256): version.file for version in made} | shelves
    seen = seen_before(project, changes, shelves)

    def write(db: sqlite3.Connection) -> None:
        put_seen(db, seen)
        write_log(db)

    carry_out(project, changes, write, shelves)


def _logged(text: str) -> list[Change]:
    """The changes that a row of the log holds."""
    try:
        return [[int(photo), str(column), before, after] for photo, column, before, after in value_of(text)]
    except (ValueError, TypeError) as error:
        raise InputError("What this change did is damaged, so it can't be taken back.") from error
