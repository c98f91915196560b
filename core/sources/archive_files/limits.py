"""What an archive may unpack to, counted over it and archives inside it: no bomb, not too many, room on disk."""

import shutil
import zipfile
from collections.abc import Iterable
from pathlib import Path

from core.base.errors import InputError, StorageError
from core.sources.archive_files.entries import Entry

MAX_ENTRIES = 200_000
MAX_RATIO = 200  # photos hardly compress; plain-colour PNGs and BMPs reach about 100
HEADER_BYTES = 30  # of a file in a zip, before its name
SMALL_BYTES = 10_000_000  # what is smaller is no bomb, however well it is packed
FREE_SPACE_KEPT = 500_000_000  # bytes left for the system when unpacking


class Budget:
    """Counts what comes out of one archive that someone brought.

    Args:
        packed: Its bytes. Files that overlap in it, as in some bombs, are bytes of it only once.
        folder: Where it is unpacked to.
    """

    def __init__(self, packed: int, folder: Path) -> None:
        self._packed = packed
        self._folder = folder
        self._n = 0
        self._size = 0

    def add(self, name: str, entries: list[Entry]) -> None:
        """Count the files of an archive, before any of them is written.

        Raises:
            InputError: They are too many, or unpack to far more than a folder of photos would.
            StorageError: There isn't room for them.
        """
        size = sum(entry.size for entry in entries)
        refuse_too_many(name, self._n + len(entries))
        whole = [(entry.size, entry.packed) for entry in entries if entry.packed is not None]
        for unpacked, packed in [*whole, (self._size + size, self._packed)]:
            if unpacked > allowed_bytes(packed):
                raise bomb(name)
        if size + FREE_SPACE_KEPT > shutil.disk_usage(self._folder).free:
            raise StorageError(
                f"Unpacking {name} needs {size / 1e9:.1f} GB and this disk has less than that to spare. "
                "Free some space, or point at the folder instead."
            )
        self._n += len(entries)
        self._size += size


def allowed_bytes(packed: int) -> int:
    """To how many bytes so many packed ones may unpack."""
    return max(SMALL_BYTES, MAX_RATIO * max(1, packed))


def refuse_too_many(name: str, n: int) -> None:
    """Raise InputError for an archive with more files than can be taken."""
    if n > MAX_ENTRIES:
        raise InputError(f"{name} holds {n:,} files; at most {MAX_ENTRIES:,} can be taken at once.")


def refuse_overlaps(opened: zipfile.ZipFile, length: int, name: str) -> None:
    """Raise InputError for a zip of `length` bytes whose files lie in one another, or beyond its end.

    So a few megabytes claim, and unpack to, as much as one likes (D. Fifield, "A better zip bomb", 2019).
    """
    end = 0
    for info in sorted(opened.infolist(), key=lambda info: info.header_offset):
        if info.header_offset < end:
            raise InputError(f"{name} holds files that lie in one another, as no program packs them. Make it again.")
        end = info.header_offset + HEADER_BYTES + info.compress_size
    if end > length:
        raise InputError(f"{name} is damaged: it says that it holds more than it is long. Make it again.")


def bomb(name: str) -> InputError:
    """The error for an archive that would fill the disk."""
    return InputError(
        f"{name} would unpack to far more than its own size, as no folder of photos does. Nothing of it was unpacked."
    )


def never_more(chunks: Iterable[bytes], size: int) -> Iterable[bytes]:
    """The pieces up to `size` bytes; ValueError at the first beyond."""
    left = size
    for chunk in chunks:
        left -= len(chunk)
        if left < 0:
            raise ValueError("it unpacks to more than it says")
        yield chunk
