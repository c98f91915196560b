"""Try settings of a head: train it on features that are there, and judge it on photos it does not learn from."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from threadpoolctl import threadpool_limits

from core.evaluation.metrics import log_loss
from core.models.config import CROSS_VALIDATION, TrainConfig
from core.models.heads import head_named
from core.photos.labelled_photo import LabelledPhoto
from core.search.numpy_head import fit_quickly, probabilities
from core.search.settings import settings_of
from core.search.table import SearchTrial, Settings
from core.training.cross_validation import folds_of
from core.training.fitting import solver_of
from core.training.rows import LabelledFeatures

ENOUGH_VALIDATION = 100  # photos; of fewer, one photo is more than a point, and the best is whoever was lucky
VALIDATION_PART = "validation"  # the other way to judge
Check = Callable[[], None]  # called between two steps; raises StopRequested to end a try
Hopeless = Callable[[int, float], bool]


@dataclass(frozen=True)
class Material:
    """What settings are tried on: features of photos, none of them of the test part.

    Args:
        rows: Of all n photos as they are, the training photos first and then the validation photos; then of all of them
            in each further view that heads learn from.
        n_train: How many of the n are training photos.
        contents: Of each of the n, what it is, in which class and part.
        groups: Of each of the n, equal for near-copies.
        test_cross_validated: As in `SearchTable`.
        photos: The n themselves.
        may_fold: Whether folds may judge; where a base's blocks learn they would take five times as long.
    """

    rows: LabelledFeatures
    n_train: int
    contents: list[str]
    groups: list[str]
    n_classes: int
    test_cross_validated: bool = False
    photos: list[LabelledPhoto] = field(default_factory=list)
    may_fold: bool = True

    @cached_property
    def train(self) -> LabelledFeatures:
        """The training photos, view after view."""
        is_varied = len(self.rows.class_ids) > self.n
        return self.shown(np.arange(self.n_train)) if is_varied else self._slice(0, self.n_train)

    @property
    def validation(self) -> LabelledFeatures:
        """The validation photos as they are."""
        return self._slice(self.n_train, self.n)

    @property
    def together(self) -> LabelledFeatures:
        """Training and validation photos as they are."""
        return self._slice(0, self.n)

    @property
    def n(self) -> int:
        """How many photos there are."""
        return len(self.groups)

    @cached_property
    def judged_by(self) -> str:
        """How a try is judged: "validation", or "cross-validation" where that is too small and folds are possible."""
        if not self.may_fold:
            return VALIDATION_PART
        groups = {(int(label), group) for label, group in zip(self.together.class_ids, self.groups, strict=True)}
        foldable = min(np.bincount([label for label, _ in groups], minlength=self.n_classes)) > 1
        return CROSS_VALIDATION if self.n - self.n_train < ENOUGH_VALIDATION and foldable else VALIDATION_PART

    @property
    def truth(self) -> np.ndarray:
        """The classes of the photos that a try is judged on: int64 (n,)."""
        return (self.together if self.judged_by == CROSS_VALIDATION else self.validation).class_ids

    def shown(self, photos: np.ndarray) -> LabelledFeatures:
        """Some of the photos, int (m,), view after view."""
        return self.rows.take(np.concatenate([photos + first for first in range(0, len(self.rows.class_ids), self.n)]))

    def _slice(self, start: int, stop: int) -> LabelledFeatures:
        return self.rows.take(slice(start, stop))


def run_trial(
    config: TrainConfig, material: Material, check: Check, hopeless: Hopeless = lambda epoch, loss: False
) -> SearchTrial:
    """Train a head and judge it; the trial is not numbered yet.

    Args:
        check: Called after each epoch; may raise to end the try.
        hopeless: Asked after each of the losses. Folds are not given up: their losses differ more by their photos than
            by the settings, and of 24 tries on 240 photos that ended some that led (docs/log.md).

    Raises:
        StopRequested: It was ended before it said anything.
    """
    began, losses, gave_up = time.monotonic(), {}, False

    def watch(epoch: int, loss: float) -> bool:
        nonlocal gave_up
        check()
        losses[epoch] = loss
        gave_up = hopeless(epoch, loss)
        return gave_up

    judge = _cross_validated if material.judged_by == CROSS_VALIDATION else _validated
    with threadpool_limits(1, "blas"):  # steps are so small that a second thread waits more than it helps
        answers = judge(config, material, check, watch)
    tried = judged(settings_of(config), answers, material.truth, losses, time.monotonic() - began)
    return replace(tried, pruned=gave_up)


def judged(
    settings: Settings, answers: np.ndarray, truth: np.ndarray, losses: dict[int, float], seconds: float
) -> SearchTrial:
    """A try that came to its end, by what it answers: float32 (n, n_classes); the classes are int64 (n,)."""
    is_wrong = answers.argmax(1) != truth
    return SearchTrial(
        number=0,
        settings=settings,
        loss=max(0.0, log_loss(truth, answers)),  # of none wrong at all it is -0.0
        accuracy=float(1 - is_wrong.mean()),
        seconds=round(seconds, 3),
        pruned=False,
        wrong=np.flatnonzero(is_wrong).tolist(),
        losses=losses,
    )


def _validated(config: TrainConfig, material: Material, check: Check, watch: Hopeless) -> np.ndarray:
    """What a head says of the validation photos: float32 (n, n_classes)."""
    learned = _learned(config, material.train, material.validation, material.n_classes, check, watch)
    return learned(material.validation.features)


def _cross_validated(config: TrainConfig, material: Material, check: Check, watch: Hopeless) -> np.ndarray:
    """What heads that have not seen them say of all photos, fold by fold."""
    together = material.together
    answers = np.zeros((len(together.class_ids), material.n_classes), np.float32)
    for train, validation, unseen in folds_of(config, together, material.groups):
        parts = material.shown(train), together.take(validation)
        answers[unseen] = _learned(config, *parts, material.n_classes, check)(together.features[unseen])
    return answers


def _learned(
    config: TrainConfig,
    train: LabelledFeatures,
    validation: LabelledFeatures,
    n_classes: int,
    check: Check,
    watch: Hopeless | None = None,
) -> Callable[[np.ndarray], np.ndarray]:
    """A trained head: features in, probabilities out. `check` ends it between two steps, `watch` after an epoch."""

    def go_on(*_: object) -> bool:
        check()
        return False

    if head_named(config.head).solved_at_once:
        solved = solver_of(config)(config, train, validation, n_classes, go_on)
        return lambda features: np.asarray(solved(features))
    weights = fit_quickly(config, train, validation, n_classes, watch or go_on)
    return lambda features: probabilities(weights, features)
