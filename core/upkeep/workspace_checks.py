"""What the doctor asks of the workspace: its disk, and whether that can be written; jobs, projects, room, times."""

import os
import secrets
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from filelock import FileLock, Timeout

from core.base import disk
from core.base.computer import home_folder
from core.base.errors import StorageError
from core.base.files import WRITING, disk_errors_in_words
from core.base.words import counted, storage
from core.jobs.job import Job, State
from core.jobs.kinds import KINDS
from core.projects.database.schema import SCHEMA_VERSION
from core.upkeep import work
from core.upkeep.caches import bound
from core.upkeep.computer_checks import NETWORK_DISKS, file_system
from core.upkeep.finding import Finding
from core.upkeep.folders import children, folders_like
from core.upkeep.room import CACHES, LEFTOVERS, free_room, nearest, usage

LEAST_FREE = 2_000_000_000  # bytes: a model, its caches, and what other programs need
SLOW_MS = 1000  # for one file of a megabyte that is whole and on the disk
TEST_BYTES = 1_000_000
BUSY_S = 5  # that another program may hold a database


def place(home: Path, environment: Mapping[str, str]) -> Finding:
    """Where the workspace lies: said without the names of folders, unless it is the usual place."""
    usual = home == home_folder({})
    where = "~/Espalier" if usual else "a place of its own (ESPALIER_HOME)"
    kind = file_system(nearest(home).resolve())
    values = {"usual_place": usual, "named": bool(environment.get("ESPALIER_HOME")), "file_system": kind}
    values |= {"there": home.is_dir(), "network": kind in NETWORK_DISKS}
    words = f"The workspace is in {where}{', on ' + kind if kind else ''}."
    if not home.is_dir():
        words += " It is not there yet; the first project makes it."
    if values["network"]:
        words += " That is a disk of another computer: slow, and locks may not hold. A disk of this one is better."
    return Finding("place", not values["network"], words, values)


def room_on_disk(home: Path) -> Finding:
    """Free and in all."""
    free, total = free_room(home)
    ok = free >= LEAST_FREE
    words = f"{storage(free)} of {storage(total)} are free."
    if not ok:
        words += " That is little: empty the trash and clear the caches on the page Projects, or free some elsewhere."
    return Finding("disk", ok, words, {"free": free, "total": total})


def writing(home: Path) -> Finding:
    """Whether a file can be written, synced and put in place, how long that takes, and whether locks hold."""
    folder = nearest(home)
    try:
        with disk_errors_in_words("writing a file to test that"):
            ms = round(_written_in(folder) * 1000, 1)
    except StorageError as error:
        return Finding("writing", False, str(error), {"ms": None})
    except OSError as error:
        return Finding("writing", False, f"A file could not be written: {error.strerror}.", {"ms": None})
    locks = _lock_holds(folder)
    words = f"A file of {storage(TEST_BYTES)} was on the disk after {ms:,.0f} ms."
    if ms > SLOW_MS:
        words += " That is slow: the disk is busy, failing, or far away."
    if not locks:
        words += " Two programs could lock the same file, so work could be done twice. Choose another disk."
    return Finding("writing", locks and ms <= SLOW_MS, words, {"ms": ms, "locks_hold": locks})


def _written_in(folder: Path) -> float:
    """Seconds that it takes to write a file, sync it and put it in place; nothing of it stays."""
    beside, target = (folder / f"{WRITING}{secrets.token_hex(8)}{end}" for end in (".1", ".2"))
    began = time.perf_counter()
    try:
        disk.write(beside, os.urandom(TEST_BYTES))
        disk.sync_file(beside)
        disk.replace(beside, target)
        return time.perf_counter() - began
    finally:
        for path in (beside, target):
            disk.remove(path)


