"""A folder, an archive or uploads that someone brought, read the same way."""

import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.base.errors import InputError
from core.photos.file_kinds import TEXT, in_short
from core.sources.archives import unpack
from core.sources.folders import IS_EMPTY, list_folder
from core.sources.layouts import Arrangement, Incoming, LabelledFile
from core.sources.lost_classes import lost_classes
from core.sources.reading import Reading
from core.sources.readings import ARRANGE_HELP, propose
from core.sources.texts import text_reader

LOST_HELP = "Mend that, or leave the class out (on the command line: --without CLASS)."
MOST_REASONS = 3  # told of files none of which can be taken


@dataclass
class Source:
    """What was found in a folder, an archive or among uploads.

    Args:
        arrangement: The photos in their classes.
        left_in_archive: (name, reason) of what was not unpacked.
        lost: What is wrong with a class that gives no photo, such as "plum is empty", by its name.
        left_in_folder: (name, reason) of links that were not followed, and of folders, whose name ends with a slash.
        notes: Sentences on how the names of an archive were read.
        words: How classes and split were read, in one line.
        no_class_words: What has no class, folder by folder.
    """

    arrangement: Arrangement = field(default_factory=Arrangement)
    left_in_archive: list[tuple[str, str]] = field(default_factory=list)
    lost: dict[str, str] = field(default_factory=dict)
    left_in_folder: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    words: str = ""
    no_class_words: list[str] = field(default_factory=list)

    def not_taken(self) -> list[tuple[str, str]]:
        """(name, reason) of all that is no photo of a class, but for photos that lie in no class folder."""
        return [*self.left_in_archive, *self.left_in_folder, *self.arrangement.ignored.items()]


def read_source(
    source: Path,
    staging: Path,
    on_progress: Callable[[int, int], None] | None = None,
    name: str = "",
    layout: str = "",
) -> Source:
    """Find the classes of a folder or an archive.

    Args:
        source: The folder or archive.
        staging: An empty folder; an archive's photos are unpacked there.
        on_progress: Called while unpacking with (entries done, entries in all).
        name: What the user calls it, where its file is called otherwise.
        layout: Which reading is meant, as `--layout` says it; "" = the one that is likely.

    Raises:
        LayoutQuestion: Several readings are likely, and `layout` names none.
        InputError: It doesn't exist, is neither, is damaged, or no photo in it has a class.
    """
    name = name or source.name
    if source.is_dir():
        listing = list_folder(source)
        came = Source(left_in_folder=[*listing.left_out, *listing.folders.items()])
        return read_files(came, listing.files, name, layout)
    if source.is_file():
        unpacked = unpack(source, staging, on_progress, name)
        empty = [(folder, IS_EMPTY) for folder in unpacked.empty_folders]
        came = Source(left_in_archive=unpacked.left_in_archive, left_in_folder=empty, notes=unpacked.notes)
        return read_files(came, [*unpacked.files, *unpacked.tables], name, layout)
    raise InputError(f"There is no folder or zip called {source}.")


def read_files(came: Source, files: list[Incoming], where: str, layout: str = "") -> Source:
    """Find the classes of files by their names, and by the tables among them.

    Args:
        came: What is known already of what could not be taken.
        files: All files, photos and others.
        where: What they came in, for the words of an error.
        layout: As of `read_source`.

    Raises:
        LayoutQuestion, InputError: As of `read_source`.
    """
    photos = {file.name for file in files if file.is_photo}
    proposal = propose((file.name for file in files), text_reader(files), photos.__contains__)
    reasons = {file.name: file.why_not or TEXT.reason for file in files}
    known = {name for name, _ in came.left_in_archive}
    ignored = {name: reasons[name] for name in proposal.ignored if name not in known}
    if not proposal.photos or not (proposal.readings or layout):
        refuse_nothing(replace(came, arrangement=Arrangement(loose=list(proposal.photos), ignored=ignored)), where)
    reading = proposal.chosen(layout)
    found = arranged(files, reading, ignored)
    result = replace(came, arrangement=found, words=reading.words, no_class_words=reading.no_class_words)
    result.lost = lost_classes(found, result.not_taken())
    return result


def arranged(files: list[Incoming], reading: Reading, ignored: dict[str, str]) -> Arrangement:
    """The files as a reading says; copies of a set that holds itself twice are loose."""
    found = Arrangement(loose=[*reading.loose, *reading.copies], ignored=ignored, unlabelled=list(reading.unlabelled))
    for file in files:
        label = reading.labels.get(file.name)
        if label is not None:
            found.files.append(LabelledFile(file.path, file.name, label.name, label.split))
            found.depths[file.name] = label.depth
    return found


def refuse_nothing(found: Source, name: str) -> None:
    """Raise InputError when there is no photo with a class, and say what there is instead."""
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
