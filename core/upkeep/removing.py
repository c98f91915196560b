"""Removing things of the workspace for good: never what work needs that goes on, and said what is free then."""

import os
import secrets
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from core.base import disk
from core.base.errors import StorageError
from core.base.files import NO_ROOM, disk_errors_in_words
from core.base.words import storage
from core.upkeep.folders import Measuring

MOST_MEASURED = 2_000_000  # files; to look at one takes a tenth of the time that it takes to remove it
REMOVING = "removing"  # the workspace's folder of what is being removed, or was when the app was ended


def never() -> bool:
    """Nobody needs it."""
    return False


@dataclass(frozen=True)
class Item:
    """What is removed together.

    Args:
        paths: Files or folders in the workspace; their order is kept.
        in_use: Whether work that goes on needs them.
        written_in: The folder that somebody may still be writing them in, so that they go only while nobody does.
    """

    paths: tuple[Path, ...]
    in_use: Callable[[], bool] = never
    written_in: Path | None = None


@dataclass(frozen=True)
class Removed:
    """What became of things that were to be removed: bytes that are free now, and how many things are still there."""

    bytes: int = 0
    items: int = 0
    in_use: int = 0
    failed: int = 0

    def __add__(self, other: "Removed") -> "Removed":
        return Removed(
            self.bytes + other.bytes,
            self.items + other.items,
            self.in_use + other.in_use,
            self.failed + other.failed,
        )

    @property
    def words(self) -> str:
        """The same for the screen."""
        parts = [f"{storage(self.bytes)} are free again." if self.items else "Nothing was removed."]
        if self.in_use:
            parts.append(f"Left, since work that goes on needs them: {self.in_use:,}.")
        if self.failed:
            parts.append(
                f"Not removed: {self.failed:,}. Check the permissions of the folder, and whether another program has "
                "a file of it open."
            )
        return " ".join(parts)


def remove_all(home: Path, items: Iterable[Item]) -> Removed:
    """Remove things of the workspace, each wholly or as far as it can be.

    Raises:
        StorageError: Nothing could be removed, since the workspace can't be written.
    """
    measuring, done, first_error = Measuring(MOST_MEASURED), Removed(), None
    for item in items:
        try:
            done += _remove(home, item, measuring)
        except FileNotFoundError:  # another window was faster
            continue
        except OSError:
            done += Removed(failed=1)
        except StorageError as error:
            first_error = first_error or error
            done += Removed(failed=1)
    if first_error and not done.items:
        raise first_error
    return done


def _remove(home: Path, item: Item, measuring: Measuring) -> Removed:
    with _nobody_writing(item) as alone:
        if not alone or item.in_use():
            return Removed(in_use=1)
        size = measuring.bytes_of(item.paths)
        with disk_errors_in_words("clearing away"):
            moved = [(path, _moved_aside(home, path)) for path in item.paths if os.path.lexists(path)]
        if item.in_use():  # somebody began meanwhile, and may have seen it before it was gone
            for path, aside in moved:
                if not os.path.lexists(path):
                    disk.replace(aside, path)
            return Removed(in_use=1)
    for _, aside in moved:
        _erase(aside)
    left = [aside for _, aside in moved if os.path.lexists(aside)]
    freed = max(0, size - Measuring(MOST_MEASURED).bytes_of(left))
    return Removed(freed, items=0 if left else 1, failed=1 if left else 0)


def _nobody_writing(item: Item) -> AbstractContextManager[bool]:
    return disk.alone_in(item.written_in, unless_known=False) if item.written_in else nullcontext(True)


def _moved_aside(home: Path, path: Path) -> Path:
    """Where it lies until it is removed: gone at once for all others, and by the next start if this is ended.

    On a disk so full that nothing can be moved it is removed from its own place.
    """
    aside = home / REMOVING / secrets.token_hex(8)
    if aside.parent.is_symlink():  # nothing leaves the workspace
        return path
    try:
        aside.parent.mkdir(exist_ok=True)
        disk.replace(path, aside)
    except OSError as error:
        if error.errno in NO_ROOM:
            return path
        raise
    return aside


def _erase(path: Path) -> None:
    """Remove it, as far as it can be; of a link, that alone."""
    if path.is_dir() and not path.is_symlink():
        disk.remove_folder(path)
        return
    try:
        disk.remove(path)
    except OSError:
        return
