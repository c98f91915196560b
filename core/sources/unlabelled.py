"""Which photos someone asks about who names a folder, an archive or a file: no class folders are needed here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.base.errors import InputError
from core.photos.file_kinds import TEXT
from core.sources.archive_files.kinds import is_archive, named_like_archive
from core.sources.archives import unpack
from core.sources.folders import IS_EMPTY, list_folder
from core.sources.layouts import Incoming, is_junk, looks_like_photo


@dataclass
class FoundPhotos:
    """Files that are photos, and what was passed over; what operating systems leave is not counted."""

    photos: list[Incoming] = field(default_factory=list)
    left_in_archive: list[tuple[str, str]] = field(default_factory=list)  # (name, reason) of what may have been meant
    passed_over: int = 0  # how many files are no photos and weren't meant, such as texts
    notes: list[str] = field(default_factory=list)  # on how the names of an archive were read


def find_photos(
    source: Path, staging: Path, on_progress: Callable[[int, int], None] | None = None, name: str = ""
) -> FoundPhotos:
    """The photos of a folder, of an archive, or the one file.

    Args:
        source: Where they are; a file that is no archive, and isn't called so, is a photo, also when there is none.
        staging: An empty folder; an archive's photos are unpacked there.
        on_progress: Called while unpacking with (entries done, entries in all).
        name: What the user calls an archive whose file is called otherwise.

    Raises:
        InputError: An archive can't be opened, is damaged, or nothing in it can be taken.
        StorageError: There isn't room for what the archive holds.
    """
    if source.is_dir():
        listing = list_folder(source)
        found = chosen(listing.files)
        not_read = [(name, why) for name, why in listing.folders.items() if why != IS_EMPTY]
        found.left_in_archive += [*listing.left_out, *not_read]
        return found
    if not is_archive(source):
        return FoundPhotos([Incoming(source, source.name)])
    if not source.is_file():
        raise InputError(f"There is no archive called {source.name}.")
    unpacked = unpack(source, staging, on_progress, name)
    left = [(name, reason) for name, reason in unpacked.left_in_archive if _is_meant(name, reason)]
    return FoundPhotos(unpacked.files, left, len(unpacked.left_in_archive) - len(left), unpacked.notes)


def _is_meant(name: str, reason: str) -> bool:
    """Whether someone who asks about photos meant this file too, so that it gets a row with the reason against it."""
    return looks_like_photo(name) or named_like_archive(name) or reason != TEXT.reason


def chosen(files: list[Incoming]) -> FoundPhotos:
    """Those of some files that are photos, by their first bytes where these were looked at, else by their names."""
    files = [file for file in files if not is_junk(file.name)]
    others = [(file.name, file.why_not or TEXT.reason) for file in files if not file.is_photo]
    left = [(name, reason) for name, reason in others if _is_meant(name, reason)]
    return FoundPhotos([file for file in files if file.is_photo], left, len(others) - len(left))
