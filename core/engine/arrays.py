"""Arrays of an `.npz`, which may be damaged or a stranger's: what it claims to hold is held against what it has."""

import math
import zipfile
from collections.abc import Iterable
from pathlib import Path

import numpy as np

HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}


def read_arrays(path: Path, names: Iterable[str]) -> dict[str, np.ndarray]:
    """Arrays of numbers from a file of `np.savez`. No more is allocated than the file has bytes.

    Raises:
        ValueError: It is missing or damaged, lacks one of them, or claims more than it holds.
    """
    names = list(names)
    try:
        size = path.stat().st_size
        with zipfile.ZipFile(path) as archive:
            for name in names:
                _refuse_more_than_there_is(archive, f"{name}.npy", size)
        with np.load(path, allow_pickle=False) as stored:
            return {name: stored[name] for name in names}
    except Exception as error:  # BadZipFile, zlib.error, struct.error, KeyError ... by where the damage is
        raise ValueError(f"{path.name} is damaged") from error


def _refuse_more_than_there_is(archive: zipfile.ZipFile, name: str, size: int) -> None:
    entry = archive.getinfo(name)
    if entry.compress_type != zipfile.ZIP_STORED or entry.file_size > size:
        raise ValueError(name)
    with archive.open(entry) as file:
        shape, _, dtype = HEADERS[np.lib.format.read_magic(file)](file)
        if dtype.hasobject or math.prod(shape) * dtype.itemsize != entry.file_size - file.tell():
            raise ValueError(name)
