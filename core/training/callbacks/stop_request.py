"""Ends the training when the user asks for it."""

import keras

from core.jobs.job import Job


class StopRequest(keras.callbacks.Callback):
    """Looks for the job's stop file after every batch.

    "Keep" ends the fit after the batch, so that the best weights so far are restored and evaluated; "discard" raises
    StopRequested.

    Args:
        job: The job whose stop file counts.
    """

    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        self._job.check_discard()
        if self._job.stop_requested() == "keep":
            self.model.stop_training = True
