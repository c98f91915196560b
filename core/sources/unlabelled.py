"""Which photos someone asks about who names a folder, a zip or a file: no class folders are needed here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from core.base.errors import InputError
from core.sources.archives import unpack
from core.sources.layouts import Incoming, is_junk, list_folder, looks_like_photo


@dataclass
class FoundPhotos:
    """Files that are named like photos, and what was passed over; what operating systems leave is not counted."""

    photos: list[Incoming] = field(default_factory=list)
    left_in_archive: list[tuple[str, str]] = field(default_factory=list)  # (name, reason) of what is named like a photo
    passed_over: int = 0  # how many files are named like no photo


def find_photos(source: Path, staging: Path, on_progress: Callable[[int, int], None] | None = None) -> FoundPhotos:
    """The photos of a folder, of a zip, or the one file.

    Args:
        source: Where they are; a file that doesn't end like a zip counts as a photo, also when there is none.
        staging: An empty folder; a zip's photos are unpacked there.
        on_progress: Called while unpacking with (entries done, entries in all).

    Raises:
        InputError: A zip is damaged, or would unpack to far more than a folder of photos would.
        StorageError: There isn't room for what the zip holds.
    """
    if source.is_dir():
        return chosen(list_folder(source))
    if not is_zip(source):
        return FoundPhotos([Incoming(source, source.name)])
    if not source.is_file():
        raise InputError(f"There is no zip called {source.name}.")
    unpacked = unpack(source, staging, on_progress)
    photos_left = [(name, reason) for name, reason in unpacked.left_in_archive if looks_like_photo(name)]
    return FoundPhotos(unpacked.files, photos_left, len(unpacked.left_in_archive) - len(photos_left))


def chosen(files: list[Incoming]) -> FoundPhotos:
    """Those of some files that are named like photos."""
    files = [file for file in files if not is_junk(file.name)]
    photos = [file for file in files if looks_like_photo(file.name)]
    return FoundPhotos(photos, [], len(files) - len(photos))


def is_zip(path: PurePath) -> bool:
    """Whether the name ends like a zip's."""
    return path.suffix.lower() == ".zip"
