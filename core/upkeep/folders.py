"""Looking into folders and never out of them: no link is followed, and what can't be read counts as empty."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

HAS_JUNCTIONS = os.name == "nt" and hasattr(os.DirEntry, "is_junction")  # since Python 3.12
MOST_LOOKED_AT = 200_000  # files at a time: a page waits for it


def children(folder: Path) -> list[os.DirEntry]:
    """What lies in a folder, by name; nothing where it is no folder, a link to one, or can't be read."""
    try:
        if folder.is_symlink():
            return []
        with os.scandir(folder) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def is_folder(entry: os.DirEntry) -> bool:
    """Whether it is a folder of its own, and not a link to one; on Windows neither a junction."""
    try:
        return entry.is_dir(follow_symlinks=False) and not (HAS_JUNCTIONS and entry.is_junction())
    except OSError:
        return False


def folders_in(folder: Path) -> list[Path]:
    """The folders in a folder, by name."""
    return [Path(entry.path) for entry in children(folder) if is_folder(entry)]


def folders_like(folder: Path, pattern: str) -> list[Path]:
    """The folders below one whose way there fits a pattern such as "runs/*/exports/*"."""
    found = [folder]
    for part in pattern.split("/"):
        found = [inner for each in found for inner in folders_in(each) if fnmatchcase(inner.name, part)]
    return found


def files_below(path: Path) -> Iterator[os.DirEntry]:
    """All that is no folder in a folder, however deep, links among them; of a file itself, it."""
    if not path.is_dir() or path.is_symlink():
        yield from (entry for entry in children(path.parent) if entry.name == path.name)
        return
    waiting = [str(path)]
    while waiting:
        try:
            found = os.scandir(waiting.pop())
        except OSError:
            continue
        with found:
            for entry in found:
                if is_folder(entry):
                    waiting.append(entry.path)
                else:
                    yield entry


@dataclass
class Measuring:
    """Adds up what files take on the disk, those that have several names once all of them were met.

    Args:
        most: Files that are looked at in all; what is beyond counts nothing, and `is_whole` says so.
    """

    most: int = MOST_LOOKED_AT
    is_whole: bool = True

    def __post_init__(self) -> None:
        self._met: dict[tuple[int, int], int] = {}

    def bytes_of(self, paths: Iterable[Path]) -> int:
        """The room that is free once these files and folders are gone, in bytes."""
        found = 0
        for path in paths:
            for entry in files_below(path):
                if self.most <= 0:
                    self.is_whole = False
                    return found
                self.most -= 1
                found += self._freed(entry)
        return found

    def _freed(self, entry: os.DirEntry) -> int:
        try:
            facts = entry.stat(follow_symlinks=False)
        except OSError:  # gone since
            return 0
        if facts.st_nlink <= 1:  # 0 on Windows, which doesn't say
            return facts.st_size
        name = (facts.st_dev, facts.st_ino)
        self._met[name] = self._met.get(name, 0) + 1
        return facts.st_size if self._met[name] == facts.st_nlink else 0
