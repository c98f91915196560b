"""Ends the training when the user asks for it."""

from typing import Any

import keras

from core.data.jobs import Job
from core.records.errors import StopRequested


class StopRequest(keras.callbacks.Callback):
    """Looks for the job's stop file after every batch and epoch.

    "Keep" ends the fit after the batch, so that the best weights so far are restored and evaluated; "discard" raises.

    Args:
        job: The job whose stop file counts.
    """

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job
        self.stopped = False

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.stopped = False

    def on_train_batch_end(self, batch: int, logs: dict[str, Any] | None = None) -> None:
        self._look()

    def _look(self) -> None:
        request = self._job.stop_requested()
        if request == "discard":
            raise StopRequested(keep=False)
        if request == "keep":
            self.stopped = self.model.stop_training = True
