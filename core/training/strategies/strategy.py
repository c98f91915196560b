"""What every strategy takes and hands back, and the clock that it is timed by."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from core.base.subsets import TRAIN, VALIDATION
from core.engine.places import Places
from core.evaluation.final_model import FinalModel
from core.photos.labelled_photo import LabelledPhoto
from core.photos.views import ORIGINAL, views_of
from core.runs.report import EngineParity, Epoch, FineTuning, FromScratch, Seconds
from core.runs.run import Run
from core.training.checkpoints import Checkpoints
from core.training.subsets import Subsets

if TYPE_CHECKING:
    import keras


class Stopwatch:
    """Where the seconds of a run go; `before` are those that it took until it was interrupted."""

    def __init__(self, before: Seconds | None = None) -> None:
        before = before or Seconds(features=0.0, fit=0.0, evaluate=0.0, total=0.0)
        self._last = time.monotonic()
        self._began = self._last - before.total
        self._laps = {"features": before.features, "fit": before.fit}

    def lap(self, name: str) -> None:
        """Count the time since the last call to "features" or "fit"."""
        now = time.monotonic()
        self._laps[name] += now - self._last
        self._last = now

    def seconds_of_fit(self) -> Seconds:
        """As `seconds` in the midst of a fit."""
        self.lap("fit")
        return self.seconds()

    def seconds(self) -> Seconds:
        """Until now, rounded to milliseconds."""
        total = time.monotonic() - self._began
        laps = {**self._laps, "evaluate": total - sum(self._laps.values()), "total": total}
        return Seconds(**{name: round(seconds, 3) for name, seconds in laps.items()})


@dataclass(frozen=True)
class Setup:
    """What a strategy begins with.

    Args:
        run: What to train, and where the model goes.
        subsets: The photos that were read; the cache has what the frozen base says of them, unless from scratch.
        base: As `building.starting_base` gives it.
        checkpoints: Of networks and thawed blocks, which learn for long; they may have what an earlier worker kept.
    """

    run: Run
    places: Places
    subsets: Subsets
    base: "keras.Model"
    watch: Stopwatch
    checkpoints: Checkpoints

    def epochs_before(self) -> list[Epoch]:
        """The run's epochs so far; where it goes on, those before what was interrupted began to learn."""
        epochs, reached = self.run.epochs(), self.checkpoints.reached
        return [epoch for epoch in epochs if reached is None or epoch.number <= reached.earlier]

    def viewed(self) -> list[tuple[list[LabelledPhoto], tuple[str, ...], np.ndarray]]:
        """What learns and what steers, each with its views and class ids: only training photos are augmented."""
        views = {TRAIN: views_of(self.run.config().augment), VALIDATION: (ORIGINAL,)}
        photos = ((self.subsets.of(subset), seen) for subset, seen in views.items())
        return [(own, seen, self.subsets.class_ids(own)) for own, seen in photos]


@dataclass(frozen=True)
class Evaluation:
    """The answers that the report is about.

    Args:
        estimate: "test" or "cross-validation".
        photos: By subset, as for `write_predictions`.
        probabilities: float32 (photos, classes) by subset.
    """

    estimate: str
    photos: dict[str, list[LabelledPhoto]]
    probabilities: dict[str, np.ndarray]


@dataclass(frozen=True)
class Trained:
    """A model that was trained and saved, with what only its strategy has to tell.

    `evaluation` is of the tested model; with a `final` one the tested model lies beside it.
    """

    evaluation: Evaluation
    parity: EngineParity
    fine_tuning: FineTuning | None = None
    from_scratch: FromScratch | None = None
    final: FinalModel | None = None


Strategy = Callable[[Setup], Trained]
