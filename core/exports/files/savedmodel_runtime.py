"""The model, in TensorFlow."""

from pathlib import Path

import numpy as np
import tensorflow as tf


class Model:
    """Opens the model; call it with photos."""

    def __init__(self) -> None:
        self._model = tf.saved_model.load(Path(__file__).with_name("saved_model"))

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n, classes), for RGB 0..255, float32 (n, size, size, 3)."""
        return self._model.serve(pixels).numpy()
