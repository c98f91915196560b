"""A folder, an archive or uploads that someone brought, read the same way."""

import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from core.base.errors import InputError
from core.photos.file_kinds import TEXT, in_short
from core.sources.archives import unpack
from core.sources.folders import IS_EMPTY, list_folder
from core.sources.layouts import Arrangement, Incoming, LabelledFile
from core.sources.lost_classes import lost_classes
from core.sources.reading import Reading
from core.sources.readings import ARRANGE_HELP, Proposal, propose
from core.sources.texts import text_reader

LOST_HELP = "Mend that, or leave the class out (on the command line: --without CLASS)."
SPREADSHEETS = (".xlsx", ".xls", ".ods", ".numbers")
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


@dataclass
class Brought:
    """Files that someone brought, before anything is said of classes.

    Args:
        name: What they came in, as the user calls it.
        files: All of them, photos and others; what is told by their first bytes is known.
        left_in_archive, left_in_folder, notes: As of `Source`.
    """

    name: str
    files: list[Incoming] = field(default_factory=list)
    left_in_archive: list[tuple[str, str]] = field(default_factory=list)
    left_in_folder: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """JSON values, of which `from_json` makes the same."""
        files = [[str(file.path), file.name, file.why_not] for file in self.files]
        return {**vars(self), "files": files}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """What `to_json` gave."""
        pairs = {key: [tuple(pair) for pair in value[key]] for key in ("left_in_archive", "left_in_folder")}
        files = [Incoming(Path(path), name, why_not) for path, name, why_not in value["files"]]
        return cls(**{**value, **pairs, "files": files})


def read_source(source: Path, staging: Path, layout: str = "") -> Source:
    """Find the classes of a folder or an archive.

    Args:
        source: The folder or archive.
        staging: An empty folder; an archive's photos are unpacked there.
        layout: Which reading is meant, as `--layout` says it; "" = the one that is likely.

    Raises:
        LayoutQuestion: Several readings are likely, and `layout` names none.
        InputError: It doesn't exist, is neither, is damaged, or no photo in it has a class.
    """
    return read_files(gather(source, staging), layout)


def gather(
    source: Path, staging: Path, on_progress: Callable[[int, int], None] | None = None, name: str = ""
) -> Brought:
    """All files of a folder or an archive.

    Args:
        source, staging: As of `read_source`.
        on_progress: Called while unpacking with (entries done, entries in all).
        name: What the user calls it, where its file is called otherwise.

    Raises:
        InputError: It doesn't exist, is neither, or can't be read.
    """
    name = name or source.name
    if source.is_dir():
        listing = list_folder(source)
        return Brought(name, listing.files, [], [*listing.left_out, *listing.folders.items()])
    if source.is_file():
        unpacked = unpack(source, staging, on_progress, name)
        empty = [(folder, IS_EMPTY) for folder in unpacked.empty_folders]
        files = [*unpacked.files, *unpacked.tables]
        return Brought(name, files, unpacked.left_in_archive, empty, unpacked.notes)
    raise InputError(f"There is no folder or zip called {source}.")


def read_files(brought: Brought, layout: str = "") -> Source:
    """Find the classes of files by their names, and by the tables among them.

    Raises:
        LayoutQuestion, InputError: As of `read_source`.
    """
    proposal = proposal_for(brought, layout)
    return read_as(brought, proposal.chosen(layout), proposal)


def proposal_for(brought: Brought, layout: str = "") -> Proposal:
    """All ways to read files; raises InputError where there is no photo, or none has a class and no layout is given."""
    photos = {file.name for file in brought.files if file.is_photo}
    names = (file.name for file in brought.files)
    proposal = propose(names, text_reader(brought.files), photos.__contains__)
    if not proposal.photos or not (proposal.readings or layout):
        refuse_nothing(_source(brought, Arrangement(loose=list(proposal.photos)), proposal), brought.name)
    return proposal


def read_as(brought: Brought, reading: Reading, proposal: Proposal) -> Source:
    """The files as a reading says; copies of a set that holds itself twice are loose."""
    found = Arrangement(loose=[*reading.loose, *reading.copies])
    for file in brought.files:
        label = reading.labels.get(file.name)
        if label is not None:
            found.files.append(LabelledFile(file.path, file.name, label.name, label.split))
            found.depths[file.name] = label.depth
        elif file.name in reading.unlabelled:
            found.unlabelled.append(LabelledFile(file.path, file.name, ""))
    result = _source(brought, found, proposal)
    result.words, result.no_class_words = reading.words, reading.no_class_words
    result.lost = lost_classes(found, result.not_taken())
    return result


def _source(brought: Brought, found: Arrangement, proposal: Proposal) -> Source:
    """An arrangement with what could not be taken."""
    known = {name for name, _ in brought.left_in_archive}  # as a table is that was unpacked all the same
    reasons = {file.name: file.why_not or TEXT.reason for file in brought.files}
    found.ignored = {name: reasons[name] for name in proposal.ignored if name not in known}
    return Source(found, brought.left_in_archive, left_in_folder=brought.left_in_folder, notes=brought.notes)


def refuse_nothing(found: Source, name: str) -> None:
    """Raise InputError when there is no photo with a class, and say what there is instead."""
    if found.arrangement.files:
        return
    if found.arrangement.loose:
        raise InputError(f"The photos in {name} are not in class folders. {ARRANGE_HELP}{_spreadsheet_help(found)}")
    reasons = [why for what, why in found.not_taken() if why != TEXT.reason and not what.endswith("/")]
    if not reasons:
        raise InputError(f"No photos were found in {name}. {ARRANGE_HELP}")
    told = "; ".join(list(dict.fromkeys(reasons))[:MOST_REASONS])
    raise InputError(f"No photos were found in {name}, only {in_short(reasons)} ({told}).")


def _spreadsheet_help(found: Source) -> str:
    sheet = next((what for what, _ in found.not_taken() if what.lower().endswith(SPREADSHEETS)), "")
    return f" If {sheet} tells the classes, save it as CSV beside the photos." if sheet else ""


def without_classes(found: Source, class_names: Collection[str]) -> Source:
    """The same without some classes, those of which no photo can be taken among them."""
    names = {unicodedata.normalize("NFC", name.strip()) for name in class_names}
    files = [file for file in found.arrangement.files if file.label not in names]
    lost = {name: why for name, why in found.lost.items() if name not in names}
    return replace(found, arrangement=replace(found.arrangement, files=files), lost=lost)


def as_named(found: Source, names: dict[str, str]) -> Source:
    """The classes as the user calls them: `names` by the name that was read, "" for one that is left out."""
    found = without_classes(found, [label for label, name in names.items() if not name])
    files = [replace(file, label=names.get(file.label, file.label)) for file in found.arrangement.files]
    return replace(found, arrangement=replace(found.arrangement, files=files))
