"""EfficientNet-Lite in Keras: EfficientNet without squeeze-and-excite and with ReLU6, so that it converts and
quantises well. Architecture: Tan and Le, "EfficientNet" (2019), and its Lite variants in the TensorFlow TPU
repository (`models/official/efficientnet/lite`)."""

import math

import keras
import numpy as np
from keras import layers

STEM_CHANNELS = 32
FEATURE_WIDTH = 1280
BATCH_NORM_EPSILON = 1e-3
CHANNELS_STEP = 8  # scaled channels are rounded to multiples of it

# of Lite0: repeats, output channels, kernel, stride, expansion
BLOCKS = (
    (1, 16, 3, 1, 1),
    (2, 24, 3, 2, 6),
    (2, 40, 5, 2, 6),
    (3, 80, 3, 2, 6),
    (3, 112, 5, 1, 6),
    (4, 192, 5, 2, 6),
    (1, 320, 3, 1, 6),
)

# by name in the catalogue: how many times as many channels and repeats as Lite0
SCALING = {
    "efficientnet-lite0": (1.0, 1.0),
    "efficientnet-lite1": (1.0, 1.1),
    "efficientnet-lite2": (1.1, 1.2),
}


def build_lite(name: str, x: keras.KerasTensor, include_top: bool = False) -> keras.KerasTensor:
    """The network with random weights, on top of preprocessed pixels.

    Args:
        x: (n, size, size, 3), RGB scaled by (pixel - 127) / 128.

    Returns:
        The last feature map, (n, size / 32, size / 32, 1280), or with the top ImageNet probabilities, (n, 1000).
    """
    width, depth = SCALING[name]
    x = _conv_bn(x, STEM_CHANNELS, 3, 2, "stem")
    index = 0
    for position, (repeats, channels, kernel, stride, expansion) in enumerate(BLOCKS):
        inner = 0 < position < len(BLOCKS) - 1  # Lite leaves stem, head and the repeats next to them as they are
        for repeat in range(math.ceil(repeats * depth) if inner else repeats):
            first_stride = stride if repeat == 0 else 1
            x = _block(x, _scaled(channels, width), kernel, first_stride, expansion, f"block{index}")
            index += 1
    x = _conv_bn(x, FEATURE_WIDTH, 1, 1, "head")
    if include_top:
        x = layers.GlobalAveragePooling2D(name="pool")(x)
        x = layers.Dense(1000, activation="softmax", name="imagenet")(x)
    return x


def _scaled(channels: int, width: float) -> int:
    """EfficientNet's rounding: to the nearest step, but never to less than nine tenths."""
    scaled = channels * width
    rounded = max(CHANNELS_STEP, int(scaled + CHANNELS_STEP / 2) // CHANNELS_STEP * CHANNELS_STEP)
    return rounded if rounded >= 0.9 * scaled else rounded + CHANNELS_STEP


def _conv_bn(x: keras.KerasTensor, channels: int, kernel: int, stride: int, name: str) -> keras.KerasTensor:
    x = layers.Conv2D(channels, kernel, stride, "same", use_bias=False, name=f"{name}_conv")(x)
    x = layers.BatchNormalization(epsilon=BATCH_NORM_EPSILON, name=f"{name}_bn")(x)
    return layers.ReLU(6.0, name=f"{name}_relu")(x)


def _block(
    x: keras.KerasTensor, channels: int, kernel: int, stride: int, expansion: int, name: str
) -> keras.KerasTensor:
    """One inverted residual block (MobileNetV2's): widen, filter each channel, narrow, add."""
    entry = x
    if expansion != 1:
        x = _conv_bn(x, entry.shape[-1] * expansion, 1, 1, f"{name}_expand")
    x = layers.DepthwiseConv2D(kernel, stride, "same", use_bias=False, name=f"{name}_depthwise_conv")(x)
    x = layers.BatchNormalization(epsilon=BATCH_NORM_EPSILON, name=f"{name}_depthwise_bn")(x)
    x = layers.ReLU(6.0, name=f"{name}_depthwise_relu")(x)
    x = layers.Conv2D(channels, 1, 1, "same", use_bias=False, name=f"{name}_project_conv")(x)
    x = layers.BatchNormalization(epsilon=BATCH_NORM_EPSILON, name=f"{name}_project_bn")(x)
    if stride == 1 and entry.shape[-1] == channels:
        x = layers.Add(name=f"{name}_add")([x, entry])
    return x


def load_lite_weights(model: keras.Model, tensors: dict[str, np.ndarray]) -> None:
    """Put the tensors that `read_checkpoint` returns into a model built by `build_lite`, in place."""
    for layer in model.layers:
        key = _checkpoint_key(layer.name)
        if isinstance(layer, layers.DepthwiseConv2D):
            layer.set_weights([tensors[f"{key}.weight"].transpose(2, 3, 0, 1)])  # (c, 1, h, w) -> (h, w, c, 1)
        elif isinstance(layer, layers.Conv2D):
            layer.set_weights([tensors[f"{key}.weight"].transpose(2, 3, 1, 0)])  # (out, in, h, w) -> (h, w, in, out)
        elif isinstance(layer, layers.BatchNormalization):
            parts = ("weight", "bias", "running_mean", "running_var")
            layer.set_weights([tensors[f"{key}.{part}"] for part in parts])
        elif isinstance(layer, layers.Dense):
            layer.set_weights([tensors[f"{key}.weight"].T, tensors[f"{key}.bias"]])


def _checkpoint_key(layer_name: str) -> str:
    """`block3_project_bn` -> `_blocks.3._bn2`: the names that the PyTorch port gave its layers."""
    outer = {
        "stem_conv": "_conv_stem",
        "stem_bn": "_bn0",
        "head_conv": "_conv_head",
        "head_bn": "_bn1",
        "imagenet": "_fc",
    }
    if not layer_name.startswith("block"):
        return outer.get(layer_name, layer_name)
    block, _, part = layer_name.removeprefix("block").partition("_")
    inner = {
        "expand_conv": "_expand_conv",
        "expand_bn": "_bn0",
        "depthwise_conv": "_depthwise_conv",
        "depthwise_bn": "_bn1",
        "project_conv": "_project_conv",
        "project_bn": "_bn2",
    }
    return f"_blocks.{block}.{inner.get(part, part)}"
