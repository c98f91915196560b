"""Features once: what a frozen base said of a photo, kept by the photo's content, so that no run asks again."""

import hashlib
import io
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from filelock import FileLock

from core.base import disk
from core.base.errors import RunError
from core.base.files import disk_errors_in_words

KEY_BYTES = 32  # a SHA-256 digest
PLACE_BYTES = 8  # which row
CHECK_BYTES = 24  # of the SHA-256 of key and row: enough, and an entry has 64 bytes
ENTRY_BYTES = KEY_BYTES + PLACE_BYTES + CHECK_BYTES
MOST_ENTRIES = 4_000_000  # looked at, so that no damaged file fills the memory
RESERVE_BYTES = 1_000_000_000  # of the disk that stay free, for the model and for other programs
FAR = 1 << 60  # bytes: where no file has anything, and where any file can be looked at
FLOAT16_MAX = 65504.0  # a network without normalisation (VGG) may go beyond; infinity would end the training

Index = dict[bytes, bytes]  # by key, where its row is and the check of both


@dataclass(frozen=True)
class LookedUp:
    """What a cache has of some keys.

    Args:
        missing: Those that it has no sound row of, each once, in their order.
        damaged: Of how many of them it had one, which is no longer what was written.
    """

    missing: list[str]
    damaged: int


