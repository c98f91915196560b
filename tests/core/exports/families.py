"""One base of each family with all heads on it, to be exported and compared with the app's engine.

The four heads sit side by side, as one model that answers with all their classes in a row: a base is written once in a
format and not four times.
"""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np
from keras import layers

from core.engine.conversion import convert
from core.engine.engine import FEATURES, Engine
from core.models.building import IMAGENET, build_base, build_benchmark_cnn
from core.models.catalogue import BUILT_IN
from core.models.config import BENCHMARK_CNN, TrainConfig
from core.models.head_building import build_head, input_width
from core.models.heads import FC, FLATTEN_FC, head_names

# Five more passed once (docs/benchmarks.md): twelve in one process take some 10 minutes and more than 15 GB.
FAMILIES = (
    BUILT_IN,
    BENCHMARK_CNN,
    *("mobilenetv3-small", "efficientnetv2b0", "resnet50", "convnexttiny", "vgg16"),
)
SAMPLE = (BENCHMARK_CNN, "mobilenetv3-small")  # of plain layers, and of gated and normalised ones
# tf2onnx can't write its grouped convolutions, which Keras compiles with XLA, nor Erfc; the export refuses it in words.
IMPOSSIBLE = {("onnx", "convnexttiny")}
SIZE = 75  # pixels a side: the smallest that all of them take
UNITS = 16
ENDS = 4  # classes of each head
SHARPNESS = 4  # makes the answers about as sure as those of a trained head


@dataclass(frozen=True)
class Family:
    """A model and what the app answers by it.

    Args:
        model: From pixels, float32 (n, size, size, 3), to probabilities, float32 (n, heads * ENDS).
        here: By the app's engine in 32 bits, float32 (photos, heads, ENDS).
    """

    model: keras.Model
    here: np.ndarray


def build(name: str) -> keras.Model:
    """The base; where its ImageNet weights are a download, they are random: which layers can be written is the same."""
    if name == BENCHMARK_CNN:
        return build_benchmark_cnn(seed=0)
    keras.utils.set_random_seed(0)
    return build_base(name, weights=IMAGENET if name == BUILT_IN else None, image_size=SIZE)


def settle(base: keras.Model, pixels: np.ndarray) -> None:
    """Let batch normalisation take its averages from photos: with those it begins with, random networks see nothing."""
    for layer in base.layers:
        if isinstance(layer, layers.BatchNormalization):
            layer.trainable, layer.momentum = True, 0.0
    base(pixels.astype(np.float32), training=True)
    base.trainable = False


def make(base: keras.Model, pixels: np.ndarray, scratch: Path) -> Family:
    """All heads on the base, each of which answers by what the base tells of these photos.

    Args:
        base: Its weights stay.
        pixels: uint8 (photos, size, size, 3).
        scratch: A folder for the engine's model.
    """
    convert(keras.Model(base.input, layers.Flatten()(base.output)), scratch / "base.xml", FEATURES)
    rows, _ = Engine(scratch / "base.xml", "f32").run(list(pixels), FEATURES)
    averages = rows.reshape(len(rows), -1, base.output_shape[-1]).mean(1)
    pooled, whole = layers.GlobalAveragePooling2D(name="pool")(base.output), layers.Flatten(name="map")(base.output)
    answers, here = [], []
    for name in head_names():
        config = TrainConfig(head=name, units=UNITS) if name in (FC, FLATTEN_FC) else TrainConfig(head=name)
        head = build_head(config, input_width(config, base), ENDS)
        seen, tensor = (rows, whole) if name == FLATTEN_FC else (averages, pooled)
        _fit(head, seen)
        here.append(np.array(head(seen)))
        answers.append(keras.Model(head.inputs[0], head.outputs[0], name=name.replace("-", "_"))(tensor))
    return Family(keras.Model(base.input, layers.Concatenate()(answers), name="espalier"), np.stack(here, axis=1))


def _fit(head: keras.Model, seen: np.ndarray) -> None:
    """Let the classes be the ends of the two directions in which the photos differ most (PCA)."""
    last = head.get_layer("probabilities")
    x = np.array(keras.Model(head.inputs[0], last.input)(seen), np.float64)
    middle = x.mean(0)
    _, scales, directions = np.linalg.svd(x - middle, full_matrices=False)
    towards = directions[:2].T / scales[:2] * np.sqrt(len(x))
    weights = SHARPNESS * np.concatenate([towards, -towards], axis=1)
    last.set_weights([weights.astype(np.float32), (-middle @ weights).astype(np.float32)])
