"""Try to fine-tune: from which block of the base on, how fast, and how long.

A head is trained once by the plan. Each try then begins with it and with the base as it was, and learns from what
crosses its block's boundary, which is computed once for each block and kept.
"""

import time
from collections.abc import Callable
from dataclasses import fields, replace

import keras
import numpy as np

from core.base.errors import InputError
from core.base.events import PHASE
from core.engine.places import Places
from core.evaluation.metrics import log_loss
from core.jobs.job import Job
from core.models.building import starting_base
from core.models.config import FINE_TUNE, TrainConfig
from core.models.heads import head_named
from core.photos.labelled_photo import LabelledPhoto
from core.photos.views import ORIGINAL, views_of
from core.runs.report import Epoch
from core.search.block_costs import BlockCosts, shares_above
from core.search.search import Deadline, HeadTries, Tries, study_name
from core.search.settings import OF_BLOCKS, block_settings_of
from core.search.space import block_space
from core.search.study import TrialStudy
from core.search.table import SearchTrial
from core.search.trial import Check, Material, judged
from core.training.callbacks import HEAD, PLAIN, EpochProgress, KeepBest
from core.training.fitting import answers_of, learn, solver_of, untrained_head
from core.training.network_fitting import fit_network
from core.training.rows import StoredFeatures
from core.training.strategies import boundary
from core.training.strategies.boundary import Cut
from core.training.strategies.fine_tuning import activations_at, first_layer, thawing_schedule

PROPOSALS = 30  # of the estimator, before the time that is left counts as too short for any
OF_NO_MATTER = (*OF_BLOCKS, "initial", "start_from", "test_given", "test_share")  # to what a try says
Viewed = list[tuple[list[LabelledPhoto], tuple[str, ...], np.ndarray]]  # photos, their views, their class ids


def tries_for(material: Material, plan: TrainConfig, places: Places, job: Job) -> Tries:
    """What a plan's search tries: heads, or where the plan fine-tunes, blocks; arguments as of `BlockTries`."""
    return BlockTries(material, plan, places, job) if plan.strategy == FINE_TUNE else HeadTries(material, plan)


