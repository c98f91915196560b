"""Keeps the best weights, and ends a training that gets no better or that has left the numbers."""

import math

import keras

PLAIN = "plain_loss"  # the metric that stands for the loss where training uses another than the report's cross-entropy
TOO_HIGH = "its loss was no longer a number, which a learning rate that is too high can do"


class KeepBest(keras.callbacks.Callback):
    """Restores, at the end, the weights of the epoch with the lowest validation loss, the first of equals.

    As Keras' EarlyStopping, which however can't keep the weights that a training began with, and goes on when the loss
    is NaN.

    Args:
        patience: Ends the training after so many epochs in a row without a lower validation loss.
        start: The validation loss of the weights that the training begins with; they are kept when no epoch is better.
            Infinite when they are not worth keeping.

    Attributes:
        trouble: Why the training was ended when it went wrong, else "".
        best: The lowest validation loss so far; infinite when there is none.
    """

    def __init__(self, patience: int, start: float = math.inf) -> None:
        super().__init__()
        self._patience = patience
        self._start = start

    def on_train_begin(self, logs: dict[str, float] | None = None) -> None:
        self.trouble = ""
        self.best = self._start
        self._weights = self.model.get_weights()
        self._waited = 0

    def on_train_batch_end(self, batch: int, logs: dict[str, float] | None = None) -> None:
        if not math.isfinite(float((logs or {})["loss"])):
            self._end_in_trouble()

    def on_epoch_end(self, epoch: int, logs: dict[str, float] | None = None) -> None:
        logs = logs or {}
        loss = float(logs.get(f"val_{PLAIN}", logs["val_loss"]))
        if not math.isfinite(loss):
            self._end_in_trouble()
        elif loss < self.best and not self.trouble:
            self.best, self._weights, self._waited = loss, self.model.get_weights(), 0
        else:
            self._waited += 1
            if self._waited >= self._patience:
                self.model.stop_training = True

    def on_train_end(self, logs: dict[str, float] | None = None) -> None:
        self.model.set_weights(self._weights)

    def _end_in_trouble(self) -> None:
        self.trouble = TOO_HIGH
        self.model.stop_training = True
