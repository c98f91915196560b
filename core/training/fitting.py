"""Fit a head on features: Keras' own `fit`, early stopping, the best weights restored; or solve it at once."""

from collections.abc import Callable
from pkgutil import resolve_name

import keras
import numpy as np

from core.base.errors import RunError
from core.base.events import EPOCH, NOTE, PHASE, SVM
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.models.config import TrainConfig
from core.models.head_building import build_head
from core.models.heads import head_named
from core.models.optimizers import build_optimizer
from core.runs.report import WORST, Epoch, best_score, epochs_of
from core.training.callbacks import EpochProgress, EventLogger, KeepBest, Logs, StopRequest
from core.training.rows import FeatureRows, LabelledFeatures, reading_in_words
from core.training.steps import batches_of

VALIDATION_BATCH = 1024

OnAttempt = Callable[[Epoch, int], bool]  # called with each attempt and how many there will be; True ends the search
Solver = Callable[..., keras.Model]  # takes and gives what `core.training.solving.linear_svm.fit_svm` does


class LearningError(Exception):
    """A training of which nothing is kept went wrong; says why in words that end a sentence."""


class EndAfter(KeepBest):
    """Ends a training after so many epochs with the weights of the last one, since nothing says which is the best.

    Args:
        epochs: 1 or more.
    """

    def __init__(self, epochs: int) -> None:
        super().__init__(patience=epochs)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        self.waited = epoch + 1
        if self.is_over:
            self.model.stop_training = True

    def on_train_end(self, logs: Logs = None) -> None:
        pass

    def refuse_trouble(self) -> None:
        """Raise LearningError where it went wrong."""
        if self.trouble:
            raise LearningError(self.trouble)


def fit_head(
    config: TrainConfig,
    train: FeatureRows,
    validation: FeatureRows,
    n_classes: int,
    job: Job,
    start: list[np.ndarray] | None = None,
) -> keras.Model:
    """A head, trained as `learn` does.

    Args:
        job: Gets an event per epoch; its stop file ends the training.
        start: The weights it goes on from, as good as the best of the job's epochs so far; None to begin anew.

    Raises:
        RunError: The training went wrong in its first epoch.
        StopRequested: The user discards the run.
    """
    head, log = untrained_head(config, train.width, n_classes), job.event_log()
    earlier = []
    if start is not None:
        head.set_weights(start)
        earlier = epochs_of(job.events())
    kept = KeepBest(config.patience, best_score(earlier, config.monitor), config.monitor)
    callbacks = [
        EventLogger(log, earlier=len(earlier)),
        EpochProgress(log, config.epochs, kept),
        StopRequest(job),
    ]
    learn(head, config, train, validation, callbacks, kept)
    tell_trouble(kept, job)
    return head


def fit_head_for(config: TrainConfig, rows: FeatureRows, n_classes: int, job: Job) -> keras.Model:
    """A head that has learned for all of the config's epochs, with nothing held out; arguments as of `fit_head`.

    Raises:
        LearningError: The training went wrong.
        StopRequested: The user wants it to end.
    """
    head, kept = untrained_head(config, rows.width, n_classes), EndAfter(config.epochs)
    learn(head, config, rows, None, [EpochProgress(job.event_log(), config.epochs, kept), StopRequest(job)], kept)
    job.check_stop()  # it was stopped half-way then
    kept.refuse_trouble()
    return head


def solve_in_job(
    config: TrainConfig, train: LabelledFeatures, validation: LabelledFeatures, n_classes: int, job: Job
) -> keras.Model:
    """The config's head, solved; the job gets an EPOCH event per attempt, and its stop file ends it after the next one.

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

    return solver_of(config)(config, train, validation, n_classes, on_attempt)


def solver_of(config: TrainConfig) -> Solver:
    """What solves the config's head, which is one that is solved at once."""
    return resolve_name(head_named(config.head).solver)


def refitter_of(config: TrainConfig) -> Solver:
    """What solves such a head once more with the setting that was chosen."""
    return resolve_name(head_named(config.head).refitter)


def tell_trouble(kept: KeepBest, job: Job) -> None:
    """Note why a training went wrong, if it did.

    Raises:
        RunError: It had nothing worth keeping yet.
    """
    if kept.trouble and kept.best == WORST:
        raise RunError(f"The training went wrong at once: {kept.trouble}. Choose a lower rate and train again.")
    if kept.trouble:
        words = f"The training ended early because {kept.trouble}. The best weights before that are kept."
        job.event_log().write(NOTE, words=words)


def class_weights(config: TrainConfig, class_ids: np.ndarray, n_classes: int) -> dict[int, float] | None:
    """What a photo of each class counts, so that all classes count alike; None when the config doesn't ask for it.

    Args:
        class_ids: int64 (n,), of all training photos, every class among them.
    """
    if not config.class_weights:
        return None
    counts = np.bincount(class_ids, minlength=n_classes)
    return {index: float(len(class_ids) / (n_classes * count)) for index, count in enumerate(counts)}


def untrained_head(config: TrainConfig, width: int, n_classes: int) -> keras.Model:
    """A head on so many values per photo that is ready for `learn`, the same for the same seed."""
    keras.utils.set_random_seed(config.seed)
    head = build_head(config, width, n_classes)
    head.compile(
        optimizer=build_optimizer(config, config.learning_rate, config.weight_decay),
        loss="sparse_categorical_crossentropy",
        metrics=["accuracy"],
        jit_compile=False,  # compiling takes longer than a head takes to train
    )
    return head


def learn(
    head: keras.Model,
    config: TrainConfig,
    train: FeatureRows,
    validation: FeatureRows | None,
    callbacks: list[keras.callbacks.Callback],
    kept: KeepBest | None = None,
) -> KeepBest:
    """Train a head until what is monitored gets no better, and give it the weights of its best epoch.

    Args:
        head: From `untrained_head`.
        train: What it learns from, n at least 1.
        validation: What early stopping looks at, n at least 1; None where `kept` doesn't.
        callbacks: What else happens on the way.
        kept: Keeps the best weights; None where those that it begins with are not worth keeping.

    Returns:
        What kept the best weights, and knows whether it went well.
    """
    kept = kept or KeepBest(config.patience, monitor=config.monitor)
    with reading_in_words(train, validation):
        head.fit(
            batches_of(train, config),
            epochs=config.epochs,
            steps_per_epoch=config.steps_per_epoch or None,
            shuffle=False,  # the batches are
            validation_data=validation and validation.batches(VALIDATION_BATCH, shuffle_seed=None),
            verbose=0,
            class_weight=class_weights(config, train.class_ids, head.output_shape[1]),
            callbacks=[kept, *callbacks],
        )
    return kept


def answers_of(head: keras.Model, rows: FeatureRows) -> np.ndarray:
    """What a head says: probabilities, float32 (n, n_classes)."""
    batches = rows.batches(VALIDATION_BATCH, shuffle_seed=None)
    empty = np.zeros((0, head.output_shape[1]), np.float32)
    with reading_in_words(rows):
        return np.concatenate([empty, *(np.asarray(head(features)) for features, _ in batches)])
