"""A folder or an archive that someone brought, read the same way."""

import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.base.errors import InputError
from core.photos.file_kinds import TEXT, in_short
from core.sources.archives import unpack
from core.sources.folders import IS_EMPTY, list_folder
from core.sources.layouts import Arrangement, arrange
from core.sources.lost_classes import lost_classes

ARRANGE_HELP = "Put the photos of each class into a folder named after it, such as apple/ and banana/."
LOST_HELP = "Mend that, or leave the class out (on the command line: --without CLASS)."
MOST_REASONS = 3  # told of files none of which can be taken


@dataclass
class Source:
    """What was found in a folder or an archive.

    Args:
        arrangement: The photos in their classes.
        left_in_archive: (name, reason) of what was not unpacked.
        lost: What is wrong with a class that gives no photo, such as "plum is empty", by its name.
        left_in_folder: (name, reason) of links that were not followed, and of folders, whose name ends with a slash.
        notes: Sentences on how the names of an archive were read.
    """

    arrangement: Arrangement
    left_in_archive: list[tuple[str, str]] = field(default_factory=list)
    lost: dict[str, str] = field(default_factory=dict)
    left_in_folder: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def not_taken(self) -> list[tuple[str, str]]:
        """(name, reason) of all that is no photo of a class, but for photos that lie in no class folder."""
        found = self.arrangement
        ignored = [(name, found.why_ignored.get(name, TEXT.reason)) for name in found.ignored]
        return [*self.left_in_archive, *self.left_in_folder, *ignored]


def read_source(
    source: Path, staging: Path, on_progress: Callable[[int, int], None] | None = None, name: str = ""
) -> Source:
    """Find the class folders of a folder or an archive.

    Args:
        source: The folder or archive.
        staging: An empty folder; an archive's photos are unpacked there.
        on_progress: Called while unpacking with (entries done, entries in all).
        name: What the user calls it, where its file is called otherwise.

    Raises:
        InputError: It doesn't exist, is neither, is damaged, or holds no photo in a class folder.
    """
    name = name or source.name
    if source.is_dir():
        listing = list_folder(source)
        result = Source(arrange(listing.files), left_in_folder=[*listing.left_out, *listing.folders.items()])
    elif source.is_file():
        unpacked = unpack(source, staging, on_progress, name)
        empty = [(folder, IS_EMPTY) for folder in unpacked.empty_folders]
        result = Source(arrange(unpacked.files), unpacked.left_in_archive, {}, empty, unpacked.notes)
    else:
        raise InputError(f"There is no folder or zip called {source}.")
    refuse_nothing(result, name)
    result.lost = lost_classes(result.arrangement.files, result.not_taken())
    return result


def refuse_nothing(found: Source, name: str) -> None:
    """Raise InputError when there is no photo in a class folder, and say what there is instead."""
    if found.arrangement.files:
        return
    if found.arrangement.loose:
        raise InputError(f"The photos in {name} are not in class folders. {ARRANGE_HELP}")
    reasons = [why for what, why in found.not_taken() if why != TEXT.reason and not what.endswith("/")]
    if not reasons:
        raise InputError(f"No photos were found in {name}. {ARRANGE_HELP}")
    told = "; ".join(list(dict.fromkeys(reasons))[:MOST_REASONS])
    raise InputError(f"No photos were found in {name}, only {in_short(reasons)} ({told}).")


def without_classes(found: Source, class_names: Collection[str]) -> Source:
    """The same without some classes, those of which no photo can be taken among them."""
    names = {unicodedata.normalize("NFC", name.strip()) for name in class_names}
    files = [file for file in found.arrangement.files if file.label not in names]
    lost = {name: why for name, why in found.lost.items() if name not in names}
    return replace(found, arrangement=replace(found.arrangement, files=files), lost=lost)
