"""Fit a head on features: Keras' own `fit`, early stopping, the best weights restored."""

import math
from dataclasses import dataclass

import keras
import numpy as np
import tensorflow as tf

from core.data.jobs import Job
from core.data.runs import NOTE
from core.learning.callbacks.event_logger import EpochProgress, EventLogger
from core.learning.callbacks.keep_best import KeepBest
from core.learning.callbacks.stop_request import StopRequest
from core.learning.heads import build_head
from core.records.config import TrainConfig
from core.records.errors import RunError


@dataclass(frozen=True)
class LabelledFeatures:
    """Features with their classes.

    Args:
        features: float32 (n, width).
        classes: int64 (n,), indices.
    """

    features: np.ndarray
    classes: np.ndarray

    def take(self, rows: np.ndarray) -> "LabelledFeatures":
        """Those of these row numbers, int (m,), in their order."""
        return LabelledFeatures(self.features[rows], self.classes[rows])


def fit_head(
    config: TrainConfig, train: LabelledFeatures, validation: LabelledFeatures, n_classes: int, job: Job
) -> keras.Model:
    """Train a head until the validation loss stops falling.

    Args:
        config: The settings.
        train: What it learns from, n at least 1.
        validation: What early stopping looks at, n at least 1.
        n_classes: Number of classes.
        job: Gets an event per epoch; its stop file ends the training.

    Returns:
        The head with the weights of its best epoch.

    Raises:
        RunError: The training went wrong in its first epoch.
        StopRequested: The user discards the run.
    """
    head, log = untrained_head(config, train.features.shape[1], n_classes), job.event_log()
    callbacks = [EventLogger(log), EpochProgress(log, config.epochs), StopRequest(job)]
    tell_trouble(learn(head, config, train, validation, callbacks), job)
    return head


def tell_trouble(kept: KeepBest, job: Job) -> None:
    """Note why a training went wrong, if it did.

    Raises:
        RunError: It had nothing worth keeping yet.
    """
    if kept.trouble and math.isinf(kept.best):
        raise RunError(f"The training went wrong at once: {kept.trouble}. Choose a lower rate and train again.")
    if kept.trouble:
        words = f"The training ended early because {kept.trouble}. The best weights before that are kept."
        job.event_log().write(NOTE, words=words)


def seed_everything(config: TrainConfig) -> None:
    """Make what follows the same for the same seed: initial weights, shuffling, dropout."""
    keras.utils.set_random_seed(config.seed)


def class_weights(config: TrainConfig, classes: np.ndarray, n_classes: int) -> dict[int, float] | None:
    """What a photo of each class counts, so that all classes count alike; None when the config doesn't ask for it.

    Args:
        config: The settings.
        classes: int64 (n,), of all training photos, every class among them.
        n_classes: Number of classes.
    """
    if not config.class_weights:
        return None
    counts = np.bincount(classes, minlength=n_classes)
    return {index: float(len(classes) / (n_classes * count)) for index, count in enumerate(counts)}


def untrained_head(config: TrainConfig, feature_width: int, n_classes: int) -> keras.Model:
    """A head that is ready for `learn`, the same for the same seed.

    Args:
        config: The settings.
        feature_width: Values per photo.
        n_classes: Number of classes.
    """
    seed_everything(config)
    head = build_head(config, feature_width, n_classes)
    head.compile(
        optimizer=keras.optimizers.Adam(config.learning_rate),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,  # compiling takes longer than a head takes to train
    )
    return head


def learn(
    head: keras.Model,
    config: TrainConfig,
    train: LabelledFeatures,
    validation: LabelledFeatures,
    callbacks: list[keras.callbacks.Callback],
) -> KeepBest:
    """Train a head until the validation loss stops falling, and give it the weights of its best epoch.

    Args:
        head: From `untrained_head`.
        config: The settings.
        train: What it learns from, n at least 1.
        validation: What early stopping looks at, n at least 1.
        callbacks: What else happens on the way.

    Returns:
        What kept the best weights, and knows whether it went well.
    """
    kept = KeepBest(config.patience)
    head.fit(
        _batches(train, config.batch_size, shuffle_seed=config.seed),
        epochs=config.epochs,
        shuffle=False,  # `_batches` does it
        validation_data=_batches(validation, 1024, shuffle_seed=None),
        verbose=0,
        class_weight=class_weights(config, train.classes, head.output_shape[1]),
        callbacks=[kept, *callbacks],
    )
    return kept


def _batches(rows: LabelledFeatures, size: int, shuffle_seed: int | None) -> tf.data.Dataset:
    """Batches from memory; fit on this takes half the time of fit on the arrays (docs/log.md)."""
    data = tf.data.Dataset.from_tensor_slices((rows.features, rows.classes)).cache()
    if shuffle_seed is not None:
        data = data.shuffle(len(rows.classes), seed=shuffle_seed, reshuffle_each_iteration=True)
    return data.batch(size).prefetch(2)
