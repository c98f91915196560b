"""Heads that are solved at once: the catalogue names their solver, which tells what each of its attempts reached."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pkgutil import resolve_name

import keras

from core.base.events import EPOCH, PHASE, PROGRESS, SVM
from core.jobs.job import Job
from core.models.config import TrainConfig
from core.models.heads import head_named
from core.training.rows import LabelledFeatures


@dataclass(frozen=True)
class Attempt:
    """What one of a solver's attempts reached, by the names of an EPOCH event.

    Args:
        epoch: Its number, from 1.
        loss: On the training photos.
        accuracy: On the training photos, 0..1.
        val_loss: On the validation photos; the attempt with the lowest is kept.
        val_accuracy: On the validation photos, 0..1.
    """

    epoch: int
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float


OnAttempt = Callable[[Attempt, int], bool]  # called with each attempt and how many there will be; True ends the search
# From settings, training photos, validation photos and the number of classes to a head with its weights.
Solver = Callable[[TrainConfig, LabelledFeatures, LabelledFeatures, int, OnAttempt], keras.Model]


def go_on(attempt: Attempt, total: int) -> bool:
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
    log, began = job.event_log(), time.monotonic()
    log.write(PHASE, name=SVM, words=head_named(config.head).solving)

    def on_attempt(attempt: Attempt, total: int) -> bool:
        seconds = round((time.monotonic() - began) / attempt.epoch, 4)
        log.write(EPOCH, phase=SVM, **asdict(attempt), seconds=seconds)
        left = round(seconds * (total - attempt.epoch), 1)
        log.write(PROGRESS, done=attempt.epoch, total=total, seconds_left=left)
        job.check_discard()
        return bool(job.stop_requested())

    return solve(config, train, validation, n_classes, on_attempt)
