"""Search for better settings: of the head, on features that the frozen base gave once, or of what `Tries` tries.

Each try trains with other settings. The photos of the test part are never looked at: after so many tries on the
validation photos, they alone can say how good the best one is.
"""

import hashlib
import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path
from typing import Protocol

from core.base.errors import StopRequested
from core.base.events import PHASE, PROGRESS
from core.jobs.job import Job
from core.jobs.progress import EVERY_S
from core.models.config import CROSS_VALIDATION, FOLDS, VAL_LOSS, TrainConfig
from core.models.heads import HEADS
from core.search.settings import with_settings
from core.search.space import Space, head_space
from core.search.study import TrialStudy, open_study
from core.search.table import SearchTable, SearchTrial
from core.search.trial import Check, Material, run_trial

OF_PHOTOS = ("class_weights", "augment", "validation_share", "test_share")
SHARED = ("base", "strategy", "epochs", "patience", "seed", "steps_per_epoch", "monitor", *OF_PHOTOS)
SHARED_BEFORE = ("base", "strategy", "epochs", "batch_size", "patience", "seed", *OF_PHOTOS)  # in older versions
SOLVING_S = 0.001  # that a support vector machine takes for each photo and class; measured, with 1,280 features
MOST_FOR_SOLVING = 0.25  # of the search's time
Clock = Callable[[], float]  # gives seconds


def search(
    material: Material,
    plan: TrainConfig,
    database: Path,
    job: Job,
    seconds: float,
    keep: Callable[[SearchTable], None],
    clock: Clock = time.monotonic,
) -> SearchTable:
    """Look for settings of the head that are better than the plan's.

    Args:
        material: Of `core.search.material.material_of`.
        plan: What is tried first; what is not searched stays as it is.
        database: Of the tries; earlier ones on the same photos count.
        job: Gets PHASE and PROGRESS; its stop file ends the search with what was tried.
        seconds: In which tries begin; one that is not over then is forgotten. The plan itself is always tried.
        keep: Called with the table after each try.

    Raises:
        StopRequested: It was stopped before the plan itself was tried.
    """
    return look_for(HeadTries(material, plan), database, job, seconds, keep, clock)


class Tries(Protocol):
    """What is tried, and how.

    Attributes:
        words: What is done, for who waits.
        names: Of the study, and what it was called by older versions; "" when they had none.
    """

    material: Material
    plan: TrainConfig
    space: Space
    words: str
    names: tuple[str, str]

    def run(self, config: TrainConfig, check: Check) -> SearchTrial:
        """Try these settings; `check` is called between two steps and may raise to end it."""

    def try_next(self, tries: TrialStudy, deadline: "Deadline") -> bool:
        """Try what comes next and note it; False when nothing more can be tried in the time that is left."""


def look_for(
    what: Tries,
    database: Path,
    job: Job,
    seconds: float,
    keep: Callable[[SearchTable], None],
    clock: Clock = time.monotonic,
) -> SearchTable:
    """Try one after the other, the plan's own first; arguments and errors as of `search`."""
    began = clock()
    job.event_log().write(PHASE, name="search", words=what.words)
    deadline = Deadline(job, clock, seconds)

    def check() -> None:
        job.check_stop()
        deadline.tell()

    def table(tries: TrialStudy) -> SearchTable:
        return _table(what, tries, clock() - began)

    name, earlier = what.names
    with open_study(database, name, what.plan, what.space, earlier) as tries:
        try:
            if not tries.has(what.plan):
                tries.add(what.plan, what.run(what.plan, check))
            keep(table(tries))
            while deadline.seconds_left() > 0:
                deadline.tell()
                if not what.try_next(tries, deadline):
                    break
                keep(table(tries))
        except StopRequested:
            if not tries.has(what.plan):
                raise
        return table(tries)


