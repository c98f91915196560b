"""Caches: what can be computed again, kept so that it need not be; and a bound for them, the longest unused first.

When one was last of use is said by the times of its files: whoever reads it notes that (`disk.note_use`). A clock that
was set back only lets another cache go than should have, which costs time and nothing else.
"""

import os
import shutil
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial
from operator import call
from pathlib import Path

from core.upkeep import work
from core.upkeep.folders import Measuring, children, files_below, folders_in, is_folder
from core.upkeep.removing import Item, Removed, remove_all

MOST_BYTES = 20_000_000_000  # of all together, or SHARE of the disk if that is less
SHARE = 0.1
KEYS = (".index", ".keys")  # which rows there are: gone first, so that no row is ever taken for another's


@dataclass(frozen=True)
class Cache:
    """What belongs together: the files of one name, or a folder.

    Args:
        item: Its files, and who might need them.
        used: When it was last of use, Unix seconds as the disk's clock had them.
    """

    item: Item
    used: float


def caches(home: Path) -> list[Cache]:
    """Features and activations of the workspace and of each project, and base models converted for the engine."""
    anywhere = partial(work.anywhere, home)
    found = [_cache((folder,), anywhere) for folder in folders_in(home / "engine")]
    found += _kept_in(home / "cache", anywhere)
    for project in work.projects(home):
        found += _kept_in(project / "cache", partial(work.in_project, project, home))
    return found


def _kept_in(folder: Path, in_use: Callable[[], bool]) -> list[Cache]:
    by_name: dict[tuple[Path, str], list[Path]] = defaultdict(list)
    for place in (folder, *folders_in(folder)):
        for entry in children(place):
            if not is_folder(entry):
                name = entry.name.rpartition(".")[0] or entry.name
                by_name[place, name].append(Path(entry.path))
            elif place != folder:
                by_name[place, entry.name].append(Path(entry.path))
    return [
        _cache(tuple(sorted(paths, key=lambda path: (path.suffix not in KEYS, path.name))), in_use)
        for paths in by_name.values()
    ]


def _cache(paths: tuple[Path, ...], in_use: Callable[[], bool]) -> Cache:
    times = [_time(entry) for path in paths for entry in files_below(path)]
    return Cache(Item(paths, in_use), max(times, default=0.0))


def _time(entry: os.DirEntry) -> float:
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except OSError:
        return 0.0


def bound(home: Path) -> int:
    """How many bytes the caches may take together; 0 where the disk can't be asked."""
    try:
        return int(min(MOST_BYTES, SHARE * shutil.disk_usage(home).total))
    except OSError:
        return 0


def keep_bounded(home: Path, most_bytes: int | None = None) -> Removed:
    """Remove caches that were unused longest until all together are within the bound; what work needs stays.

    Args:
        home: The workspace's folder.
        most_bytes: The bound; None for that of `bound`.

    Raises:
        StorageError: The workspace can't be written.
    """
    most_bytes = bound(home) if most_bytes is None else most_bytes
    found = sorted(caches(home), key=lambda each: each.used)
    sizes = [Measuring().bytes_of(each.item.paths) for each in found]
    too_much, chosen = sum(sizes) - most_bytes, []
    asked = cache(call)  # once for each project
    for each, size in zip(found, sizes, strict=True):
        if too_much > 0 and size and not asked(each.item.in_use):
            chosen.append(each.item)
            too_much -= size
    return remove_all(home, together(chosen))


def together(items: list[Item]) -> list[Item]:
    """The same in one item for each that might need them, so that each is asked once and not for every file."""
    paths: dict[Callable[[], bool], list[Path]] = defaultdict(list)
    for item in items:
        paths[item.in_use] += item.paths
    return [Item(tuple(found), in_use) for in_use, found in paths.items()]
