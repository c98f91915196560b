"""What work that ended without a word has left: half-written files, what was unpacked, folders of saving and packing,
versions of photos that no change made.

None of it is ever read again. That it is left is said by locks, never by a file's age: the job's own (`worker.lock`),
and for files that are written anywhere that of the folder (`disk.using`).
"""

import os
import re
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

from core.base.files import WRITING
from core.jobs import kinds
from core.jobs.job import State
from core.packing.folder import TransferFolder
from core.packing.pack import SCRATCH
from core.projects.imports import ImportFolder
from core.upkeep import work
from core.upkeep.folders import children, files_below, folders_in, folders_like
from core.upkeep.removing import REMOVING, Item
from core.upkeep.shelves import unmade

DAMAGED = ".damaged"  # ends the names of files that were put aside as they couldn't be read, and made anew
MADE_ANEW = ("cache", "search", "engine")  # where such a file is of no use; a project's database always is
TEMPORARY = re.compile(r"tmp[a-z0-9_]{8}")  # as Python's tempfile calls folders


def leftovers(home: Path, uploads: bool = False) -> list[Item]:
    """What can go, each with who might still need it.

    Args:
        home: The workspace's folder.
        uploads: Also photos that were uploaded for an import that ended early and that can't be continued any more.
    """
    found = [Item((Path(entry.path),)) for entry in children(home / REMOVING)]
    busy = cache(partial(work.anywhere, home))  # asked once for all that is found
    for project in work.projects(home):
        in_use = cache(partial(work.in_project, project, home))
        found += _half_written(project, in_use)
        found += _of_imports(project, uploads)
        found += _of_jobs(project)
        found += _damaged(project, in_use)
        found += unmade(project)
    for folder in folders_in(home):
        if folder.name not in ("projects", "trash", REMOVING):
            found += _half_written(folder, busy)
    return [*found, *_of_jobs(home), *_damaged(home, busy), *_of_transfers(home)]


def _half_written(folder: Path, in_use: Callable[[], bool]) -> Iterator[Item]:
    """Files that have not become whole."""
    for entry in files_below(folder):
        if entry.name.startswith(WRITING) and not in_use():
            path = Path(entry.path)
            yield Item((path,), written_in=path.parent)


def _damaged(place: Path, in_use: Callable[[], bool]) -> Iterator[Item]:
    """What was put aside as damaged and has been made anew."""
    for folder in MADE_ANEW:
        for entry in files_below(place / folder):
            if entry.name.endswith(DAMAGED) and not in_use():
                yield Item((Path(entry.path),), in_use)


def _of_jobs(place: Path) -> Iterator[Item]:
    """Folders in which a killed worker was saving something, of jobs below a project or the workspace."""
    for kind in kinds.KINDS.values():
        places = kind.places.format(project="*") if not kind.in_project else kind.places
        for job in folders_like(place, places):
            yield from _scratch_of(job)


def _scratch_of(job: Path) -> Iterator[Item]:
    for folder in folders_in(job):
        is_scratch = folder.name.startswith(SCRATCH) or TEMPORARY.fullmatch(folder.name)
        if is_scratch and not work.is_active(job):
            yield Item((folder,), partial(work.is_active, job))


def _of_imports(project: Path, uploads: bool) -> Iterator[Item]:
    """What was unpacked for an import, which does that anew when it is continued; and what is no longer needed."""
    found = [ImportFolder(folder) for folder in folders_in(project / "imports")]
    last = max(found, key=_last_word, default=None)  # the page offers to continue it
    for this in found:
        kept = [folder for folder in (this.incoming, this.unpacked, this.samples) if os.path.lexists(folder)]
        if not kept or this.job.state().is_active or this.question():
            continue
        # without a word of the job's, uploads may still come in
        is_given_up = uploads and this not in (last, found[-1]) and bool(this.job.events())
        is_over = this.job.state() is State.FINISHED or is_given_up
        if paths := tuple(folder for folder in kept if is_over or folder == this.unpacked):
            yield Item(paths, partial(work.is_active, this.folder))


def _last_word(this: ImportFolder) -> tuple[int, float]:
    """When it was last submitted; of an earlier version, which didn't number them, when it last said something."""
    number = this.job.submission()
    return number, 0.0 if number else max((event["time"] for event in this.job.events()), default=0.0)


def _of_transfers(home: Path) -> Iterator[Item]:
    """Zips that were uploaded to be opened, once they were, or their worker died."""
    for folder in folders_like(home, kinds.OPEN.places):
        transfer = TransferFolder(folder)
        if transfer.upload.is_file() and transfer.job.events() and not work.is_active(folder):
            yield Item((transfer.upload,), partial(work.is_active, folder))
