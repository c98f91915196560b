"""Read a Keras 2 `.h5` file that came from elsewhere: its description as JSON and its weights as numbers, no more."""

import json
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from core.base.errors import InputError
from core.base.records import JsonObject
from core.models.h5_numbers import TOO_MUCH, NotPlainError, child_of, values_of

MAX_VALUES = 20_000_000  # in all; MobileNetV2 with Teachable Machine's head has about 540,000
MAX_ENTRIES = 5_000  # groups and arrays; MobileNetV2 has about 600
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
            return config, _collect(child_of(file, "model_weights"))
    except InputError:
        raise
    except NotPlainError as error:
        raise InputError(f"The file {path.name} {error}, so nothing was read from it.") from error
    except Exception as error:  # h5py raises OSError, KeyError, RuntimeError, ValueError ... by where the damage is
        raise InputError(DAMAGED) from error


def _config(text: Any) -> JsonObject:
    text = text.decode() if isinstance(text, bytes) else str(text)
    config = json.loads(text) if len(text) <= MAX_CONFIG else None
    if not isinstance(config, dict):
        raise InputError(DAMAGED)
    return config


def _collect(top: h5py.Group | h5py.Dataset) -> Weights:
    """All numbers below a group; one that holds itself is seen to hold too much."""
    weights: Weights = {}
    waiting, seen, left = [("", top)], 0, MAX_VALUES
    while waiting:
        prefix, group = waiting.pop()
        if not isinstance(group, h5py.Group) or prefix.count("/") > MAX_DEPTH:
            raise InputError(DAMAGED)
        for name in group:
            seen += 1
            if seen > MAX_ENTRIES:
                raise NotPlainError(TOO_MUCH)
            found = child_of(group, name)
            if isinstance(found, h5py.Group):
                waiting.append((f"{prefix}{name}/", found))
            else:
                values = np.asarray(values_of(found, left), np.float32)
                weights[f"{prefix}{name}"] = values
                left -= values.size
    return weights