def _lock_holds(folder: Path) -> bool:
    path = folder / f"{WRITING}{secrets.token_hex(8)}.lock"
    try:
        with FileLock(path, timeout=0):
            try:
                with FileLock(path, timeout=0):
                    return False
            except Timeout:
                return True
    finally:
        disk.remove(path)


def jobs(home: Path) -> Finding:
    """What goes on, whose worker died, and what waits in the queue."""
    active, lost = Counter(), 0
    for kind, folder in _jobs(home):
        state = Job(folder).state()
        active[kind] += state.is_active
        lost += state is State.LOST
    tickets = [Path(entry.path) for entry in children(home / "queue") if entry.is_file(follow_symlinks=False)]
    stale = sum(not _is_waited_for(home, ticket) for ticket in tickets)
    going = ", ".join(f"{n} {kind}" for kind, n in sorted(active.items()) if n) or "none"
    words = f"Jobs that go on: {going}. Jobs whose worker died: {lost}."
    if stale:
        words += f" {counted(stale, 'ticket')} in the queue of jobs that have ended; the next job clears them away."
    values = {"active": dict(+active), "lost": lost, "tickets": len(tickets), "stale_tickets": stale}
    return Finding("jobs", True, words, values)


def _jobs(home: Path) -> Iterator[tuple[str, Path]]:
    for kind in KINDS.values():
        if kind.in_project:
            roots, places = [home, *work.projects(home)], kind.places
        else:
            roots, places = [home], kind.places.format(project="*")
        for folder in (each for root in roots for each in folders_like(root, places)):
            if (folder / "events.jsonl").is_file():
                yield kind.name, folder


def _is_waited_for(home: Path, ticket: Path) -> bool:
    try:
        return work.is_active(home.resolve() / os.fsdecode(ticket.read_bytes()))
    except (OSError, ValueError):
        return False


def projects(home: Path) -> Finding:
    """Which can't be opened, by their number in the order of their folders' names."""
    folders = work.projects(home)
    bad = {number: words for number, folder in enumerate(folders, 1) if (words := _damage(folder))}
    words = f"{counted(len(folders), 'project')}."
    if bad:
        words += "".join(f" Project {number} {what}." for number, what in bad.items())
        words += " They are counted in the order of the folders below projects."
    values = {
        "projects": len(folders),
        "schema": SCHEMA_VERSION,
        "damaged": [{"project": n, "what": what} for n, what in bad.items()],
    }
    return Finding("projects", not bad, words, values)


def _damage(folder: Path) -> str:
    """What is wrong with a project's database, which is only read; "" where all is well."""
    path = folder / "project.db"
    if not path.is_file():
        return "has no database"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_S)) as db:
            version = db.execute("pragma user_version").fetchone()[0]
            said = db.execute("pragma quick_check(1)").fetchone()
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorname", "") or type(error).__name__
        return f"can't be read ({code}): its database is damaged or protected"
    if version > SCHEMA_VERSION:
        return "was made by a newer version of the app"
    return "" if said == ("ok",) and version > 0 else "has a damaged database"


def kept(home: Path) -> Finding:
    """What can be had back."""
    found, most = usage(home), bound(nearest(home))
    parts = [f"{name} {storage(each.bytes)}" for name, each in found.items() if each.items]
    words = f"What can be had back: {', '.join(parts) or 'nothing'}. Caches take at most {storage(most)}."
    ok = found[CACHES].bytes <= most or work.anywhere(home)
    if not ok:
        words += " They take more: the next start of the app removes those that were unused longest."
    values = {name: each.bytes for name, each in found.items()} | {"caches_at_most": most}
    return Finding("kept", ok, words, values | {"leftover_files": found[LEFTOVERS].items})


def written(home: Path) -> list[float]:
    """When the app wrote its own files, Unix seconds; photos have the times that they came with."""
    paths = [folder / "project.db" for folder in work.projects(home)]
    paths += [folder / "events.jsonl" for _, folder in _jobs(home)]
    return [path.stat().st_mtime for path in paths if path.is_file()]
