"""Which photos someone asks about who names a folder, an archive or a file: no class folders are needed here."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from core.base.errors import InputError
from core.sources.archive_files.kinds import is_archive, named_like_archive
from core.sources.archives import unpack
from core.sources.layouts import Incoming, is_junk, list_folder, looks_like_photo


@dataclass
class FoundPhotos:
    """Files that are named like photos, and what was passed over; what operating systems leave is not counted."""

    photos: list[Incoming] = field(default_factory=list)
    left_in_archive: list[tuple[str, str]] = field(default_factory=list)  # (name, reason) of photos and archives
    passed_over: int = 0  # how many files are named like no photo
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
        return chosen(list_folder(source))
    if not is_archive(source):
        return FoundPhotos([Incoming(source, source.name)])
    if not source.is_file():
        raise InputError(f"There is no archive called {source.name}.")
    unpacked = unpack(source, staging, on_progress, name)
    left = [each for each in unpacked.left_in_archive if looks_like_photo(each[0]) or named_like_archive(each[0])]
    return FoundPhotos(unpacked.files, left, len(unpacked.left_in_archive) - len(left), unpacked.notes)


def chosen(files: list[Incoming]) -> FoundPhotos:
    """Those of some files that are named like photos."""
    files = [file for file in files if not is_junk(file.name)]
    photos = [file for file in files if looks_like_photo(file.name)]
    return FoundPhotos(photos, [], len(files) - len(photos))
