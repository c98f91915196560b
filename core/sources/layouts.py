"""Find the classes in a list of file names: one folder per class, perhaps inside train and test folders."""

import os
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from core.base.names import in_order, readable_name
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.photos.decoding import SUFFIXES

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
    depth: int = 0  # how many folders lie around the class folders
    depths: dict[str, int] = field(default_factory=dict)  # the same by name, where files differ; -1 = none
    unlabelled: list[str] = field(default_factory=list)  # photos without a class, such as those of a flat test folder

    @property
    def class_names(self) -> list[str]:
        """The class names, in order."""
        return in_order(file.label for file in self.files)


def is_junk(name: str) -> bool:
    """Whether an operating system put this file there, not a person."""
    parts = name.split("/")  # rather than a path's parts, which take ten times as long
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
        if looks_like_photo(item.name):
            photos.append((item, PurePosixPath(item.name).parts))
        else:
            found.ignored.append(item.name)
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


def list_folder(folder: Path) -> list[Incoming]:
    """Every file below a folder, by name; links are not followed, so nothing outside the folder comes in."""
    found = []
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not is_junk(f))
        for file in sorted(files):
            path = Path(root, file)
            if path.is_file() and not path.is_symlink():
                found.append(Incoming(path, readable_name(path.relative_to(folder).as_posix())))
    return found


def empty_class_folders(folder: Path, arrangement: Arrangement) -> list[str]:
    """Names of folders beside the class folders that hold no photo at all."""
    used = {parent for file in arrangement.files for parent in file.path.parents}
    beside = {
        folder.joinpath(*file.path.relative_to(folder).parts[:depth])
        for file in arrangement.files
        if (depth := arrangement.depths.get(file.name, arrangement.depth)) >= 0
    }
    empty = {d.name for b in beside for d in b.iterdir() if d.is_dir() and d not in used and not is_junk(d.name)}
    return sorted(readable_name(name) for name in empty)


def count_by_class(files: list[LabelledFile]) -> dict[str, int]:
    """Files per class, in the order of their names."""
    counts = Counter(file.label for file in files)
    return {name: counts[name] for name in in_order(counts)}