class BlockTries:
    """Blocks of the plan's base that learn, too.

    Args:
        material: Of `core.search.material.material_of`, with its photos.
        plan: A plan of fine-tuning.
        places: Where the activations are kept.
        job: Gets PHASE; its stop file ends the training of the head.

    Raises:
        InputError: The disk has no room for what crosses the plan's own boundary.
        StopRequested: The user wants it to end.
    """

    words = "Trying which blocks of the base model to train, how fast and how long"

    def __init__(self, material: Material, plan: TrainConfig, places: Places, job: Job) -> None:
        self.material = material
        self.plan = plan
        self._places = places
        base, blocks = starting_base(plan), plan.base_row().blocks
        self._widths = {block.name: boundary.width_at(base, block.first_layer) for block in blocks}
        train, validation = (len(photos) * len(views) for photos, views, _ in self._viewed())
        self._costs = BlockCosts(shares_above(base, blocks), train, validation)
        self.space = block_space(plan, self._first_with_room())
        shared = tuple(each.name for each in fields(plan) if each.name not in OF_NO_MATTER)
        self.names = study_name(material, plan, shared), ""
        job.event_log().write(PHASE, name="fit", words="Training the plan's head, from which each try goes on")
        self._head = _head_of(plan, material, job)
        self._before = _as_epoch(answers_of(self._head, material.validation), material.truth)

    def run(self, config: TrainConfig, check: Check) -> SearchTrial:
        """Train the blocks and judge them on the validation photos.

        Raises:
            RunError: A photo was moved or changed since it was first read.
            StopRequested: `check` ended it.
        """
        began = time.monotonic()
        base = starting_base(config)  # anew: a base is cut only once, and a try changes its weights
        halves = boundary.cut(base, first_layer(config))
        train, validation = self._rows(config, halves, check)
        # anew, too: a head that many networks share would keep them all in memory
        head = untrained_head(config, self.material.rows.width, self.material.n_classes)
        head.set_weights(self._head.get_weights())
        boundary.thaw(halves)
        model, watch = boundary.tail_model(halves, head), Watch(check)
        fit_network(model, config, thawing_schedule(config, [self._before]), train, validation, [watch])
        answers = model.predict(validation.batches(config.batch_size, shuffle_seed=None), verbose=0)
        seconds = time.monotonic() - began
        return judged(block_settings_of(config), answers, self.material.truth, watch.losses, seconds)

    def try_next(self, tries: TrialStudy, deadline: Deadline) -> bool:
        """What the estimator says, where that is new and can end in time; False where nothing it says can."""

        def check() -> None:
            deadline.check()
            deadline.tell()

        for _ in range(PROPOSALS):
            check()
            trial, config = tries.next()
            with tries.dropped_when_ended(trial):
                if not tries.has(config) and self._can_end(config, tries, deadline):
                    tries.keep(trial, self.run(config, check))
                    return True
            tries.drop(trial)
        return False

    def _can_end(self, config: TrainConfig, tries: TrialStudy, deadline: Deadline) -> bool:
        """Whether the disk has room for a try, and it is likely to be over in the time that is left."""
        missing = self._missing(config)
        if not self._has_room(config, missing):
            return False
        seconds = self._costs.seconds(block_settings_of(config), missing, tries.trials())
        return seconds <= deadline.seconds_left()

    def _viewed(self) -> Viewed:
        """What learns and what judges: only training photos are augmented."""
        photos, ids, n = self.material.photos, self.material.together.class_ids, self.material.n_train
        return [(photos[:n], views_of(self.plan.augment), ids[:n]), (photos[n:], (ORIGINAL,), ids[n:])]

    def _rows(self, config: TrainConfig, halves: Cut, check: Check) -> list[StoredFeatures]:
        """What crosses the boundary, computed where it is missing."""
        activations = activations_at(config, self._places, halves.width, lambda: halves.lower)
        for photos, views, _ in self._viewed():
            activations.add_known(photos, views, lambda *_: check())
        return [StoredFeatures(*each, cache=activations.cache) for each in self._viewed()]

    def _missing(self, config: TrainConfig) -> int:
        """Rows that were never computed of what crosses the config's boundary."""
        known = activations_at(config, self._places, self._widths[config.thaw_from], _never)
        return sum(len(known.missing(photos, views)) for photos, views, _ in self._viewed())

    def _has_room(self, config: TrainConfig, missing: int) -> bool:
        known = activations_at(config, self._places, self._widths[config.thaw_from], _never)
        return known.cache.has_room(missing)

    def _first_with_room(self) -> int:
        """Number of the earliest block from which on the disk has room for what crosses each boundary, from 0."""
        plans = [replace(self.plan, thaw_from=name) for name in self._widths]
        fits = [self._has_room(plan, self._missing(plan)) for plan in plans]
        if not fits[plans.index(self.plan)]:
            raise InputError(
                f"The disk has no room for what the frozen layers before {self.plan.thaw_from} say of the photos. "
                "Make room, or let a plan thaw fewer blocks."
            )
        return next(first for first in range(len(fits)) if all(fits[first:]) or plans[first] == self.plan)


class Watch(keras.callbacks.Callback):
    """Asks after each batch whether to go on, and notes the validation loss of each epoch, from 0."""

    def __init__(self, check: Check) -> None:
        super().__init__()
        self._check = check
        self.losses: dict[int, float] = {}

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._check()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        loss = float(logs.get(f"val_{PLAIN}", logs["val_loss"]))
        if np.isfinite(loss):
            self.losses[epoch] = loss


def _head_of(plan: TrainConfig, material: Material, job: Job) -> keras.Model:
    """The plan's head, trained or solved as a training with the plan begins."""
    train, validation = material.train, material.validation
    if head_named(plan.head).solved_at_once:
        return solver_of(plan)(plan, train, validation, material.n_classes, _asking(job.check_stop))
    head = untrained_head(plan, train.width, material.n_classes)
    kept = KeepBest(plan.patience, monitor=plan.monitor)
    callbacks = [Watch(job.check_stop), EpochProgress(job.event_log(), plan.epochs, kept)]
    learn(head, plan, train, validation, callbacks, kept)
    return head


def _asking(check: Check) -> Callable[..., bool]:
    def go_on(*_: object) -> bool:
        check()
        return False

    return go_on


def _as_epoch(answers: np.ndarray, truth: np.ndarray) -> Epoch:
    """How good a head is that was trained already: what blocks have to beat."""
    loss, right = log_loss(truth, answers), float((answers.argmax(1) == truth).mean())
    return Epoch(1, HEAD, loss=loss, accuracy=right, val_loss=loss, val_accuracy=right, seconds=0.0)


def _never() -> keras.Model:
    raise AssertionError("only what is missing is counted")
