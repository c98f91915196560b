"""What an epoch shows: every photo once, or so many steps of a stream that goes on from epoch to epoch."""

import math
from dataclasses import dataclass, replace

import tensorflow as tf

from core.models.config import TrainConfig
from core.training.rows import Rows


@dataclass(frozen=True)
class Steps:
    """How many batches make an epoch.

    Args:
        photos: That are learned from, views counted, 1 or more.
        batch_size: Photos per step; the last of those that show every photo once has what is left.
        asked: Steps in an epoch; 0 for as many as show every photo once.
    """

    photos: int
    batch_size: int
    asked: int = 0

    @classmethod
    def of(cls, config: TrainConfig, rows: Rows) -> "Steps":
        """Those of a run that learns from these rows."""
        return cls(len(rows.class_ids), config.batch_size, config.steps_per_epoch)

    @property
    def for_all(self) -> int:
        """As many as show every photo once."""
        return math.ceil(self.photos / self.batch_size)

    @property
    def in_epoch(self) -> int:
        """As many as an epoch has."""
        return self.asked or self.for_all

    def shown_after(self, steps: int) -> int:
        """How many photos so many steps show, counted from the beginning of the training."""
        rounds, more = divmod(steps, self.for_all)
        return rounds * self.photos + min(more * self.batch_size, self.photos)


def with_steps_for(config: TrainConfig, photos: int) -> TrainConfig:
    """The same settings with the steps that an epoch of so many photos, views counted, has: more make it no longer."""
    return replace(config, steps_per_epoch=Steps(photos, config.batch_size, config.steps_per_epoch).in_epoch)


def batches_of(rows: Rows, config: TrainConfig) -> tf.data.Dataset:
    """What Keras' `fit` of a head learns from, with `config.steps_per_epoch or None` steps an epoch.

    Batches that show every photo once, in another order each time; with steps an epoch the same again and again, so
    that an epoch goes on where the last one ended.
    """
    batches = rows.batches(config.batch_size, shuffle_seed=config.seed)
    return batches.repeat().prefetch(2) if config.steps_per_epoch else batches


def stream_of(rows: Rows, config: TrainConfig, first_step: int = 0) -> tf.data.Dataset:
    """What a network learns from: batches without end, all photos once in each round, from a step of the training on.

    The order of a round follows from the seed and the round's number alone, so a training that goes on after so many
    steps sees what it would have seen.

    Args:
        config: Its seed and batch size.
        first_step: How many batches to pass over; nothing is read of them.
    """
    n, size = len(rows.class_ids), config.batch_size
    first_round, passed_over = divmod(first_step, math.ceil(n / size))

    def numbers_of(number: tf.Tensor) -> tf.data.Dataset:
        seed = tf.stack([tf.constant(config.seed, tf.int64), number])
        order = tf.random.experimental.stateless_shuffle(tf.range(n, dtype=tf.int64), seed)
        return tf.data.Dataset.from_tensor_slices(order).batch(size)

    return rows.gathered(tf.data.Dataset.counter(first_round).flat_map(numbers_of).skip(passed_over))
