"""Find the classes in a list of file names: one folder per class, perhaps inside train and test folders."""

import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from core.base.names import in_order
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.photos.decoding import SUFFIXES
from core.photos.file_kinds import TEXT

SPLIT_FOLDERS = {
    "train": TRAIN,
    "training": TRAIN,
    "val": VALIDATION,
    "valid": VALIDATION,
    "validation": VALIDATION,
    "test": TEST,
    "testing": TEST,
}
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
    """What was found in class folders, and the names of what was not; system files are not even listed."""

    files: list[LabelledFile] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)  # photos that lie in no class folder
    ignored: list[str] = field(default_factory=list)  # files that are no photos (text, archives ...)
    why_ignored: dict[str, str] = field(default_factory=dict)  # the reason for each of these
    depth: int = 0  # how many folders lie around the class folders

    @property
    def class_names(self) -> list[str]:
        """The class names, in order."""
        return in_order(file.label for file in self.files)


def is_junk(name: str) -> bool:
    """Whether an operating system put this file there, not a person; what iCloud puts there stands for a photo."""
    parts = PurePosixPath(name).parts or ("",)
    if parts[-1].lower().endswith(".icloud"):
        parts = (*parts[:-1], parts[-1].lstrip("."))
    hidden = any(part.startswith(".") and part not in (".", "..") for part in parts)
    return hidden or parts[-1].lower() in JUNK_FILES or any(part.lower() in JUNK_FOLDERS for part in parts)


def looks_like_photo(name: str) -> bool:
    """Whether the name ends like an image file's."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def arrange(incoming: list[Incoming]) -> Arrangement:
    """Read classes, and train/validation/test where given, from the folders in the names.

    Outer folders around everything are dropped. The first folder that differs is the class; deeper folders belong
    to it. When all top folders are called train, val, test or the like, they give the split and the next is the class;
    a subset that has no folder is then taken from the training photos, whose split is left open for that.
    """
    found = Arrangement()
    photos: list[tuple[Incoming, tuple[str, ...]]] = []
    for item in incoming:
        if is_junk(item.name):
            continue
        if item.is_photo:
            photos.append((item, PurePosixPath(item.name).parts))
        else:
            found.ignored.append(item.name)
            found.why_ignored[item.name] = item.why_not or TEXT.reason
    depth = _outer_folders([parts for _, parts in photos])
    split_given = _tops_are_splits([parts[depth:] for _, parts in photos])
    found.depth = depth + split_given
    for item, parts in photos:
        folders = parts[depth:-1]
        split = SPLIT_FOLDERS[folders[0].lower()] if split_given and folders else ""
        # Normalised, since macOS writes the same umlaut as other characters than Windows does.
        label = unicodedata.normalize("NFC", parts[found.depth].strip()) if parts[found.depth : -1] else ""
        if label:
            found.files.append(LabelledFile(item.path, item.name, label, split))
        else:
            found.loose.append(item.name)
    if {file.split for file in found.files} != {TRAIN, VALIDATION, TEST}:
        found.files = [replace(file, split="") if file.split == TRAIN else file for file in found.files]
    return found


def _outer_folders(paths: list[tuple[str, ...]]) -> int:
    """How many leading folders lie around everything, with class folders in them.

    One in which half of the photos or more lie directly is a class itself, with folders of its own; fewer are strays.
    """
    depth = 0
    while paths and all(len(p) > depth + 1 and p[depth] == paths[0][depth] for p in paths):
        direct = sum(len(p) == depth + 2 for p in paths)
        within = {p[depth + 1] for p in paths if len(p) > depth + 2}
        if direct and (len(within) < 2 or 2 * direct >= len(paths)):
            break
        depth += 1
    return depth


def _tops_are_splits(paths: list[tuple[str, ...]]) -> bool:
    in_folders = [p for p in paths if len(p) > 1]  # a stray photo beside the folders changes nothing
    return bool(in_folders) and all(len(p) > 2 and p[0].lower() in SPLIT_FOLDERS for p in in_folders)


def count_by_class(files: list[LabelledFile]) -> dict[str, int]:
    """Files per class, in the order of their names."""
    counts = Counter(file.label for file in files)
    return {name: counts[name] for name in in_order(counts)}
