"""Batches without end, for epochs of so many steps that each go on where the last one ended (steps_per_epoch).

Used where the app's run had a number of steps in an epoch; else an epoch shows every photo once.
"""

from collections.abc import Sequence

import keras
import numpy as np


class Endless(keras.utils.PyDataset):
    """Batches without end: when all were shown they come again, in another order.

    Args:
        batches: Anything with a length that gives a batch by its number.
    """

    num_batches = None  # Keras' word for it

    def __init__(self, batches: Sequence) -> None:
        super().__init__(workers=4)
        self.batches = batches

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        turn, place = divmod(number, len(self.batches))
        return self.batches[np.random.default_rng(turn).permutation(len(self.batches))[place]]
