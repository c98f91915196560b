"""Read a Keras 2 `.h5` file that came from elsewhere: its description as JSON and its weights as numbers, no more.

HDF5 files may point to other files (external links, external storage, virtual datasets), claim sizes that they don't
hold, and name compression plug-ins. Only plain numbers that lie in the file itself are taken.
"""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from core.base.errors import InputError
from core.base.records import JsonObject

MAX_VALUES = 20_000_000  # in all; MobileNetV2 with Teachable Machine's head has about 540,000
MAX_DATASETS = 5_000
MAX_DEPTH = 8  # groups in groups
MAX_CONFIG = 5_000_000  # characters; Teachable Machine's description has about 70,000
DAMAGED = (
    "The file keras_model.h5 is damaged, or no model as Teachable Machine exports it, so nothing was read from it."
)

Weights = dict[str, np.ndarray]


def read_h5(path: Path) -> tuple[JsonObject, Weights]:
    """What a whole model saved by Keras 2 says of itself, and its weights.

    Returns:
        The `model_config`, and float32 arrays by their path in the file, such as "sequential_1/Conv1/kernel:0".

    Raises:
        InputError: It is damaged, or holds anything but plain numbers.
    """
    try:
        with h5py.File(path, "r") as file:
            config = _config(file.attrs["model_config"])
            weights: Weights = {}
            _collect(_plain(file, "model_weights"), "", weights)
            return config, weights
    except InputError:
        raise
    except Exception as error:  # h5py raises OSError, KeyError, RuntimeError, ValueError ... by where the damage is
        raise InputError(DAMAGED) from error


def _config(text: Any) -> JsonObject:
    text = text.decode() if isinstance(text, bytes) else str(text)
    config = json.loads(text) if len(text) <= MAX_CONFIG else None
    if not isinstance(config, dict):
        raise InputError(DAMAGED)
    return config


def _plain(group: h5py.Group, name: str) -> h5py.Group | h5py.Dataset:
    """What lies under this name in the file itself; soft and external links are not followed."""
    if not isinstance(group.get(name, getlink=True), h5py.HardLink):
        raise InputError("The file keras_model.h5 points to something outside itself, so nothing was read from it.")
    return group[name]


def _collect(group: h5py.Group, prefix: str, weights: Weights) -> None:
    if not isinstance(group, h5py.Group) or prefix.count("/") > MAX_DEPTH:
        raise InputError(DAMAGED)
    for name in group:
        found = _plain(group, name)
        if isinstance(found, h5py.Group):
            _collect(found, f"{prefix}{name}/", weights)
        else:
            _refuse_unusual(found, weights)
            weights[f"{prefix}{name}"] = np.asarray(found[()], np.float32)


def _refuse_unusual(dataset: h5py.Dataset, weights: Weights) -> None:
    stored_here = not dataset.is_virtual and not dataset.external
    if not stored_here or dataset.dtype.kind != "f" or dataset.id.get_create_plist().get_nfilters():
        raise InputError("The file keras_model.h5 holds data of a kind that no such model has, so nothing was read.")
    too_many = dataset.size + sum(array.size for array in weights.values()) > MAX_VALUES
    is_hollow = dataset.id.get_storage_size() < dataset.size * dataset.dtype.itemsize
    if too_many or is_hollow or len(weights) >= MAX_DATASETS:
        raise InputError(
            "The file keras_model.h5 claims far more than such a model holds, so nothing was read from it."
        )
