"""What takes room in the workspace that can be had back: how much, kind by kind, and one call to remove all of it."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.jobs import kinds
from core.jobs.job import Job, State
from core.upkeep import work
from core.upkeep.caches import caches, together
from core.upkeep.folders import Measuring, children, folders_in, folders_like
from core.upkeep.leftovers import leftovers
from core.upkeep.removing import Item, Removed, remove_all

TRASH, CACHES, LEFTOVERS, BATCHES, EXPORTS = "trash", "caches", "leftovers", "batches", "exports"
BATCHES_FOLDER = "batches"  # below a project's trash: the batches among its runs


@dataclass(frozen=True)
class Usage:
    """What one kind takes: how many things, their bytes, and whether all of them were looked at (else it is more)."""

    items: int
    bytes: int
    is_whole: bool


def usage(home: Path) -> dict[str, Usage]:
    """What each kind takes, by its name, in the order that they are shown in; links are not followed."""
    return {name: _usage_of(find(home.resolve())) for name, find in FIND.items()}


def free_room(home: Path) -> tuple[int, int]:
    """How many bytes of the workspace's disk are free, and how many it has; zeros where it can't be asked."""
    try:
        room = shutil.disk_usage(nearest(home))
    except OSError:
        return 0, 0
    return room.free, room.total


def nearest(home: Path) -> Path:
    """The workspace's folder, or what it will be made in."""
    return next((folder for folder in (home, *home.parents) if folder.is_dir()), home)


def empty(home: Path, name: str) -> Removed:
    """Remove all of a kind but what work needs that goes on.

    Args:
        home: The workspace's folder.
        name: TRASH, CACHES ...

    Raises:
        StorageError: Nothing could be removed, since the workspace can't be written.
    """
    home = home.resolve()
    return remove_all(home, FIND[name](home))


def _usage_of(items: list[Item]) -> Usage:
    measuring = Measuring()
    taken = measuring.bytes_of(path for item in items for path in item.paths)
    return Usage(len(items), taken, measuring.is_whole)


def _trash(home: Path) -> list[Item]:
    """Projects, runs and batches that were moved to the trash."""
    found = [Item((folder,), partial(work.in_project, folder, home)) for folder in folders_in(home / "trash")]
    for project in work.projects(home):
        for entry in children(project / "trash"):
            if entry.name != BATCHES_FOLDER:
                found.append(_job(Path(entry.path)))
        found += [_job(batch) for batch in folders_in(project / "trash" / BATCHES_FOLDER)]
    return found


def _job(folder: Path) -> Item:
    return Item((folder,), partial(work.is_active, folder))


def _caches(home: Path) -> list[Item]:
    return together([each.item for each in caches(home)])


def _leftovers(home: Path) -> list[Item]:
    return leftovers(home, uploads=True)


def _batches(home: Path) -> list[Item]:
    """Those that are done, with their answers and photos."""
    return [
        Item((batch,), partial(_at_work, batch))
        for project in work.projects(home)
        for batch in folders_like(project, kinds.PREDICT.places)
        if Job(batch).state() is State.FINISHED
    ]


def _at_work(batch: Path) -> bool:
    """Whether photos are asked about, or the zip of them is made."""
    return any(map(work.is_active, (batch, *folders_in(batch))))


def _exports(home: Path) -> list[Item]:
    """Models that were taken away, and projects that were taken along."""
    found = [folder for project in work.projects(home) for folder in folders_like(project, kinds.EXPORT.places)]
    return [_job(folder) for folder in [*found, *folders_like(home, kinds.PACK.places.format(project="*"))]]


FIND: dict[str, Callable[[Path], list[Item]]] = {
    TRASH: _trash,
    CACHES: _caches,
    LEFTOVERS: _leftovers,
    BATCHES: _batches,
    EXPORTS: _exports,
}
