"""Build a model from the description that Keras 2 wrote of it, layer by layer, from the few kinds that are known.

Keras' own loader would build whatever a file asks for, and since release 3 it refuses what release 2 wrote of
DepthwiseConv2D.
"""

import math
from collections.abc import Callable
from typing import Any

import keras
import numpy as np

from core.base.errors import InputError
from core.base.records import JsonObject
from core.teachable_machine.h5_weights import DAMAGED, Weights

SIDE = 224  # pixels
MAX_LAYERS = 1_000
MAX_DEPTH = 4  # models in models
MAX_KERNEL, MAX_STRIDE, MAX_PADDING = 11, 4, 16
MAX_OUTPUT = 10_000_000  # numbers after one layer; the widest of MobileNetV2 has 1,800,000
ACTIVATIONS = ("linear", "relu", "relu6", "softmax", "sigmoid")

Tensor = Any
Config = JsonObject  # what Keras 2 wrote of a layer or a model
Built = tuple[keras.layers.Layer, dict[str, tuple[int, ...]]]  # a layer, and the shapes of its weights by their names


def build(config: Config, weights: Weights) -> keras.Model:
    """The model that a file describes, with its weights.

    Args:
        config: The `model_config` of Keras 2.
        weights: Of `read_h5`.

    Returns:
        A model on float32 (n, 224, 224, 3), -1..1, that answers with probabilities (n, classes).

    Raises:
        InputError: It is described otherwise than such models are, or the weights don't fit.
    """
    inputs = keras.Input((SIDE, SIDE, 3))
    try:
        output = _Builder(weights).apply(config, inputs, 0)
    except InputError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise InputError(DAMAGED) from error
    if len(output.shape) != 2:
        raise InputError("This model does not answer with one number per class, so it is no image model with classes.")
    return keras.Model(inputs, output)


