"""The model, in Keras."""

from pathlib import Path

import keras
import numpy as np


class Model:
    """Opens the model; call it with photos."""

    def __init__(self) -> None:
        self._model = keras.saving.load_model(Path(__file__).with_name("model.keras"), compile=False)

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n, classes), for RGB 0..255, float32 (n, size, size, 3)."""
        return self._model.predict_on_batch(pixels)
