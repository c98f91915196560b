"""What happens on the way of a training: events and progress are written, the best weights kept, a stop is heeded."""

import math
import time

import keras
import numpy as np

from core.base.events import EPOCH, EventLog
from core.jobs.job import Job
from core.jobs.progress import AwakeTime, Progress
from core.models.config import VAL_LOSS
from core.runs.report import WORST, Epoch, Score, score_of
from core.training.checkpoints import CheckpointError, Checkpoints, State
from core.training.steps import Steps

HEAD = "head"  # what an epoch trains, where it isn't a strategy's whole network or its thawed blocks
PLAIN = "plain_loss"  # the metric that stands for the loss where training uses another than the report's cross-entropy
TOO_HIGH = "its loss was no longer a number, which a learning rate that is too high can do"

Logs = dict[str, float] | None  # what Keras tells: losses and metrics by name


class EventLogger(keras.callbacks.Callback):
    """Appends an EPOCH event after every epoch, unless its numbers are none.

    Args:
        phase: What is being trained, as in `Epoch`.
        earlier: Epochs that the run had before this training; the numbers go on from there.
    """

    def __init__(self, log: EventLog, phase: str = HEAD, earlier: int = 0) -> None:
        super().__init__()
        self._log = log
        self._phase = phase
        self._earlier = earlier

    def on_train_begin(self, logs: Logs = None) -> None:
        self._train_began, self._awake = time.monotonic(), AwakeTime()

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._began = self._worked()

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._worked()

    def on_test_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._worked()

    def _worked(self) -> float:
        """Seconds so far, but for those that the computer slept."""
        return self._awake(time.monotonic() - self._train_began)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        values = {name: float(value) for name, value in _as_reported(logs or {}).items()}
        if not all(math.isfinite(value) for value in values.values()):
            return  # NaN is no JSON, and no page could draw it
        seconds = round(self._worked() - self._began, 4)
        done = Epoch(self._earlier + epoch + 1, self._phase, **values, seconds=seconds)
        self._log.write(EPOCH, **done.to_json())


def _as_reported(logs: dict[str, float]) -> dict[str, float]:
    plain = {"loss": logs.get(PLAIN, logs["loss"]), "val_loss": logs.get(f"val_{PLAIN}", logs["val_loss"])}
    return {name: {**logs, **plain}[name] for name in ("loss", "accuracy", "val_loss", "val_accuracy")}


class EpochProgress(keras.callbacks.Callback):
    """Writes PROGRESS in epochs; for epochs that take less than a second.

    Args:
        kept: Has looked at the epoch before, and knows how soon the training may end.
    """

    def __init__(self, log: EventLog, epochs: int, kept: "KeepBest") -> None:
        super().__init__()
        self._log = log
        self._epochs = epochs
        self._kept = kept

    def on_train_begin(self, logs: Logs = None) -> None:
        self._progress = Progress(self._log, every_s=0)

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        done = epoch + 1
        self._progress(done, self._epochs, soonest=min(self._epochs, done + self._kept.least_more))


class PhotoProgress(keras.callbacks.Callback):
    """Writes PROGRESS in photos seen, views counted, of all epochs together; for epochs that take long.

    Args:
        kept: As for `EpochProgress`.
    """

    def __init__(self, log: EventLog, epochs: int, steps: Steps, kept: "KeepBest") -> None:
        super().__init__()
        self._log = log
        self._epochs = epochs
        self._total = steps.shown_after(epochs * steps.in_epoch)
        self._steps = steps
        self._kept = kept

    def on_train_begin(self, logs: Logs = None) -> None:
        self._progress: Progress | None = None  # until it is known with which epoch it begins

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._before = epoch * self._steps.in_epoch
        if self._progress is None:  # epochs that an earlier worker did say nothing about the speed
            self._progress = Progress(self._log, before=self._steps.shown_after(self._before))
            self._progress(self._steps.shown_after(self._before), self._total)  # the first step takes longest
        soonest = min(self._epochs, epoch + max(1, self._kept.least_more))
        self._soonest = self._steps.shown_after(soonest * self._steps.in_epoch)

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        done = self._steps.shown_after(self._before + batch + 1)
        self._progress(done, self._total, soonest=self._soonest)


class StopRequest(keras.callbacks.Callback):
    """Looks for the job's stop file after every batch.

    "Keep" ends the fit after the batch, so that the best weights so far are restored and evaluated; "discard" raises
    StopRequested.
    """

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._job.check_discard()
        if self._job.stop_requested() == "keep":
            self.model.stop_training = True


