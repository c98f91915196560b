"""A folder, a zip or uploads that someone brought, read the same way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.base.errors import InputError
from core.sources.archives import unpack
from core.sources.layouts import Arrangement, Incoming, LabelledFile, empty_class_folders, list_folder
from core.sources.reading import Reading
from core.sources.readings import ARRANGE_HELP, propose
from core.sources.texts import text_reader


@dataclass
class Source:
    """What was found in a folder or zip."""

    arrangement: Arrangement
    left_in_archive: list[tuple[str, str]]  # (name, reason) of what was not unpacked
    empty_classes: list[str]  # class folders without a photo
    words: str = ""  # how classes and split were read, in one line
    no_class_words: list[str] = field(default_factory=list)  # what has no class, folder by folder


def read_source(
    source: Path, staging: Path, on_progress: Callable[[int, int], None] | None = None, layout: str = ""
) -> Source:
    """Find the classes of a folder or a zip.

    Args:
        source: The folder or zip.
        staging: An empty folder; a zip's photos are unpacked there.
        on_progress: Called while unpacking with (entries done, entries in all).
        layout: Which reading is meant, as `--layout` says it; "" = the one that is likely.

    Raises:
        LayoutQuestion: Several readings are likely, and `layout` names none.
        InputError: It doesn't exist, is neither, is damaged, or no photo in it has a class.
    """
    if source.is_dir():
        result = read_files(list_folder(source), source.name, layout)
        result.empty_classes = empty_class_folders(source, result.arrangement)
        return result
    if source.is_file():
        unpacked = unpack(source, staging, on_progress)
        result = read_files([*unpacked.files, *unpacked.texts], source.name, layout)
        result.arrangement.ignored = []  # they are among what was left in the archive
        result.left_in_archive = unpacked.left_in_archive
        return result
    raise InputError(f"There is no folder or zip called {source}.")


def read_files(incoming: list[Incoming], where: str, layout: str = "") -> Source:
    """Find the classes of files by their names, and by the tables among them.

    Args:
        incoming: All files, photos and others.
        where: What they came in, for the words of an error.
        layout: As of `read_source`.

    Raises:
        LayoutQuestion, InputError: As of `read_source`.
    """
    proposal = propose((file.name for file in incoming), text_reader(incoming))
    if not proposal.photos:
        raise InputError(f"No photos were found in {where}. {ARRANGE_HELP}")
    if not layout and not proposal.readings:
        raise InputError(f"The photos in {where} are not in class folders. {ARRANGE_HELP}")
    reading = proposal.chosen(layout)
    return Source(arranged(incoming, reading, proposal.ignored), [], [], reading.words, reading.no_class_words)


def arranged(incoming: list[Incoming], reading: Reading, ignored: list[str]) -> Arrangement:
    """The files as a reading says; copies of a set that holds itself twice are loose."""
    found = Arrangement(loose=[*reading.loose, *reading.copies], ignored=ignored, unlabelled=list(reading.unlabelled))
    for file in incoming:
        label = reading.labels.get(file.name)
        if label is not None:
            found.files.append(LabelledFile(file.path, file.name, label.name, label.split))
            found.depths[file.name] = label.depth
    return found
