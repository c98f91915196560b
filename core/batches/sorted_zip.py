"""Photos sorted into class folders by what a run answered, as a zip with the original bytes."""

import shutil
import zipfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from core.base.files import appearing_whole, disk_errors_in_words
from core.base.names import free_name, safe_name
from core.photos.decoding import PhotoError
from core.runs.answer_table import Answer

UNKNOWN = "unknown"  # the folder of what is not sure
UNREADABLE = "unreadable.txt"


@dataclass(frozen=True)
class SortedPhoto:
    """A photo to sort.

    Args:
        source: The file, or its bytes.
        answer: Of the run, or why there is none.
    """

    name: str
    source: Path | bytes
    answer: Answer


class _Places:
    """Names in the zip that every file system takes and that no other photo has."""

    def __init__(self, class_names: list[str]) -> None:
        taken = {UNKNOWN, UNREADABLE}
        self._folders: dict[str, str] = {}
        for name in class_names:
            self._folders[name] = free_name(safe_name(name), taken)
            taken.add(self._folders[name].lower())
        self._taken: dict[str, set[str]] = {}
        self._numbers: dict[str, int] = {}  # the last one tried, by place: thousands may be called 1.jpg

    def of(self, photo: SortedPhoto, threshold: float) -> str:
        unsure = photo.answer.known(threshold) is False
        folder = UNKNOWN if unsure else self._folders[photo.answer.label]
        wanted = PurePosixPath(safe_name(PurePosixPath(photo.name.replace("\\", "/")).name))
        taken = self._taken.setdefault(folder, set())
        name, at = str(wanted), f"{folder}/{wanted}".lower()
        while name.lower() in taken:
            self._numbers[at] = self._numbers.get(at, 1) + 1
            name = f"{wanted.stem} {self._numbers[at]}{wanted.suffix}"
        taken.add(name.lower())
        return f"{folder}/{name}"


def write_sorted_zip(
    target: Path,
    class_names: list[str],
    photos: Iterable[SortedPhoto],
    threshold: float,
    on_photo: Callable[[int], None] = lambda done: None,
) -> None:
    """Write the zip, whole or not at all, never a photo's bytes in memory that were not there before.

    Args:
        class_names: Of the run; each gets a folder where it has photos.
        photos: In any order. One without an answer, or whose file is gone, is a line of unreadable.txt.
        threshold: In-distribution score, 0..1, up to which photos go to the folder "unknown".
        on_photo: Called with the number of photos done; may raise to stop.

    Raises:
        StorageError: The disk is full or can't be written.
    """
    places, unreadable = _Places(class_names), []
    with (
        disk_errors_in_words("writing the zip"),
        appearing_whole(target) as beside,
        # photos are compressed already; strict_timestamps: a camera without a clock says 1970, which zips can't hold
        zipfile.ZipFile(beside, "w", zipfile.ZIP_STORED, strict_timestamps=False) as opened,
    ):
        for done, photo in enumerate(photos, 1):
            if problem := _add(opened, places, photo, threshold):
                unreadable.append(f"{' '.join(photo.name.split())}: {problem}")
            on_photo(done)
        if unreadable:
            opened.writestr(UNREADABLE, "\n".join(unreadable).encode("utf-8", "replace") + b"\n")


def _add(opened: zipfile.ZipFile, places: _Places, photo: SortedPhoto, threshold: float) -> str:
    """Write one photo; why it couldn't be, or ""."""
    if isinstance(photo.answer, PhotoError):
        return str(photo.answer)
    if isinstance(photo.source, bytes):
        opened.writestr(places.of(photo, threshold), photo.source)
        return ""
    try:
        source = photo.source.open("rb")
    except OSError:
        return "the file can't be opened any more"
    with source:
        entry = zipfile.ZipInfo.from_file(photo.source, places.of(photo, threshold), strict_timestamps=False)
        with opened.open(entry, "w") as member:
            shutil.copyfileobj(source, member, 1 << 20)
    return ""
