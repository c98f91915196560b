"""Heads: what is trained on a frozen base's pooled features."""

import keras
from keras import layers

from core.records.config import TrainConfig


def build_head(config: TrainConfig, feature_width: int, n_classes: int) -> keras.Model:
    """An untrained head.

    Args:
        config: Its `head`, `units`, `dropout` and `seed` are used.
        feature_width: Values per photo.
        n_classes: Number of classes.

    Returns:
        A model from features, float32 (n, feature_width), to probabilities, float32 (n, n_classes).
    """
    inputs = keras.Input((feature_width,), name="features")
    x = layers.Dropout(config.dropout, seed=config.seed, name="dropout")(inputs)
    if config.head == "fc":
        x = layers.Dense(config.units, activation="relu", name="fully_connected")(x)
        x = layers.Dropout(config.dropout, seed=config.seed + 1, name="dropout_fully_connected")(x)
    outputs = layers.Dense(n_classes, activation="softmax", name="probabilities")(x)
    return keras.Model(inputs, outputs, name="head")


def whole_model(base: keras.Model, head: keras.Model) -> keras.Model:
    """Base, pooling and head as one model: RGB 0..255, float32 (n, size, size, 3), to probabilities (n, classes)."""
    pooled = layers.GlobalAveragePooling2D(name="pool")(base.output)
    return keras.Model(base.input, head(pooled), name="espalier")
