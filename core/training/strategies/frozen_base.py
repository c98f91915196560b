"""What feature extraction and fine-tuning begin with: a head on what the frozen base says of each photo."""

from dataclasses import dataclass, replace
from functools import cached_property

import keras
import numpy as np

from core.base.events import PHASE
from core.base.subsets import TRAIN, VALIDATION
from core.engine.features import Features
from core.jobs.progress import Progress
from core.models.config import TrainConfig
from core.models.heads import head_named
from core.photos.labelled_photo import LabelledPhoto, groups_of
from core.photos.views import ORIGINAL
from core.training.fitting import fit_head, fit_head_for, refitter_of, solve_in_job, untrained_head
from core.training.rows import FeatureRows, LabelledFeatures, StoredFeatures
from core.training.saving import take_weights
from core.training.steps import with_steps_for
from core.training.strategies.extraction import head_features
from core.training.strategies.strategy import Setup

MOST_IN_MEMORY = 1_000_000_000  # bytes of what heads learn from; beyond that it is read batch by batch


@dataclass(frozen=True)
class FrozenFeatures:
    """What a run's head learns from: features, or whole feature maps, of its photos, which the base has all seen."""

    setup: Setup

    @cached_property
    def config(self) -> TrainConfig:
        return self.setup.run.config()

    @cached_property
    def features(self) -> Features:
        return head_features(self.config, self.setup.places, lambda: self.setup.base)

    @property
    def n_classes(self) -> int:
        return len(self.setup.subsets.class_names)

    def add_views(self, photos: list[LabelledPhoto], views: tuple[str, ...]) -> None:
        """Ask the base about photos in views that it has not seen yet."""
        job = self.setup.run.job
        self.features.add_known(photos, views, Progress(job.event_log(), job.check_stop))

    def rows(self, photos: list[LabelledPhoto], views: tuple[str, ...] = (ORIGINAL,)) -> FeatureRows:
        """What a head learns from of these photos in these views, with their classes."""
        if self.fits_memory(len(photos) * len(views)):
            return self.labelled(photos, views)
        return StoredFeatures(photos, views, self.setup.subsets.class_ids(photos), self.features.cache)

    def fits_memory(self, n: int) -> bool:
        """Whether that of so many photos may be held in memory."""
        return n * self.features.cache.width * 4 <= MOST_IN_MEMORY

    def labelled(self, photos: list[LabelledPhoto], views: tuple[str, ...] = (ORIGINAL,)) -> LabelledFeatures:
        """The same in memory, view after view."""
        class_ids, groups = self.setup.subsets.class_ids(photos), np.array(groups_of(photos))
        features = self.features.read(photos, views)
        return LabelledFeatures(features, np.tile(class_ids, len(views)), np.tile(groups, len(views)))


def fit_head_on(frozen: FrozenFeatures, views: tuple[str, ...]) -> keras.Model:
    """A head that was trained on the training photos in these views, which are all in the cache."""
    config, setup, job = frozen.config, frozen.setup, frozen.setup.run.job
    train, validation = setup.subsets.of(TRAIN), setup.subsets.of(VALIDATION)
    if head_named(config.head).solved_at_once:
        return solve_in_job(config, frozen.labelled(train, views), frozen.labelled(validation), frozen.n_classes, job)
    job.event_log().write(PHASE, name="fit", words="Learning to tell the classes apart")
    start = take_weights(setup.run, setup.base)
    return fit_head(config, frozen.rows(train, views), frozen.rows(validation), frozen.n_classes, job, start)


def fit_head_again(
    frozen: FrozenFeatures, photos: list[LabelledPhoto], views: tuple[str, ...], number: int
) -> tuple[keras.Model, int]:
    """The head once more, from more photos, in as many steps; and how many these are, 0 where it is solved at once.

    It begins with nothing, also where the run went on from another: the steps of both are counted then.

    Args:
        number: Of the epoch whose weights were kept, or of the try.

    Raises:
        LearningError: The training went wrong.
        StopRequested: The user wants it to end.
    """
    config, setup, n_classes = frozen.config, frozen.setup, frozen.n_classes
    frozen.add_views(photos, views)
    if head_named(config.head).solved_at_once:
        train, validation = setup.subsets.of(TRAIN), setup.subsets.of(VALIDATION)
        rows = frozen.labelled(train, views), frozen.labelled(validation), frozen.labelled(photos, views)
        return refitter_of(config)(config, number, *rows, n_classes), 0
    config = with_steps_for(replace(config, epochs=number), len(setup.subsets.of(TRAIN)) * len(views))
    head = fit_head_for(config, frozen.rows(photos, views), n_classes, setup.run.job)
    return head, number * config.steps_per_epoch


def earlier_head(frozen: FrozenFeatures) -> keras.Model | None:
    """The head of the run that this one goes on from, whose weights the base takes too; None when it begins anew."""
    weights = take_weights(frozen.setup.run, frozen.setup.base)
    if weights is None:
        return None
    head = _untrained(frozen)
    head.set_weights(weights)
    return head


def head_that_goes_on(frozen: FrozenFeatures) -> keras.Model | None:
    """A head that has learned nothing, since what it had learned is in the checkpoint; None where there is none."""
    return None if frozen.setup.checkpoints.reached is None else _untrained(frozen)


def _untrained(frozen: FrozenFeatures) -> keras.Model:
    return untrained_head(frozen.config, frozen.features.cache.width, frozen.n_classes)
