"""How long thawed blocks or a whole network should learn: planned in optimiser steps, shown in epochs.

Twice as many photos make an epoch twice as long, but need less than twice as many steps: of few photos each must be
seen often before the last blocks of a base have changed enough, of many a few times will do. So the steps grow with the
root of the photos, and are never fewer than what each class needs (docs/log.md).
"""

import math
from collections.abc import Mapping
from dataclasses import replace

from core.models.config import FINE_TUNE, FROM_SCRATCH, RANDOM, TrainConfig
from core.photos.views import views_of

SHOWN_BY_ROOT = 900  # times the root of the photos: so often photos are shown in all; 1,000 photos 28 times each
SHOWN_OF_CLASS = 400  # of each class, however few photos it has
FROM_NOTHING = 3  # times as long, where no weights were learned before
FEWEST_EPOCHS = 4  # with fewer the rate has no time to rise and to fall
PATIENCE_SHARE = 0.25  # of the epochs


def planned_steps(config: TrainConfig, n_train: int, n_classes: int) -> int:
    """So many steps, of `config.batch_size` photos each, let a network or thawed blocks learn from so many photos."""
    shown = max(SHOWN_BY_ROOT * math.sqrt(n_train), SHOWN_OF_CLASS * n_classes)
    if config.initial == RANDOM:
        shown *= FROM_NOTHING
    return math.ceil(shown / config.batch_size)


def with_planned_epochs(config: TrainConfig, class_counts: Mapping[str, int]) -> TrainConfig:
    """The same settings with as many epochs as the planned steps make, for a network or blocks that learn.

    Args:
        class_counts: Photos per class, those that validate and test among them.
    """
    if config.strategy not in (FINE_TUNE, FROM_SCRATCH):
        return config
    n_train = sum(class_counts.values()) * (1 - config.validation_share - config.test_share)
    in_epoch = config.steps_per_epoch or math.ceil(n_train * len(views_of(config.augment)) / config.batch_size)
    epochs = max(FEWEST_EPOCHS, math.ceil(planned_steps(config, round(n_train), len(class_counts)) / in_epoch))
    if config.strategy == FINE_TUNE:
        return replace(config, fine_tune_epochs=epochs)
    return replace(config, epochs=epochs, patience=patience_of(epochs))


def patience_of(epochs: int) -> int:
    """Epochs without a better one before a network or thawed blocks stop early: a share of the steps, as the falling
    rate is."""
    return math.ceil(PATIENCE_SHARE * epochs)
