"""Read a legacy (pre-zip) PyTorch checkpoint without PyTorch and without running anything from it.

The file holds, one after another: three pickles (magic number, protocol, system info), the pickled state dict,
whose tensors name their storage by key, the pickled list of storage keys, then per storage its element count
(int64) and its raw little-endian data. See `torch.serialization._legacy_save`.
"""

import hashlib
import io
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from core.base.errors import WeightsError

MAGIC_NUMBER = 0x1950A86A20F9469CFC6C
STORAGE_DTYPES = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _Storage(NamedTuple):
    key: str
    dtype: np.dtype
    size: int


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _rebuild_tensor(storage: _Storage, offset: int, shape: tuple, strides: tuple, *_: Any) -> _Tensor:
    return _Tensor(storage, offset, tuple(shape), tuple(strides))


class _AllowListUnpickler(pickle.Unpickler):
    """Knows three names and builds plain records from them; any other name ends the reading."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild_tensor
        if module == "torch" and name in STORAGE_DTYPES:
            return STORAGE_DTYPES[name]
        raise WeightsError(f"The weights file asks for {module}.{name}, which no weights file needs. It was not used.")

    def persistent_load(self, pid: Any) -> _Storage:
        kind, dtype, key, _, size, _ = pid
        if kind != "storage" or not isinstance(dtype, np.dtype):
            raise WeightsError("The weights file is not laid out as a PyTorch checkpoint. It was not used.")
        return _Storage(str(key), dtype, int(size))


def read_checkpoint(path: Path, sha256: str) -> dict[str, np.ndarray]:
    """The tensors of a legacy PyTorch checkpoint by name.

    Args:
        sha256: Hex digest that the file must have; checked before anything is read from it.

    Returns:
        Arrays in the dtype and shape they were saved with (float32 or int64), by state-dict key.

    Raises:
        WeightsError: The file is missing, is not the expected one, or asks for anything but tensors.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"The weights file {path.name} can't be read. Install the requirements again.") from error
    if hashlib.sha256(data).hexdigest() != sha256:
        raise WeightsError(
            f"The weights file {path.name} is not the one this app was built for: it was changed or damaged. "
            "Nothing from it was used. Install the requirements again to get the original."
        )
    return parse_checkpoint(data)


def parse_checkpoint(data: bytes) -> dict[str, np.ndarray]:
    """As `read_checkpoint`, for bytes whose hash was checked already.

    Raises:
        WeightsError: The bytes are no such checkpoint or ask for anything but tensors.
    """
    stream = io.BytesIO(data)
    try:
        if _AllowListUnpickler(stream).load() != MAGIC_NUMBER:
            raise WeightsError("The weights file is not a PyTorch checkpoint. It was not used.")
        _AllowListUnpickler(stream).load()  # protocol version
        _AllowListUnpickler(stream).load()  # system info
        tensors = _AllowListUnpickler(stream).load()
        storages = _read_storages(stream, tensors)
        return {name: _as_array(tensor, storages) for name, tensor in tensors.items()}
    except WeightsError:
        raise
    except Exception as error:  # a hostile pickle can raise anything at all
        raise WeightsError("The weights file is damaged and can't be read. Nothing from it was used.") from error


def _read_storages(stream: io.BytesIO, tensors: dict[str, _Tensor]) -> dict[str, np.ndarray]:
    dtypes = {tensor.storage.key: tensor.storage.dtype for tensor in tensors.values()}
    storages = {}
    for key in _AllowListUnpickler(stream).load():
        (count,) = np.frombuffer(stream.read(8), "<i8")
        dtype = dtypes[key]
        storages[key] = np.frombuffer(stream.read(int(count) * dtype.itemsize), dtype, int(count))
    return storages


def _as_array(tensor: _Tensor, storages: dict[str, np.ndarray]) -> np.ndarray:
    flat = storages[tensor.storage.key]
    # The last element that the strides reach must lie inside: as_strided itself checks nothing.
    last = tensor.offset + sum((n - 1) * s for n, s in zip(tensor.shape, tensor.strides, strict=True))
    if tensor.offset < 0 or min((*tensor.shape, 1)) < 1 or min((*tensor.strides, 0)) < 0 or last >= flat.size:
        raise WeightsError("The weights file is damaged: a tensor reaches outside its data.")
    strides = [s * flat.itemsize for s in tensor.strides]
    return np.lib.stride_tricks.as_strided(flat[tensor.offset :], tensor.shape, strides).copy()
