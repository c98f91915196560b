"""Says while an epoch is still going how far it is."""

import keras

from core.base.events import EventLog
from core.jobs.progress import Progress


class PhotoProgress(keras.callbacks.Callback):
    """Writes PROGRESS in photos seen, of all epochs together, with the time left; for epochs that take long.

    Args:
        log: Where to write.
        epochs: The most epochs there may be.
        photos: Seen in each, views counted.
        batch_size: Photos a batch.
    """

    def __init__(self, log: EventLog, epochs: int, photos: int, batch_size: int) -> None:
        super().__init__()
        self._log = log
        self._total = epochs * photos
        self._photos = photos
        self._batch_size = batch_size

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self._progress = Progress(self._log)

    def on_epoch_begin(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        self._before = epoch * self._photos

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._progress(self._before + min((batch + 1) * self._batch_size, self._photos), self._total)