class _Builder:
    """Builds a description's layers in their order, and hands each its weights; each may be taken once."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._layers = 0

    def apply(self, entry: Config, inputs: Tensor, depth: int) -> Tensor:
        """What a layer, or a model of layers, makes of its input."""
        kind, config = entry["class_name"], entry["config"]
        self._layers += 1
        if depth > MAX_DEPTH or self._layers > MAX_LAYERS:
            raise InputError(DAMAGED)
        if kind == "Sequential":
            return self._sequence(config["layers"] if isinstance(config, dict) else config, inputs, depth)
        if kind in ("Functional", "Model"):
            return self._graph(config, inputs, depth)
        if kind == "InputLayer":
            _refuse_other_input(config)
            return inputs
        if kind not in LAYERS:
            raise InputError(
                f"This model has a layer of the kind {str(kind)[:60]!r}, which no Teachable Machine image model has, "
                "so it was not opened."
            )
        layer, shapes = LAYERS[kind](config, inputs)
        values = [self._take(str(config["name"]), name, shape) for name, shape in shapes.items()]  # before room is made
        output = layer(inputs)
        if math.prod(output.shape[1:]) > MAX_OUTPUT:
            raise InputError(DAMAGED)
        if values:
            layer.set_weights(values)
        return output

    def _sequence(self, layers: list[Config], inputs: Tensor, depth: int) -> Tensor:
        for layer in layers:
            inputs = self.apply(layer, inputs, depth + 1)
        return inputs

    def _graph(self, config: Config, inputs: Tensor, depth: int) -> Tensor:
        """Layers that name those whose answers they take: [[["Conv1", 0, 0, {}]]]."""
        outputs: dict[str, Tensor] = {}
        for layer in config["layers"]:
            sources = [outputs[source[0]] for node in layer["inbound_nodes"][:1] for source in node]
            taken = sources[0] if len(sources) == 1 else sources or inputs
            outputs[layer["name"]] = self.apply(layer, taken, depth + 1)
        last = config["output_layers"]
        return outputs[last[0][0] if isinstance(last[0], list) else last[0]]

    def _take(self, layer: str, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """The numbers of one weight, which Keras 2 keeps under ".../<layer>/<name>:0"."""
        found = [path for path in self._weights if f"/{path}".endswith(f"/{layer}/{name}:0")]
        if len(found) != 1 or self._weights[found[0]].shape != shape:
            raise InputError(f"The numbers of the layer {layer[:60]!r} are missing or don't fit, so it was not opened.")
        return self._weights.pop(found[0])


def _refuse_other_input(config: Config) -> None:
    shape = config.get("batch_input_shape") or config.get("batch_shape") or [None, SIDE, SIDE, 3]
    if list(shape) != [None, SIDE, SIDE, 3]:
        raise InputError(
            f"This model wants to see {shape[1:]} numbers and not {SIDE} x {SIDE} pixels in colour. Export a standard "
            "image model; those for microcontrollers see grey pictures of 96 pixels."
        )


def _pair(value: Any, at_most: int) -> tuple[int, int]:
    first, second = (value, value) if isinstance(value, int) else value
    if not all(isinstance(n, int) and 0 < n <= at_most for n in (first, second)):
        raise InputError(DAMAGED)
    return first, second


def _common(config: Config) -> Config:
    """What both kinds of convolutions say."""
    is_plain = config.get("data_format", "channels_last") == "channels_last" and config.get("groups", 1) == 1
    if not is_plain or config["padding"] not in ("same", "valid"):
        raise InputError(DAMAGED)
    return {
        "kernel_size": _pair(config["kernel_size"], MAX_KERNEL),
        "strides": _pair(config.get("strides", 1), MAX_STRIDE),
        "dilation_rate": _pair(config.get("dilation_rate", 1), MAX_STRIDE),
        "padding": config["padding"],
        "use_bias": bool(config["use_bias"]),
        "activation": _activation(config),
    }


def _activation(config: Config) -> str:
    if config.get("activation", "linear") not in ACTIVATIONS:
        raise InputError(f"This model has an activation that is not known: {str(config['activation'])[:60]!r}.")
    return config.get("activation", "linear")


def _width(config: Config, name: str) -> int:
    if not isinstance(config[name], int) or not 0 < config[name] <= 10_000:
        raise InputError(DAMAGED)
    return config[name]


def _conv(config: Config, inputs: Tensor) -> Built:
    common, filters = _common(config), _width(config, "filters")
    shapes = {"kernel": (*common["kernel_size"], inputs.shape[-1], filters)}
    return keras.layers.Conv2D(filters, **common), shapes | ({"bias": (filters,)} if common["use_bias"] else {})


def _depthwise(config: Config, inputs: Tensor) -> Built:
    common, times = _common(config), config.get("depth_multiplier", 1)
    if times != 1:
        raise InputError(DAMAGED)
    shapes = {"depthwise_kernel": (*common["kernel_size"], inputs.shape[-1], 1)}
    bias = {"bias": (inputs.shape[-1],)} if common["use_bias"] else {}
    return keras.layers.DepthwiseConv2D(depth_multiplier=1, **common), shapes | bias


def _dense(config: Config, inputs: Tensor) -> Built:
    units, with_bias = _width(config, "units"), bool(config["use_bias"])
    shapes = {"kernel": (inputs.shape[-1], units)}
    layer = keras.layers.Dense(units, activation=_activation(config), use_bias=with_bias)
    return layer, shapes | ({"bias": (units,)} if with_bias else {})


def _norm(config: Config, inputs: Tensor) -> Built:
    axis = config.get("axis", -1)
    if (axis[0] if isinstance(axis, list) else axis) not in (-1, len(inputs.shape) - 1):
        raise InputError(DAMAGED)
    scale, center = (bool(config.get(name, True)) for name in ("scale", "center"))
    names = ["gamma"] * scale + ["beta"] * center
    layer = keras.layers.BatchNormalization(epsilon=float(config["epsilon"]), scale=scale, center=center)
    return layer, dict.fromkeys([*names, "moving_mean", "moving_variance"], (inputs.shape[-1],))


def _relu(config: Config, inputs: Tensor) -> Built:
    top = config.get("max_value")
    slope, threshold = (float(config.get(name) or 0) for name in ("negative_slope", "threshold"))
    return keras.layers.ReLU(None if top is None else float(top), slope, threshold), {}


def _zeros(config: Config, inputs: Tensor) -> Built:
    sides = tuple(tuple(side) for side in config["padding"])
    if len(sides) != 2 or not all(isinstance(n, int) and 0 <= n <= MAX_PADDING for side in sides for n in side):
        raise InputError(DAMAGED)
    return keras.layers.ZeroPadding2D(sides), {}


LAYERS: dict[str, Callable[[Config, Tensor], Built]] = {
    "Conv2D": _conv,
    "DepthwiseConv2D": _depthwise,
    "Dense": _dense,
    "BatchNormalization": _norm,
    "ReLU": _relu,
    "ZeroPadding2D": _zeros,
    "Activation": lambda config, inputs: (keras.layers.Activation(_activation(config)), {}),
    "Add": lambda config, inputs: (keras.layers.Add(), {}),
    "GlobalAveragePooling2D": lambda config, inputs: (keras.layers.GlobalAveragePooling2D(), {}),
    "Flatten": lambda config, inputs: (keras.layers.Flatten(), {}),
    "Dropout": lambda config, inputs: (keras.layers.Dropout(0.0), {}),  # of no effect when photos are answered
}
