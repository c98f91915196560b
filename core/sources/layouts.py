"""Files that someone brought, and what they are arranged into: photos with their classes, and the rest."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from core.base.names import in_order
from core.photos.decoding import SUFFIXES

JUNK_FOLDERS = frozenset(("__macosx", "@eadir", "$recycle.bin"))
JUNK_FILES = frozenset(("thumbs.db", "desktop.ini", "ehthumbs.db"))


@dataclass(frozen=True)
class Incoming:
    """A file that someone brought."""

    path: Path  # where it lies now
    name: str  # among what was brought, with `/` between folders, such as "fruit/apple/1.jpg"
    why_not: str | None = None  # why it is no photo, by its first bytes; "" for a photo, None where the name decides

    @property
    def is_photo(self) -> bool:
        """Whether it is taken for a photo, by what it holds where that was looked at, else by its name."""
        return looks_like_photo(self.name) if self.why_not is None else not self.why_not


@dataclass(frozen=True)
class LabelledFile:
    """A file with its class and, where a train or test folder says so, its subset ("" = not said)."""

    path: Path
    name: str
    label: str
    split: str = ""


@dataclass
class Arrangement:
    """Photos with a class, and the names of what has none; system files are not even listed.

    Args:
        files: With their classes.
        loose: Photos that lie outside of all that was understood.
        ignored: The reason for each file that is no photo, such as a text, by its name.
        depths: How many folders lie around each photo's class folder, by its name; -1 where no folder gives the class.
        unlabelled: Photos without a class (""), such as those of a flat test folder.
    """

    files: list[LabelledFile] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    ignored: dict[str, str] = field(default_factory=dict)
    depths: dict[str, int] = field(default_factory=dict)
    unlabelled: list[LabelledFile] = field(default_factory=list)

    @property
    def class_names(self) -> list[str]:
        """The class names, in order."""
        return in_order(file.label for file in self.files)


def is_junk(name: str) -> bool:
    """Whether an operating system put this file there, not a person; what iCloud puts there stands for a photo."""
    parts = name.split("/")  # rather than a path's parts, which take ten times as long
    if parts[-1].lower().endswith(".icloud"):
        parts[-1] = parts[-1].lstrip(".")
    hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
    return hidden or parts[-1].lower() in JUNK_FILES or any(part.lower() in JUNK_FOLDERS for part in parts)


def looks_like_photo(name: str) -> bool:
    """Whether the name ends like an image file's."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def count_by_class(files: list[LabelledFile]) -> dict[str, int]:
    """Files per class, in the order of their names."""
    counts = Counter(file.label for file in files)
    return {name: counts[name] for name in in_order(counts)}
