"""A project whose list of photos is damaged or gone gets one again, from what is left: the file, backups, folders."""

import os
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from core.base import disk
from core.base.errors import DamagedError, InputError
from core.base.files import appearing_whole, disk_errors_in_words
from core.base.words import counted
from core.jobs.active import active_jobs
from core.projects.database.backup import good_backups, refuse_damaged
from core.projects.database.connection import address_of, journal_of
from core.projects.database.errors import database_errors_in_words
from core.projects.database.salvage import Salvaged, salvage
from core.projects.database.schema import migrate
from core.projects.project import Project

ASIDE = "project.db.damaged"  # what the damaged file is called from then on
REPAIRED = "repaired"  # the setting: what was restored and what was lost, in sentences
LOCK_WAIT_S = 5


@dataclass(frozen=True)
class _Made:
    """A list that was made: its file, and how it was come by, in sentences."""

    path: Path
    words: str


def repair(project: Project) -> str:
    """Put a list in place of one that is damaged or gone; the damaged file stays beside it, under another name.

    What can still be read of the file comes first, when that is all of it; else the newest backup that is whole, with
    the photos that the file has beyond it; else what can be read; else an empty list. `relisting` then brings it in
    line with the files in the project's folders.

    Returns:
        What was restored and what was lost, in sentences; they are kept as the setting REPAIRED.

    Raises:
        InputError: There is nothing to repair, work is going on in the project, or a newer version of the app wrote it.
        StorageError: The disk is full or can't be written.
    """
    folder = project.folder
    if any(active_jobs(folder)):
        raise InputError(f"{project.id} is still being worked on. Wait for it or stop it first.")
    with disk_errors_in_words("repairing the list of photos"), _alone(folder):
        _refuse_whole(project)
        with (
            tempfile.TemporaryDirectory(prefix=".writing-", dir=folder, ignore_cleanup_errors=True) as scratch,
            appearing_whole(folder / "project.db") as beside,
        ):
            made = _best(folder, Path(scratch))
            disk.copy(made.path, beside)
            kept = _set_aside(folder)
            words = " ".join(filter(None, (made.words, kept)))
            with database_errors_in_words(folder), closing(sqlite3.connect(beside)) as db, db:
                db.execute("pragma journal_mode = wal")
                db.execute("insert or replace into settings values (?, ?)", (REPAIRED, words))
    return words


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the lock of every change of photos: nobody may change what is being repaired."""
    lock = FileLock(folder / "edits.lock")
    try:
        lock.acquire(timeout=LOCK_WAIT_S)
    except Timeout as error:
        raise InputError("Another window is changing photos of this project. Try again in a moment.") from error
    try:
        yield
    finally:
        lock.release()


def _refuse_whole(project: Project) -> None:
    try:
        project.check()
        with project.database() as db:
            refuse_damaged(db)
    except DamagedError:
        return
    raise InputError(f"The list of photos of {project.id} can be read: there is nothing to repair.")


def _best(folder: Path, scratch: Path) -> _Made:
    """The best list that can be made, in the scratch folder."""
    left, backed = scratch / "left.db", scratch / "backed.db"
    found = salvage(_what_is_left(folder), left, folder.name, scratch)
    n = counted(found.rows["photos"], "photo")
    if found.whole:
        return _Made(left, f"All of the list could still be read: {n}, the settings and the changes to undo.")
    for backup in good_backups(folder):
        disk.copy(backup, backed)
        with suppress(sqlite3.DatabaseError):
            return _Made(backed, _from_backup(backed, left, backup.stem.split(" ")[-1]))
    if not found.rows["photos"]:
        made = "it is made anew from the folders of the photos, and the classes are called as their folders."
        return _Made(left, f"No photo could be read from the list, and there was no backup: {made} {_lost(found)}")
    anew = "Photos that are missing in it are found again in their folders."
    return _Made(left, f"{n} could still be read from the list; there was no backup. {_lost(found)} {anew}")


def _what_is_left(folder: Path) -> Path:
    """The damaged file; where it is gone the one that an earlier repair put aside and did not end."""
    aside = sorted(folder.glob(f"{ASIDE}*"), key=lambda path: (len(path.name), path.name))
    own = [path for path in aside if not path.name.endswith(("-wal", "-shm"))]
    path = folder / "project.db"
    return own[-1] if own and not os.path.lexists(path) else path


def _from_backup(backed: Path, left: Path, day: str) -> str:
    """Bring a backup to today's tables, with the photos that only the damaged file has; how that is told."""
    with closing(sqlite3.connect(address_of(backed, "mode=rw"), uri=True)) as db:
        with db:
            migrate(db)
        db.execute("attach ? as left_over", (str(left),))
        with db:
            before = db.execute("select count(*) from photos").fetchone()[0]
            db.execute(
                "insert or ignore into photos select * from left_over.photos"
                " where id > (select ifnull(max(id), 0) from main.photos)"
            )
            for table in ("looks", "pictures", "versions"):
                wanted = "where photo in (select id from main.photos)"
                db.execute(f"insert or ignore into {table} select * from left_over.{table} {wanted}")
            now = db.execute("select count(*) from photos").fetchone()[0]
    more = f"{counted(now - before, 'newer photo')} could be read from the damaged list. " if now > before else ""
    return (
        f"The list was restored from the backup of {day}: {counted(before, 'photo')}. {more}Settings and changes to "
        "undo are those of that day; where photos were moved to another class since, their folders tell it."
    )


def _lost(found: Salvaged) -> str:
    names = {"edits": "the changes to undo", "settings": "the settings", "photos": "what was said of photos"}
    lost = [words for table, words in names.items() if table in found.lacking]
    return f"Lost, wholly or in part: {', '.join(lost)}."


def _set_aside(folder: Path) -> str:
    """Keep the damaged file under another name, its journal too, so that no new list is taken for its own."""
    path, journal = folder / "project.db", journal_of(folder / "project.db")
    aside, number = folder / ASIDE, 1
    while os.path.lexists(aside) or os.path.lexists(journal_of(aside)):
        number += 1
        aside = folder / f"{ASIDE} {number}"
    if not os.path.lexists(path) and not os.path.lexists(journal):
        return ""
    if os.path.lexists(path):
        try:
            disk.link(path, aside)
        except OSError:  # a folder, or a disk without links
            disk.replace(path, aside)
    if os.path.lexists(journal):
        disk.replace(journal, journal_of(aside))
    disk.remove(path.with_name("project.db-shm"))  # only what the journal would tell
    disk.sync_folder(folder)
    return f"The damaged list is kept as {aside.name} in the project's folder."