class FeatureCache:
    """Rows of float16 features by SHA-256, in two files that only grow.

    An entry of the index says which row is a key's, and has a checksum over both. So whatever happens to either file,
    what is read is what was written for that key, or it is missing and computed anew; a damaged row costs only itself.
    The rows are on disk before their entries are written, so that a kill or a power cut between the two loses rows but
    never mixes them.

    Rows that an older version kept, without checksums, can't be told from damaged ones: they are computed anew.

    Args:
        folder: Where the two files lie; made when missing.
        name: Base model, weights and input size, "efficientnet-lite0-57934424-224": another base, other files.
        width: Values per photo.
    """

    def __init__(self, folder: Path, name: str, width: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.width = width
        self._folder = folder
        self._index_path = folder / f"{name}.index"
        self._rows_path = folder / f"{name}.f16"
        self._older_path = folder / f"{name}.keys"
        self._lock = FileLock(folder / f"{name}.lock")
        self._read: tuple[tuple, Index] = (), {}

    @property
    def _row_bytes(self) -> int:
        return self.width * 2

    def _index(self) -> Index:
        """The last entry of each key."""
        if not self._read[0]:  # once, since it changes the file's time, by which is known that nothing came in
            disk.note_use(self._rows_path)
        try:
            files = self._index_path.stat(), self._rows_path.stat()
            state = tuple((file.st_size, file.st_mtime_ns) for file in files)
            if state != self._read[0]:  # a batch is read after another, and seldom anything comes in between
                with self._index_path.open("rb") as file:
                    self._read = state, _entries(file.read(MOST_ENTRIES * ENTRY_BYTES))
        except OSError:
            return {}
        return self._read[1]

    def look_up(self, contents: list[str]) -> LookedUp:
        """What there is of these (SHA-256 hex digests), each row compared with its checksum."""
        index, missing, damaged = self._index(), [], 0
        row = np.empty(self.width, np.float16)
        with self._opened(index) as rows:
            for content in dict.fromkeys(contents):
                key = bytes.fromhex(content)
                entry = index.get(key)
                if entry is None or not _filled(rows, row, key, entry):
                    missing.append(content)
                    damaged += entry is not None
        return LookedUp(missing, damaged)

    def missing(self, contents: list[str]) -> list[int]:
        """Positions in `contents` (SHA-256 hex digests) that have no sound row; of equal ones only the first."""
        first = {content: position for position, content in reversed(list(enumerate(contents)))}
        return sorted(first[content] for content in self.look_up(contents).missing)

    def bytes_of(self, n: int) -> int:
        """What so many rows take on the disk."""
        return n * self._row_bytes

    def has_room(self, n: int) -> bool:
        """Whether the disk has room for so many more rows, with RESERVE_BYTES left."""
        return self.bytes_of(n) + RESERVE_BYTES <= shutil.disk_usage(self._folder).free

    def add(self, contents: list[str], features: np.ndarray) -> None:
        """Keep more rows, float (len(contents), width), by SHA-256 hex digest; they are on disk when it returns.

        Raises:
            RunError: Some values are no numbers.
            StorageError: The disk is full; the rows before are still good.
        """
        kept = np.clip(features, -FLOAT16_MAX, FLOAT16_MAX).astype(np.float16)
        if not np.isfinite(kept).all():
            raise RunError("The base model gave values that are no numbers. Its weights may be damaged.")
        keys = [bytes.fromhex(content) for content in contents]
        with self._lock, disk_errors_in_words("keeping the features"):
            if self._older_path.exists():  # of an older version, which would take these rows for its own
                disk.remove(self._older_path)
            if not self._index() and self._rows_path.exists():
                disk.remove(self._rows_path)
            first = _append_aligned(self._rows_path, kept.tobytes(), self._row_bytes)
            entries = [_entry(key, place, row) for place, (key, row) in enumerate(zip(keys, kept, strict=True), first)]
            _append_aligned(self._index_path, b"".join(entries), ENTRY_BYTES)

    def read(self, contents: list[str]) -> np.ndarray:
        """The features of photos that are all here: float32 (len(contents), width).

        Raises:
            KeyError: One of them has no row; `missing` tells which.
            RunError: A row was damaged since `missing` looked at it.
        """
        found, features = self.read_sound(contents)
        if len(found) < len(contents):
            index, lost = self._index(), set(contents) - set(found)
            if unknown := [content for content in lost if bytes.fromhex(content) not in index]:
                raise KeyError(unknown[0])
            raise RunError(
                "What was kept of the photos (in the folder called cache) was damaged on disk just now. Begin again: "
                "it is then computed anew."
            )
        return features

    def read_sound(self, contents: list[str]) -> tuple[list[str], np.ndarray]:
        """Those of these that have a sound row, in their order, and their features: float32 (n, width)."""
        index, row, found = self._index(), np.empty(self.width, np.float16), []
        features = np.empty((len(contents), self.width), np.float32)
        with self._opened(index) as rows:
            for content in contents:
                key = bytes.fromhex(content)
                if key in index and _filled(rows, row, key, index[key]):
                    features[len(found)] = row
                    found.append(content)
        return found, features[: len(found)]

    def _opened(self, index: Index) -> BinaryIO:
        """The rows, to be read as they lie; where no key is known, nothing."""
        return self._rows_path.open("rb", buffering=0) if index else io.BytesIO()


def _entries(data: bytes) -> Index:
    starts = range(0, len(data) - ENTRY_BYTES + 1, ENTRY_BYTES)
    return {data[i : i + KEY_BYTES]: data[i + KEY_BYTES : i + ENTRY_BYTES] for i in starts}


def _entry(key: bytes, place: int, row: np.ndarray) -> bytes:
    return key + place.to_bytes(PLACE_BYTES, "little") + _check(key, row)


def _check(key: bytes, row: np.ndarray) -> bytes:
    return hashlib.sha256(key + row.tobytes()).digest()[:CHECK_BYTES]


def _filled(rows: BinaryIO, row: np.ndarray, key: bytes, entry: bytes) -> bool:
    """Read a key's row, float16 (width,), into `row`; False where it isn't what was written for that key."""
    start = int.from_bytes(entry[:PLACE_BYTES], "little") * row.nbytes
    try:
        rows.seek(min(start, FAR))
        return rows.readinto(row) == row.nbytes and _check(key, row) == entry[PLACE_BYTES:]
    except OSError:  # a place on the disk that can't be read any more
        return False


def _append_aligned(path: Path, data: bytes, unit: int) -> int:
    """Append whole units after what is there, which a kill may have cut; the first one's number."""
    size = path.stat().st_size if path.exists() else 0
    disk.append(path, bytes(-size % unit) + data)
    return -(-size // unit)
