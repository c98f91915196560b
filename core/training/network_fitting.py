"""Fit a network, or the last blocks of one: Keras' own `fit` with a rate that warms up and then falls."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import keras

from core.base.errors import RunError
from core.engine.engine import fastest_precision
from core.jobs.job import Job
from core.models.config import TrainConfig
from core.models.optimizers import build_optimizer
from core.runs.report import WORST, Score
from core.training.callbacks import PLAIN, EventLogger, KeepBest, KeepState, PhotoProgress, StopRequest, take_state
from core.training.checkpoints import CheckpointError, Checkpoints, Reached, forget_checkpoint
from core.training.fitting import EndAfter, class_weights, tell_trouble
from core.training.rows import Rows, reading_in_words
from core.training.steps import Steps, stream_of

WARM_UP_SHARE = 0.1  # of all steps: the first ones are the wildest, and would tear at trained weights
SMOOTHING = 0.1  # without it the validation loss rises after two epochs while the accuracy still grows (docs/log.md)
LAST_RATE = 0.01  # of the highest, when the cosine has fallen
PATIENT_SHARE = WARM_UP_SHARE + (1 - WARM_UP_SHARE) / 2  # of all steps: until the rate has fallen by half


@dataclass(frozen=True)
class Schedule:
    """How long and how fast a network learns.

    Args:
        phase: As in the EPOCH events.
        epochs: At most; over their steps the rate rises and falls.
        rate: The highest.
        patience: Epochs without a better one, once the rate has fallen by half, before training stops early.
        earlier: Epochs that the run had before.
        start: How good the weights are that it begins with, as of `score_of`; WORST when not worth keeping.
        checkpoints: Get its state after each epoch, and have that which it goes on from; None to keep nothing.
    """

    phase: str
    epochs: int
    rate: float
    patience: int
    earlier: int = 0
    start: Score = WORST
    checkpoints: Checkpoints | None = None

    @property
    def patient_until(self) -> int:
        """Epochs in which nobody waits for a better one: what a high rate shakes, the falling one mends."""
        return patient_until(self.epochs)

    def keeper(self, monitor: str) -> KeepBest:
        """What keeps the best weights, by `monitor` as in the config, and ends the training early."""
        return KeepBest(self.patience, self.start, monitor, self.patient_until)

    @property
    def reached(self) -> Reached | None:
        """How far an earlier worker was; None where it begins."""
        return self.checkpoints.reached if self.checkpoints else None


def patient_until(epochs: int) -> int:
    """How many of so many epochs end before the rate has fallen by half."""
    return math.floor(PATIENT_SHARE * epochs)


def learn_network(
    model: keras.Model, config: TrainConfig, schedule: Schedule, train: Rows, validation: Rows, job: Job
) -> None:
    """Train what is trainable in a model, and give it the weights of its best epoch, or those it began with.

    Args:
        model: From what the rows hold to probabilities, (n, classes).
        config: The seed, the optimizer, the size of a batch, the steps in an epoch, what is monitored, and whether
            classes are weighted.
        validation: What steers early stopping.
        job: Gets PROGRESS and an EPOCH event per epoch; its stop file ends the training.

    Raises:
        RunError: The training went wrong and nothing is worth keeping, or a photo is gone.
        StopRequested: The user discards the run.
    """
    log = job.event_log()
    kept = schedule.keeper(config.monitor)
    callbacks = [
        kept,
        EventLogger(log, schedule.phase, schedule.earlier),
        PhotoProgress(log, schedule.epochs, Steps.of(config, train), kept),
        StopRequest(job),
    ]
    tell_trouble(fit_network(model, config, schedule, train, validation, callbacks), job)


def fit_network(
    model: keras.Model,
    config: TrainConfig,
    schedule: Schedule,
    train: Rows,
    validation: Rows | None,
    callbacks: list[keras.callbacks.Callback],
) -> KeepBest:
    """The same without a job: what kept the best weights, and knows whether it went well.

    Args:
        validation: As there; None where the callback that keeps weights looks at none.
        callbacks: What else happens on the way; may raise to end it. The one among them that keeps the best weights
            takes the place of its own.
    """
    keras.utils.set_random_seed(config.seed)
    steps = Steps.of(config, train)
    model.compile(
        optimizer=build_optimizer(config, _falling_rate(schedule.rate, steps.in_epoch * schedule.epochs)),
        loss=_smoothed_loss,
        metrics=["accuracy", keras.metrics.SparseCategoricalCrossentropy(name=PLAIN)],
        jit_compile=False,  # XLA's convolutions on a processor are ten times as slow (docs/log.md)
    )
    own = (each for each in callbacks if isinstance(each, KeepBest))
    kept = next(own, None) or schedule.keeper(config.monitor)
    callbacks = [kept, *(each for each in callbacks if each is not kept)]
    done = _go_on(model, kept, schedule)
    if schedule.checkpoints:
        callbacks = [*callbacks, KeepState(schedule.checkpoints, kept, schedule.epochs, schedule.earlier)]
    with fastest_convolutions(model), reading_in_words(train, validation):
        model.fit(
            stream_of(train, config, done * steps.in_epoch),
            initial_epoch=done,
            epochs=schedule.epochs,
            steps_per_epoch=steps.in_epoch,
            validation_data=validation and validation.batches(config.batch_size, shuffle_seed=None),
            verbose=0,
            shuffle=False,  # the batches are
            class_weight=class_weights(config, train.class_ids, model.output_shape[1]),
            callbacks=callbacks,
        )
    return kept


def fit_network_for(
    epochs: int, model: keras.Model, config: TrainConfig, schedule: Schedule, rows: Rows, job: Job
) -> None:
    """Train what is trainable in a model for so many epochs of a schedule, with nothing held out.

    Args:
        config: As of `learn_network`.
        job: Gets PROGRESS; its stop file ends the training.

    Raises:
        LearningError: The training went wrong.
        StopRequested: The user wants it to end.
    """
    kept = EndAfter(epochs)
    progress = PhotoProgress(job.event_log(), epochs, Steps.of(config, rows), kept)
    fit_network(model, config, schedule, rows, None, [kept, progress, StopRequest(job)])
    job.check_stop()  # it was stopped half-way then
    kept.refuse_trouble()


def _go_on(model: keras.Model, kept: KeepBest, schedule: Schedule) -> int:
    """Give a network and what keeps its best weights the state of an earlier worker: how many epochs are done.

    Raises:
        RunError: That can't be used; it is looked at before anything is left out for it, so hardly ever.
    """
    reached = schedule.reached
    if reached is None:
        return 0
    try:
        state = schedule.checkpoints.state()
        take_state(model, state)
    except (CheckpointError, FileNotFoundError) as error:
        forget_checkpoint(schedule.checkpoints.run)
        raise RunError("What was kept of this training can't be used. Go on once more: it begins anew then.") from error
    kept.go_on(reached.best, state.best or state.weights, reached.own_best, reached.waited)
    return schedule.epochs if reached.is_done else reached.epoch


def _smoothed_loss(truth: keras.KerasTensor, answers: keras.KerasTensor) -> keras.KerasTensor:
    """Cross-entropy with labels that are a little unsure (C. Szegedy et al., "Rethinking the Inception Architecture",
    2016), so that a network that knows the training photos by heart isn't pressed to be ever surer of them.

    Args:
        truth: Classes, int (n,) or (n, 1).
        answers: Probabilities, float32 (n, classes).
    """
    right = keras.losses.sparse_categorical_crossentropy(keras.ops.reshape(truth, (-1,)), answers)  # (n,)
    others = -keras.ops.mean(keras.ops.log(keras.ops.clip(answers, keras.config.epsilon(), 1.0)), axis=-1)  # (n,)
    return (1 - SMOOTHING) * right + SMOOTHING * others


def _falling_rate(highest: float, steps: int) -> keras.optimizers.schedules.LearningRateSchedule:
    """Up in a line, then down by a cosine (I. Loshchilov and F. Hutter, "SGDR", 2017, without its restarts)."""
    warm_up = max(1, round(WARM_UP_SHARE * steps))
    return keras.optimizers.schedules.CosineDecay(
        initial_learning_rate=highest * LAST_RATE,
        decay_steps=max(1, steps - warm_up),
        alpha=LAST_RATE,
        warmup_target=highest,
        warmup_steps=warm_up,
    )


@contextmanager
def fastest_convolutions(model: keras.Model) -> Iterator[None]:
    """Compute convolutions in bfloat16 where the processor does so natively; weights and all the rest stay float32.

    Not the depthwise ones, whose gradients are slower that way, so not Keras' global policy (docs/log.md).
    """
    layers = []
    if fastest_precision() == "bf16":
        layers = [layer for layer in _all_layers(model) if type(layer) is keras.layers.Conv2D]
    for layer in layers:
        layer.dtype_policy = "mixed_bfloat16"
    try:
        yield
    finally:
        for layer in layers:
            layer.dtype_policy = "float32"


def _all_layers(model: keras.Model) -> Iterator[keras.Layer]:
    """The layers of a model and of the models in it."""
    for layer in model.layers:
        yield from _all_layers(layer) if isinstance(layer, keras.Model) else [layer]