class KeepBest(keras.callbacks.Callback):
    """Restores, at the end, the weights of the best epoch by what is monitored, the first of equals.

    As Keras' EarlyStopping, which however can't keep the weights that a training began with, has nothing that decides
    between equal accuracies, and goes on when the loss is NaN.

    Args:
        patience: Ends the training after so many epochs in a row without a better one among this training's own.
        start: How good the weights are that the training begins with, as of `score_of`; they are kept when no epoch is
            better, and decide nothing else: a training that must first climb out of them is given its time. WORST when
            they are not worth keeping.
        monitor: "val_loss" or "val_accuracy".
        patient_until: Epochs that never count as waited for: while the rate is high a better one may well come late.

    Attributes:
        trouble: Why the training was ended when it went wrong, else "".
        best: How good the best weights so far are, those it began with among them; WORST when there are none.
        weights: These.
        own_best: How good the best of this training's own epochs is.
        waited: Epochs in a row since.
        is_current: Whether the weights kept are those that the network has now.
    """

    def __init__(self, patience: int, start: Score = WORST, monitor: str = VAL_LOSS, patient_until: int = 0) -> None:
        super().__init__()
        self._patience = patience
        self._start = start
        self._monitor = monitor
        self._patient_until = patient_until
        self._begins_with: tuple[list[np.ndarray] | None, Score, int] = (None, WORST, 0)

    def go_on(self, best: Score, weights: list[np.ndarray], own_best: Score, waited: int) -> None:
        """Begin the next training with what another had kept: its attributes of these names."""
        self._start, self._begins_with = best, (weights, own_best, waited)

    def on_train_begin(self, logs: Logs = None) -> None:
        self.trouble, self._done = "", 0
        self.best = self._start
        weights, self.own_best, self.waited = self._begins_with
        self.weights = self.model.get_weights() if weights is None else weights
        self.is_current = weights is None

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if not math.isfinite(float((logs or {})["loss"])):
            self._end_in_trouble()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        loss = float(logs.get(f"val_{PLAIN}", logs["val_loss"]))
        score = score_of(self._monitor, loss, float(logs["val_accuracy"]))
        if not math.isfinite(loss):
            self._end_in_trouble()
        elif not self.trouble:
            self._look_at(score, epoch + 1)

    def _look_at(self, score: Score, done: int) -> None:
        """Keep the weights where they are the best, and wait no longer than there is patience."""
        self._done, self.is_current = done, score < self.best
        if self.is_current:
            self.best, self.weights = score, self.model.get_weights()
        if score < self.own_best:
            self.own_best, self.waited = score, 0
        elif done > self._patient_until:
            self.waited += 1
        if self.is_over:
            self.model.stop_training = True

    def on_train_end(self, logs: Logs = None) -> None:
        self.model.set_weights(self.weights)

    @property
    def least_more(self) -> int:
        """How many epochs follow at least, unless the user or what goes wrong ends it."""
        return max(0, self._patient_until - self._done) + max(0, self._patience - self.waited)

    @property
    def is_over(self) -> bool:
        """Whether nothing has got better for too long."""
        return self.waited >= self._patience

    def _end_in_trouble(self) -> None:
        self.trouble = TOO_HIGH
        self.model.stop_training = True


class KeepState(keras.callbacks.Callback):
    """Keeps, after every epoch that went well, all that another worker needs to go on with the training.

    Args:
        checkpoints: Where.
        kept: Has looked at the epoch before.
        epochs: That the training has at most.
        earlier: As of `EventLogger`.
    """

    def __init__(self, checkpoints: Checkpoints, kept: KeepBest, epochs: int, earlier: int) -> None:
        super().__init__()
        self._checkpoints = checkpoints
        self._kept = kept
        self._epochs = epochs
        self._earlier = earlier

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        kept = self._kept
        if kept.trouble:
            return
        best = [] if kept.is_current else kept.weights
        self._checkpoints.keep(
            State(self.model.get_weights(), best, *map(_values, (_of_optimizer(self.model), _seeds(self.model)))),
            epoch=epoch + 1,
            epochs=self._epochs,
            earlier=self._earlier,
            best=kept.best,
            own_best=kept.own_best,
            waited=kept.waited,
            over=kept.is_over,
        )


def take_state(model: keras.Model, state: State) -> None:
    """Give a compiled network that has not learned the numbers of one that has.

    Raises:
        CheckpointError: They are another network's; nothing was changed then.
    """
    model.optimizer.build(model.trainable_variables)
    pairs = [(model.weights, state.weights), (_of_optimizer(model), state.optimizer), (_seeds(model), state.seeds)]
    pairs += [(model.weights, state.best)] if state.best else []
    if any([tuple(v.shape) for v in variables] != [a.shape for a in arrays] for variables, arrays in pairs):
        raise CheckpointError("It was kept of another network.")
    for variables, arrays in pairs[:3]:
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)


def _of_optimizer(model: keras.Model) -> list[keras.Variable]:
    return list(model.optimizer.variables)


def _seeds(model: keras.Model) -> list[keras.Variable]:
    """Where the random numbers of its layers are, which Keras doesn't count as weights."""
    weights = {id(weight) for weight in model.weights}
    return [variable for variable in model.variables if id(variable) not in weights]


def _values(variables: list[keras.Variable]) -> list[np.ndarray]:
    return [keras.ops.convert_to_numpy(variable) for variable in variables]
