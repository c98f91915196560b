"""Writes a line per epoch to the job's events."""

import math
import time

import keras

from core.base.events import EPOCH, EventLog
from core.jobs.progress import Progress
from core.runs.report import Epoch
from core.training.callbacks.keep_best import PLAIN

HEAD, THAWED, WHOLE = "head", "fine-tune", "from-scratch"  # what an epoch trains
NAMES = ("loss", "accuracy", "val_loss", "val_accuracy")


class EventLogger(keras.callbacks.Callback):
    """Appends an EPOCH event after every epoch, unless its numbers are none.

    Args:
        log: Where to write.
        phase: What is being trained: HEAD, THAWED or WHOLE.
        earlier: Epochs that the run had before this training; the numbers go on from there.
    """

    def __init__(self, log: EventLog, phase: str = HEAD, earlier: int = 0) -> None:
        super().__init__()
        self._log = log
        self._phase = phase
        self._earlier = earlier

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        values = {name: float(value) for name, value in _as_reported(logs or {}).items()}
        if not all(math.isfinite(value) for value in values.values()):
            return  # NaN is no JSON, and no page could draw it
        seconds = round(time.monotonic() - self._began, 4)
        done = Epoch(self._earlier + epoch + 1, self._phase, **values, seconds=seconds)
        self._log.write(EPOCH, **done.to_json())


def _as_reported(logs: dict[str, float]) -> dict[str, float]:
    plain = {"loss": logs.get(PLAIN, logs["loss"]), "val_loss": logs.get(f"val_{PLAIN}", logs["val_loss"])}
    return {name: {**logs, **plain}[name] for name in NAMES}


class EpochProgress(keras.callbacks.Callback):
    """Writes PROGRESS in epochs with the time left, for a training whose epochs are short.

    Args:
        log: Where to write.
        epochs: The most epochs there may be.
    """

    def __init__(self, log: EventLog, epochs: int) -> None:
        super().__init__()
        self._log = log
        self._epochs = epochs

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self._progress = Progress(self._log, every_s=0)

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._progress(epoch + 1, self._epochs)