class Deadline:
    """When a search must end: its time is up, so many seconds from now on, or the user asks for it."""

    def __init__(self, job: Job, clock: Clock, seconds: float) -> None:
        self.seconds = seconds
        self._job = job
        self._clock = clock
        self._end = clock() + seconds
        self._told = -math.inf  # seconds since it began

    def seconds_left(self) -> float:
        """Of its time; below 0 when that is over."""
        return self._end - self._clock()

    def check(self) -> None:
        """Raise StopRequested when it must end now; called between two steps."""
        self._job.check_stop()
        if self.seconds_left() <= 0:
            raise StopRequested(keep=True)

    def tell(self) -> None:
        """Write PROGRESS in seconds, not too often, until the time is over; the plan's own try may take longer."""
        left = self.seconds_left()
        done = self.seconds - left
        if left > 0 and done - self._told >= EVERY_S:
            self._told = done
            told = {"done": round(done), "total": round(self.seconds), "seconds_left": round(left, 1)}
            self._job.event_log().write(PROGRESS, **told)


class HeadTries:
    """Heads on features: arguments as of `search`."""

    words = "Trying settings of the head"

    def __init__(self, material: Material, plan: TrainConfig) -> None:
        self.material = material
        self.plan = plan
        self.space = head_space()
        self.names = study_name(material, plan), _name_before(material, plan)

    def run(self, config: TrainConfig, check: Check) -> SearchTrial:
        """As `run_trial`."""
        return run_trial(config, self.material, check)

    def try_next(self, tries: TrialStudy, deadline: Deadline) -> bool:
        """What the estimator says; before that, once, each head that is solved at once, unless it takes too long."""
        for solved in _solved_plans(self.plan, self.material, deadline.seconds):
            if not tries.has(solved):
                tries.add(solved, run_trial(solved, self.material, deadline.check))
                return True
        trial, config = tries.next()

        def hopeless(epoch: int, loss: float) -> bool:
            deadline.tell()
            trial.report(loss, epoch)
            return bool(trial.should_prune())  # numpy's is no JSON

        with tries.dropped_when_ended(trial):
            tries.keep(trial, run_trial(config, self.material, deadline.check, hopeless))
        return True


def study_name(material: Material, plan: TrainConfig, shared: tuple[str, ...] = SHARED) -> str:
    """Equal for searches whose tries can be compared: same photos, same parts, same other settings."""
    same = {name: value for name, value in asdict(plan).items() if name in shared}
    said = json.dumps([material.contents, material.groups, material.judged_by, same])
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()


def _name_before(material: Material, plan: TrainConfig) -> str:
    """What older versions called the study; "" where the plan has what they did not know."""
    if plan.steps_per_epoch or plan.monitor != VAL_LOSS:
        return ""
    return study_name(material, plan, SHARED_BEFORE)


def _solved_plans(plan: TrainConfig, material: Material, seconds: float) -> list[TrainConfig]:
    """The plan with each head that is solved at once, when a search of so many seconds has time for that."""
    fits = FOLDS if material.judged_by == CROSS_VALIDATION else 1
    if SOLVING_S * fits * len(material.rows.class_ids) * material.n_classes >= MOST_FOR_SOLVING * seconds:
        return []
    solved = (head.name for head in HEADS if head.solved_at_once and not head.on_whole_map)
    return [with_settings(plan, {"head": name}) for name in solved]


def _table(what: Tries, tries: TrialStudy, seconds: float) -> SearchTable:
    """All that was tried on these photos, the best and the plan's own, and on which photos these two differ."""
    trials, own, material = tries.trials(), tries.of(what.plan), what.material
    best = min((trial for trial in trials if not trial.pruned), key=lambda trial: trial.loss)
    wrong, wrong_own = set(best.wrong or []), set(own.wrong or [])
    return SearchTable(
        base=what.plan.base,
        plan=what.plan.to_json(),
        estimate=material.judged_by,
        n=len(material.truth),
        trials=[replace(trial, wrong=None) for trial in trials],
        best=best.number,
        own=own.number,
        only_best=len(wrong_own - wrong),
        only_own=len(wrong - wrong_own),
        seconds=round(seconds, 1),
        test_cross_validated=material.test_cross_validated,
    )
