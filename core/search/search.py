"""Search for better settings of the head, on features that the frozen base gave once.

Each try trains a head with other settings. The photos of the test part are never looked at: after so many tries on the
validation photos, they alone can say how good the best one is.
"""

import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

from core.base.errors import StopRequested
from core.base.events import PHASE
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.models.config import CROSS_VALIDATION, FOLDS, TrainConfig
from core.models.heads import HEADS
from core.search.study import TrialStudy, open_study
from core.search.table import SearchTable
from core.search.trial import Material, run_trial
from core.search.words import settings_of

SHARED = (
    *("base", "strategy", "epochs", "batch_size", "patience", "seed"),
    *("class_weights", "augment", "validation_share", "test_share"),
)
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
    began = clock()
    job.event_log().write(PHASE, name="search", words="Trying settings of the head")
    deadline = Deadline(job, clock, seconds)
    with open_study(database, study_name(material, plan), plan) as tries:
        try:
            if not tries.has(plan):
                tries.add(plan, run_trial(plan, material, job.check_stop))
            keep(_table(material, plan, tries, clock() - began))
            while deadline.seconds_left() > 0:
                deadline.tell()
                _try_next(tries, plan, material, deadline)
                keep(_table(material, plan, tries, clock() - began))
        except StopRequested:
            if not tries.has(plan):
                raise
        return _table(material, plan, tries, clock() - began)


class Deadline:
    """When a search must end: its time is up, so many seconds from now on, or the user asks for it."""

    def __init__(self, job: Job, clock: Clock, seconds: float) -> None:
        self.seconds = seconds
        self._job = job
        self._clock = clock
        self._end = clock() + seconds
        self._progress = Progress(job.event_log(), shown=lambda done, total: (round(done), round(total)))

    def seconds_left(self) -> float:
        """Of its time; below 0 when that is over."""
        return self._end - self._clock()

    def check(self) -> None:
        """Raise StopRequested when it must end now; called between two steps."""
        self._job.check_stop()
        if self.seconds_left() <= 0:
            raise StopRequested(keep=True)

    def tell(self) -> None:
        """Write PROGRESS in seconds, not too often."""
        gone = self.seconds - max(0.0, self.seconds_left())
        self._progress(gone, self.seconds, gone)


def study_name(material: Material, plan: TrainConfig) -> str:
    """Equal for searches whose tries can be compared: same photos, same parts, same other settings."""
    shared = {name: value for name, value in asdict(plan).items() if name in SHARED}
    said = json.dumps([material.contents, material.groups, material.judged_by, shared])
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()


def _try_next(tries: TrialStudy, plan: TrainConfig, material: Material, deadline: Deadline) -> None:
    """Try what the estimator says; before that, once, each head that is solved at once, unless it takes too long."""
    for solved in _solved_plans(plan, material, deadline.seconds):
        if not tries.has(solved):
            tries.add(solved, run_trial(solved, material, deadline.check))
            return
    trial, config = tries.next()

    def hopeless(epoch: int, loss: float) -> bool:
        deadline.tell()
        trial.report(loss, epoch)
        return bool(trial.should_prune())  # numpy's is no JSON

    try:
        tries.keep(trial, run_trial(config, material, deadline.check, hopeless))
    except StopRequested:
        tries.drop(trial)
        raise


def _solved_plans(plan: TrainConfig, material: Material, seconds: float) -> list[TrainConfig]:
    """The plan with each head that is solved at once, when a search of so many seconds has time for that."""
    fits = FOLDS if material.judged_by == CROSS_VALIDATION else 1
    if SOLVING_S * fits * len(material.rows.class_ids) * material.n_classes >= MOST_FOR_SOLVING * seconds:
        return []
    return [replace(plan, head=head.name) for head in HEADS if head.solved_at_once and not head.on_whole_map]


def _table(material: Material, plan: TrainConfig, tries: TrialStudy, seconds: float) -> SearchTable:
    """All that was tried on these photos, the best and the plan's own, and on which photos these two differ."""
    trials = tries.trials()
    whole = [trial for trial in trials if not trial.pruned]
    own = next(trial for trial in whole if trial.settings == settings_of(plan))
    best = min(whole, key=lambda trial: trial.loss)
    wrong, wrong_own = set(best.wrong or []), set(own.wrong or [])
    return SearchTable(
        base=plan.base,
        plan=plan.to_json(),
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
