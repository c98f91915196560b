"""What an archive of any kind is read into: files with their names, and why some are never taken."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

OUTSIDE = "its name points outside the archive"
LINK = "it is a link, not a photo"
NO_FILE = "it is no file but a device"
LOCKED = "it is locked with a password"
UNKNOWN_METHOD = "it is packed in a way that can't be read here"
DAMAGED = "damaged in the archive"
TOO_DEEP = "an archive in an archive inside this one is not opened; unpack it first"
BESIDE_PHOTOS = "an archive inside this one is not opened where photos lie beside it; unpack it first"

HERE = re.compile(r"^(?:\./+)+")
ROOT = re.compile(r"^(?:[.?]?/+|[A-Za-z]:(?=/))+")  # "/", "C:/", "//", "//?/C:/"


@dataclass(frozen=True)
class Entry:
    """One file in an archive; nothing of it is read yet.

    Args:
        name: With "/" between folders.
        size: Bytes that it says it unpacks to.
        packed: Bytes that it takes in the archive, None where only the archive as a whole is packed.
        refused: Why it is never taken, "" where nothing speaks against it.
        chunks: Its bytes, in pieces, never more than `size`; raises what its library does where it is damaged.
    """

    name: str
    size: int
    packed: int | None
    refused: str
    chunks: Callable[[], Iterator[bytes]]


@dataclass
class Contents:
    """An open archive.

    Args:
        entries: Its files.
        note: A sentence on how their names were read, where that was a guess.
        folders: Names of the folders that it lists, with or without a slash at the end.
    """

    entries: list[Entry] = field(default_factory=list)
    note: str = ""
    folders: list[str] = field(default_factory=list)

    @property
    def empty_folders(self) -> list[str]:
        """Those under which nothing lies, each with a slash at its end."""
        folders = [f"{ROOT.sub('', HERE.sub('', name)).rstrip('/')}/" for name in self.folders]
        filled = {up for name in (*names_in(self.entries), *folders) for up in PurePosixPath(name).parents}
        return [name for name in folders if PurePosixPath(name) not in filled and not points_outside(name)]


def names_in(entries: list[Entry]) -> list[str]:
    """The names of an archive's files, without where they once lay if all of them say so.

    Some phones write the whole path of each photo. One name among others that says where it is to go is an attack: it
    stays as it is, and `points_outside`.
    """
    names = [HERE.sub("", entry.name) for entry in entries]
    bare = [ROOT.sub("", name) for name in names]
    all_absolute = all(name != rest for name, rest in zip(names, bare, strict=True))
    return bare if all_absolute else names


def points_outside(name: str) -> bool:
    """Whether a name leads out of the archive."""
    return ROOT.match(name) is not None or ".." in PurePosixPath(name).parts
