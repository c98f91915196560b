"""What happens on the way of a training: events and progress are written, the best weights kept, a stop is heeded."""

import math
import time

import keras

from core.base.events import EPOCH, EventLog
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.models.config import VAL_LOSS
from core.runs.report import WORST, Epoch, Score, score_of
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

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        values = {name: float(value) for name, value in _as_reported(logs or {}).items()}
        if not all(math.isfinite(value) for value in values.values()):
            return  # NaN is no JSON, and no page could draw it
        seconds = round(time.monotonic() - self._began, 4)
        done = Epoch(self._earlier + epoch + 1, self._phase, **values, seconds=seconds)
        self._log.write(EPOCH, **done.to_json())


def _as_reported(logs: dict[str, float]) -> dict[str, float]:
    plain = {"loss": logs.get(PLAIN, logs["loss"]), "val_loss": logs.get(f"val_{PLAIN}", logs["val_loss"])}
    return {name: {**logs, **plain}[name] for name in ("loss", "accuracy", "val_loss", "val_accuracy")}


class PhotoProgress(keras.callbacks.Callback):
    """Writes PROGRESS in photos seen, views counted, of all epochs together; for epochs that take long."""

    def __init__(self, log: EventLog, epochs: int, steps: Steps) -> None:
        super().__init__()
        self._log = log
        self._total = steps.shown_after(epochs * steps.in_epoch)
        self._steps = steps

    def on_train_begin(self, logs: Logs = None) -> None:
        self._progress = Progress(self._log)

    def on_epoch_begin(self, epoch: int, logs: Logs = None) -> None:
        self._before = epoch * self._steps.in_epoch

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        self._progress(self._steps.shown_after(self._before + batch + 1), self._total)


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
        patience: Ends the training after so many epochs in a row without a better one.
        start: How good the weights are that the training begins with, as of `score_of`; they are kept when no epoch is
            better. WORST when they are not worth keeping.
        monitor: "val_loss" or "val_accuracy".

    Attributes:
        trouble: Why the training was ended when it went wrong, else "".
        best: How good the best weights so far are; WORST when there are none.
    """

    def __init__(self, patience: int, start: Score = WORST, monitor: str = VAL_LOSS) -> None:
        super().__init__()
        self._patience = patience
        self._start = start
        self._monitor = monitor

    def on_train_begin(self, logs: Logs = None) -> None:
        self.trouble = ""
        self.best = self._start
        self._weights = self.model.get_weights()
        self._waited = 0

    def on_train_batch_end(self, batch: int, logs: Logs = None) -> None:
        if not math.isfinite(float((logs or {})["loss"])):
            self._end_in_trouble()

    def on_epoch_end(self, epoch: int, logs: Logs = None) -> None:
        logs = logs or {}
        loss = float(logs.get(f"val_{PLAIN}", logs["val_loss"]))
        score = score_of(self._monitor, loss, float(logs["val_accuracy"]))
        if not math.isfinite(loss):
            self._end_in_trouble()
        elif score < self.best and not self.trouble:
            self.best, self._weights, self._waited = score, self.model.get_weights(), 0
        else:
            self._waited += 1
            if self._waited >= self._patience:
                self.model.stop_training = True

    def on_train_end(self, logs: Logs = None) -> None:
        self.model.set_weights(self._weights)

    def _end_in_trouble(self) -> None:
        self.trouble = TOO_HIGH
        self.model.stop_training = True
