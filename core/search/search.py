"""Search for better settings of the head, on features that the frozen base gave once.

Each try trains a head with other settings. The photos of the test part are never looked at: after so many tries on the
validation photos, they alone can say how good the best one is.
"""

import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from core.base.errors import InputError, StopRequested
from core.base.events import PHASE, PROGRESS, EventLog
from core.engine.places import Places
from core.jobs.job import Job
from core.models.config import CROSS_VALIDATION, FEATURE_EXTRACTION, FOLDS, LINEAR_SVM, TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.runs.run import estimate_for
from core.search.material import material_of
from core.search.study import TrialStudy, open_study
from core.search.trial import Material, run_trial
from core.search.words import settings_of, unsearchable

SHARED = (
    *("base", "strategy", "epochs", "batch_size", "patience", "seed"),
    *("class_weights", "augment", "validation_share", "test_share"),
)
PROGRESS_EVERY_S = 0.5
MACHINE_S = 0.001  # that a support vector machine takes for each photo and class; measured, with 1,280 features
MOST_FOR_MACHINE = 0.25  # of the search's time
Clock = Callable[[], float]
Keep = Callable[[dict[str, Any]], None]


def search(
    photos: list[LabelledPhoto], plan: TrainConfig, places: Places, database: Path, job: Job, seconds: float, keep: Keep
) -> dict[str, Any]:
    """Look for settings of the head that are better than the plan's.

    Args:
        photos: All usable ones, each with its part. Files of the test part are not opened.
        plan: What is tried first; what is not searched stays as it is.
        places: Where features and converted bases are kept.
        database: Of the tries; earlier ones on the same photos count.
        job: Gets PHASE and PROGRESS; its stop file ends the search with what was tried.
        seconds: In which tries begin; one that is not over then is forgotten. The plan itself is always tried.
        keep: Called with the table after each try.

    Returns:
        The table; docs/architecture.md says what is in it.

    Raises:
        InputError: The plan has no head that can be tried, or there are too few photos.
        StopRequested: It was stopped before the plan itself was tried.
    """
    if why := unsearchable(plan):
        raise InputError(why)
    material = material_of(photos, plan, places, job)
    judged_on_all = plan.strategy == FEATURE_EXTRACTION and estimate_for(photos, plan.test_given) == CROSS_VALIDATION

    def complete(table: dict[str, Any]) -> dict[str, Any]:
        return {**table, "test_cross_validated": judged_on_all}

    return complete(look_for(material, plan, database, job, seconds, lambda table: keep(complete(table))))


def look_for(
    material: Material,
    plan: TrainConfig,
    database: Path,
    job: Job,
    seconds: float,
    keep: Keep,
    clock: Clock = time.monotonic,
) -> dict[str, Any]:
    """As `search`, on features that are there.

    Args:
        clock: Gives seconds.
    """
    began = clock()
    job.event_log().write(PHASE, name="search", words="Trying settings of the head")
    timed = Timed(job, clock, seconds)
    with open_study(database, study_name(material, plan), plan) as tries:
        try:
            if not tries.has(plan):
                tries.add(plan, run_trial(plan, material, Timed(job, clock, math.inf), _never))
            keep(_table(material, plan, tries, clock() - began))
            while timed.seconds_left() > 0:
                timed.tell()
                _try_next(tries, plan, material, timed)
                keep(_table(material, plan, tries, clock() - began))
        except StopRequested:
            if not tries.has(plan):
                raise
        return _table(material, plan, tries, clock() - began)


class Timed(Job):
    """A job that is asked to stop when its time is up too, and in which parts of the work write no events.

    Args:
        job: The search's own.
        clock: Gives seconds.
        seconds: From now on.
    """

    def __init__(self, job: Job, clock: Clock, seconds: float) -> None:
        super().__init__(job.folder)
        self._job = job
        self._clock = clock
        self.seconds = seconds
        self._end = clock() + seconds
        self._told = -math.inf  # when PROGRESS was written last

    def seconds_left(self) -> float:
        """Of its time; below 0 when that is over."""
        return self._end - self._clock()

    def stop_requested(self) -> str:
        return super().stop_requested() or ("keep" if self.seconds_left() <= 0 else "")

    def event_log(self) -> EventLog:
        return _Silent(self.folder)

    def tell(self) -> None:
        """Write PROGRESS in seconds, not too often."""
        if self._clock() - self._told < PROGRESS_EVERY_S:
            return
        self._told, left = self._clock(), max(0.0, self.seconds_left())
        total = round(self.seconds)
        self._job.event_log().write(PROGRESS, done=round(total - left), total=total, seconds_left=round(left, 1))


class _Silent(EventLog):
    """The strengths of a margin are no news to who waits for a search."""

    def write(self, event: str, **values: Any) -> None:
        """Nothing."""


def study_name(material: Material, plan: TrainConfig) -> str:
    """Equal for searches whose tries can be compared: same photos, same parts, same other settings."""
    shared = {name: value for name, value in asdict(plan).items() if name in SHARED}
    said = json.dumps([material.contents, material.groups, material.judged_by, shared])
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()


def _try_next(tries: TrialStudy, plan: TrainConfig, material: Material, timed: Timed) -> None:
    """Try what the estimator says; before that, once, the support vector machine, unless it would take too long."""
    machine = replace(plan, head=LINEAR_SVM)
    if not tries.has(machine) and _machine_seconds(material) < MOST_FOR_MACHINE * timed.seconds:
        tries.add(machine, run_trial(machine, material, timed, _never))
        return
    trial, config = tries.next()

    def hopeless(epoch: int, loss: float) -> bool:
        timed.tell()
        trial.report(loss, epoch)
        return bool(trial.should_prune())  # numpy's is no JSON

    try:
        tries.keep(trial, config, run_trial(config, material, timed, hopeless))
    except StopRequested:
        tries.drop(trial)
        raise


def _machine_seconds(material: Material) -> float:
    fits = FOLDS if material.judged_by == CROSS_VALIDATION else 1
    return MACHINE_S * fits * len(material.rows.classes) * material.n_classes


def _never(epoch: int, loss: float) -> bool:
    return False


def _table(material: Material, plan: TrainConfig, tries: TrialStudy, seconds: float) -> dict[str, Any]:
    """All that was tried on these photos, the best and the plan's own, and on which photos these two differ."""
    records = tries.records()
    whole = [record for record in records if not record["pruned"]]
    own = next(record for record in whole if record["settings"] == settings_of(plan))
    best = min(whole, key=lambda record: record["loss"])
    wrong, wrong_own = set(best["wrong"]), set(own["wrong"])
    return {
        "schema": 1,
        "base": plan.base,
        "plan": plan.to_json(),
        "judged_by": material.judged_by,
        "n": len(material.truth),
        "trials": [{name: value for name, value in record.items() if name != "wrong"} for record in records],
        "best": best["number"],
        "own": own["number"],
        "only_best": len(wrong_own - wrong),
        "only_own": len(wrong - wrong_own),
        "seconds": round(seconds, 1),
    }
