"""The optimizers that a run can learn with, in Keras: each with Keras' usual values but for what its config says."""

from collections.abc import Mapping

import keras

from core.models.config import ADAM, RMSPROP, SGD, TrainConfig

IN_KERAS = {ADAM: "Adam", RMSPROP: "RMSprop", SGD: "SGD"}  # the class in keras.optimizers
Rate = float | keras.optimizers.schedules.LearningRateSchedule


def build_optimizer(config: TrainConfig, rate: Rate, weight_decay: float = 0.0) -> keras.optimizers.Optimizer:
    """The config's optimizer, which has seen no weights yet.

    Args:
        config: Its optimizer and momentum are used.
        rate: The learning rate, a number above 0 or a schedule over the steps.
        weight_decay: How fast weights shrink beside what is learned, 0..1: rate times this share of them in each step
            (I. Loshchilov and F. Hutter, "Decoupled Weight Decay Regularization", 2019).
    """
    name, options = in_keras(config)
    return getattr(keras.optimizers, name)(rate, weight_decay=weight_decay or None, **options)


def in_keras(config: TrainConfig) -> tuple[str, Mapping[str, float]]:
    """The class of `keras.optimizers`, and its options but for rate and weight decay."""
    return IN_KERAS[config.optimizer], {"momentum": config.momentum} if config.optimizer == SGD else {}
