"""Heads in Keras: built by their row of the catalogue, and put onto a base."""

import math
from pkgutil import resolve_name

import keras
from keras import layers, ops

from core.base.errors import InputError
from core.models.compression import ADDED, AT_ZERO
from core.models.config import TrainConfig
from core.models.heads import FC, head_named

ONCE, TWICE = "espalier", "espalier_asked_twice"  # names of whole models
MOST_PARAMETERS = 150_000_000  # with Adam's memory 1.8 GB; 519 units on Xception's map are 106 million


def build_head(config: TrainConfig, width: int, n_classes: int) -> keras.Model:
    """The config's head, untrained: from float32 (n, width), see `input_width`, to probabilities, (n, n_classes)."""
    # By its name in the catalogue, which can't import Keras: pages read it.
    head = resolve_name(head_named(config.head).builder)(config, width, n_classes)
    head.name = "head"  # by which the saved model, and a run that goes on from it, find it
    return head


def dense_layers(config: TrainConfig, width: int, n_classes: int) -> keras.Model:
    """A softmax, behind a hidden layer where the head has one; arguments and result as of `build_head`."""
    row = head_named(config.head)
    inputs = keras.Input((width,), name="features")
    share = config.dropout if row.hides_features else 0.0
    x = layers.Dropout(share, seed=config.seed, name="dropout")(inputs)
    if row.hidden_layer:
        x = layers.Dense(config.units, activation="relu", name="fully_connected")(x)
        x = layers.Dropout(config.dropout, seed=config.seed + 1, name="dropout_fully_connected")(x)
    outputs = layers.Dense(n_classes, activation="softmax", name="probabilities")(x)
    return keras.Model(inputs, outputs)


def compressed_layers(config: TrainConfig, width: int, n_classes: int) -> keras.Model:
    """A softmax on the features as they are and compressed, side by side; arguments and result as of `build_head`.

    Whichever of the two is used, the layers are the same, so that a config alone says how to build them anew.
    """
    inputs = keras.Input((width,), name="features")
    roots = keras.ops.sqrt(keras.ops.abs(inputs) + ADDED) - AT_ZERO  # as `compressed`, in layers that all formats know
    both = layers.Concatenate(name="both")([inputs, keras.ops.sign(inputs) * roots])
    return keras.Model(inputs, layers.Dense(n_classes, activation="softmax", name="probabilities")(both))


def input_width(config: TrainConfig, base: keras.Model) -> int:
    """Values per photo that the config's head learns from: a channel's average each, or the whole feature map.

    Raises:
        InputError: The head would be too large for the memory.
    """
    if not head_named(config.head).on_whole_map:
        return base.output_shape[-1]
    width = math.prod(base.output_shape[1:])
    if width * config.units > MOST_PARAMETERS:
        raise InputError(
            f"A layer of {config.units:,} units on all {width:,} values of the feature map would be too large. "
            f"{MOST_PARAMETERS // width:,} units are possible with this base model, or the head {FC}."
        )
    return width


def attach(head: keras.Model, feature_map: keras.KerasTensor) -> keras.KerasTensor:
    """A head's probabilities for a feature map, (n, h, w, channels).

    A head as wide as the map has channels takes their averages, a wider one all values.
    """
    if head.input_shape[1] == feature_map.shape[-1]:
        return head(layers.GlobalAveragePooling2D(name="pool")(feature_map))
    return head(layers.Flatten(name="flatten")(feature_map))


def whole_model(base: keras.Model, head: keras.Model, ask_mirror: bool = False) -> keras.Model:
    """Base and head as one model: RGB 0..255, float32 (n, size, size, 3), to probabilities (n, classes).

    With `ask_mirror` these are the mean of what it says of a photo and of its left-right mirror image.
    """
    once = keras.Model(base.input, attach(_bare(head), base.output), name=ONCE)
    return _asked_twice(once) if ask_mirror else once


def asked_once(model: keras.Model) -> keras.Model:
    """The model within a `whole_model`, whichever it is, that is asked about one picture: base and head are its own."""
    return model.get_layer(ONCE) if model.name == TWICE else model


def _asked_twice(once: keras.Model) -> keras.Model:
    # Both on the batch axis: so the base stands in a graph once, and its weights in every file that is made of it.
    pixels = keras.Input(once.input_shape[1:], name="pixels")
    both = layers.Concatenate(axis=0, name="photos_and_mirror_images")([pixels, pixels[:, :, ::-1]])
    answers = ops.reshape(once(both), (2, -1, once.output_shape[1]))
    return keras.Model(pixels, ops.mean(answers, axis=0), name=TWICE)


def _bare(head: keras.Model) -> keras.Model:
    """The same layers without what trained them: Adam's memory would be saved too, twice the weights' size."""
    return keras.Model(head.inputs[0], head.outputs[0], name=head.name)


def with_features(base: keras.Model, head: keras.Model) -> keras.Model:
    """A head as wide as the base's whole map, made to give the pooled features, too: [features, probabilities]."""
    rows = keras.Input((head.input_shape[1],), name="map")
    pooled = layers.GlobalAveragePooling2D(name="pool")(layers.Reshape(base.output_shape[1:])(rows))
    return keras.Model(rows, [pooled, head(rows)], name="head_with_features")
