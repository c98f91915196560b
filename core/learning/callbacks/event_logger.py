"""Writes a line per epoch to the job's events."""

import time
from typing import Any

import keras

from core.records.events import EPOCH, PROGRESS, EventLog


class EventLogger(keras.callbacks.Callback):
    """Appends an EPOCH event after every epoch, and PROGRESS with the time left.

    Args:
        log: Where to write.
        epochs: The most epochs there may be.
    """

    def __init__(self, log: EventLog, epochs: int) -> None:
        super().__init__()
        self._log = log
        self._epochs = epochs

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self._began = time.monotonic()

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._epoch_began = time.monotonic()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        now = time.monotonic()
        values = {name: float((logs or {})[name]) for name in ("loss", "accuracy", "val_loss", "val_accuracy")}
        self._log.write(EPOCH, epoch=epoch + 1, **values, seconds=round(now - self._epoch_began, 4))
        left = (now - self._began) / (epoch + 1) * (self._epochs - epoch - 1)
        self._log.write(PROGRESS, done=epoch + 1, total=self._epochs, seconds_left=round(left, 1))
