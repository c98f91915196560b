"""Heads that are solved at once: the catalogue names their solver, which tells what each of its attempts reached."""

from collections.abc import Callable
from pkgutil import resolve_name

import keras

from core.base.events import EPOCH, PHASE, SVM
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.models.config import TrainConfig
from core.models.heads import head_named
from core.runs.report import Epoch
from core.training.rows import LabelledFeatures

OnAttempt = Callable[[Epoch, int], bool]  # called with each attempt and how many there will be; True ends the search
# From settings, training photos, validation photos and the number of classes to a head with its weights.
Solver = Callable[[TrainConfig, LabelledFeatures, LabelledFeatures, int, OnAttempt], keras.Model]


def go_on(attempt: Epoch, total: int) -> bool:
    """To hear nothing of the attempts and end none."""
    return False


def solve(
    config: TrainConfig,
    train: LabelledFeatures,
    validation: LabelledFeatures,
    n_classes: int,
    on_attempt: OnAttempt = go_on,
) -> keras.Model:
    """The config's head, solved.

    Args:
        config: Its head is one that is solved at once.
        train: What it learns from, of at least two classes.
        validation: What chooses between attempts.
        n_classes: Number of classes.
        on_attempt: May raise to stop.
    """
    solver: Solver = resolve_name(head_named(config.head).solver)
    return solver(config, train, validation, n_classes, on_attempt)


def solve_in_job(
    config: TrainConfig, train: LabelledFeatures, validation: LabelledFeatures, n_classes: int, job: Job
) -> keras.Model:
    """As `solve`; the job gets an EPOCH event per attempt and PROGRESS, and its stop file ends it after the next one.

    Raises:
        StopRequested: The user discards the run.
    """
    log = job.event_log()
    progress = Progress(log, every_s=0)
    log.write(PHASE, name=SVM, words=head_named(config.head).solving)

    def on_attempt(attempt: Epoch, total: int) -> bool:
        log.write(EPOCH, **attempt.to_json())
        progress(attempt.number, total)
        job.check_discard()
        return bool(job.stop_requested())

    return solve(config, train, validation, n_classes, on_attempt)
