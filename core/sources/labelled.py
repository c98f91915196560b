"""A folder or an archive that someone brought, read the same way."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.base.errors import InputError
from core.sources.archives import unpack
from core.sources.layouts import Arrangement, arrange, empty_class_folders, list_folder

ARRANGE_HELP = "Put the photos of each class into a folder named after it, such as apple/ and banana/."


@dataclass
class Source:
    """What was found in a folder or an archive."""

    arrangement: Arrangement
    left_in_archive: list[tuple[str, str]]  # (name, reason) of what was not unpacked
    empty_classes: list[str]  # class folders without a photo
    notes: list[str] = field(default_factory=list)  # sentences on how the names of an archive were read


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
        found = arrange(list_folder(source))
        result = Source(found, [], empty_class_folders(source, found))
    elif source.is_file():
        unpacked = unpack(source, staging, on_progress, name)
        result = Source(arrange(unpacked.files), unpacked.left_in_archive, [], unpacked.notes)
    else:
        raise InputError(f"There is no folder or zip called {source}.")
    if result.arrangement.loose and not result.arrangement.files:
        raise InputError(f"The photos in {name} are not in class folders. {ARRANGE_HELP}")
    if not result.arrangement.files:
        raise InputError(f"No photos were found in {name}. {ARRANGE_HELP}")
    return result
