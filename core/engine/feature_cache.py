"""Features once: what a frozen base said of a photo, kept by the photo's content, so that no run asks again."""

import shutil
from pathlib import Path

import numpy as np
from filelock import FileLock

from core.base import disk
from core.base.files import disk_errors_in_words

KEY_BYTES = 32  # a SHA-256 digest
RESERVE_BYTES = 1_000_000_000  # of the disk that stay free, for the model and for other programs
FLOAT16_MAX = 65504.0  # a network without normalisation (VGG) may go beyond; infinity would end the training


class FeatureCache:
    """Rows of float16 features by SHA-256, in two files that only grow.

    The features are written before their keys, so that a kill between the two loses rows but never mixes them.

    Args:
        folder: Where the two files lie; made when missing.
        name: Base model, weights and input size, "efficientnet-lite0-57934424-224": another base, other files.
        width: Values per photo.
    """

    def __init__(self, folder: Path, name: str, width: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.width = width
        self._folder = folder
        self._keys_path = folder / f"{name}.keys"
        self._rows_path = folder / f"{name}.f16"
        self._lock = FileLock(folder / f"{name}.lock")

    def _keys(self) -> list[bytes]:
        """The keys that have a whole row, in row order."""
        if not (self._keys_path.exists() and self._rows_path.exists()):
            return []
        data, rows = self._keys_path.read_bytes(), self._rows_path.stat().st_size // (self.width * 2)
        return [data[i * KEY_BYTES : (i + 1) * KEY_BYTES] for i in range(min(rows, len(data) // KEY_BYTES))]

    def missing(self, contents: list[str]) -> list[int]:
        """Positions in `contents` (SHA-256 hex digests) that have no row yet; of equal ones only the first."""
        known, result = set(self._keys()), []
        for position, content in enumerate(contents):
            key = bytes.fromhex(content)
            if key not in known:
                known.add(key)
                result.append(position)
        return result

    def bytes_of(self, n: int) -> int:
        """What so many rows take on the disk."""
        return n * self.width * 2

    def has_room(self, n: int) -> bool:
        """Whether the disk has room for so many more rows, with RESERVE_BYTES left."""
        return self.bytes_of(n) + RESERVE_BYTES <= shutil.disk_usage(self._folder).free

    def add(self, contents: list[str], features: np.ndarray) -> None:
        """Keep more rows, float (len(contents), width), by SHA-256 hex digest.

        Raises:
            StorageError: The disk is full; the rows before are still good.
        """
        with self._lock, disk_errors_in_words("keeping the features"):
            rows = len(self._keys())
            with self._rows_path.open("ab") as file:
                file.truncate(rows * self.width * 2)  # drop rows whose keys were never written
                file.write(np.clip(features, -FLOAT16_MAX, FLOAT16_MAX).astype(np.float16).tobytes())
            with self._keys_path.open("ab") as file:
                file.truncate(rows * KEY_BYTES)
                file.write(b"".join(bytes.fromhex(content) for content in contents))

    def read(self, contents: list[str]) -> np.ndarray:
        """The features of photos that are all here: float32 (len(contents), width).

        Raises:
            KeyError: One of them has no row; `missing` tells which.
        """
        keys = self._keys()
        row_of = {key: row for row, key in enumerate(keys)}
        rows = [row_of[bytes.fromhex(content)] for content in contents]
        if not rows:
            return np.zeros((0, self.width), np.float32)
        disk.note_use(self._rows_path)
        stored = np.memmap(self._rows_path, np.float16, "r", shape=(len(keys), self.width))
        return stored[rows].astype(np.float32)
