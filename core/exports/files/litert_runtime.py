"""The model, in LiteRT (once called TensorFlow Lite)."""

import os
from pathlib import Path

import numpy as np
from ai_edge_litert.interpreter import Interpreter


class Model:
    """Opens the model; call it with photos."""

    def __init__(self) -> None:
        path = Path(__file__).with_name("model.tflite")
        self._interpreter = Interpreter(str(path), num_threads=os.cpu_count())
        self._ask = self._interpreter.get_signature_runner()

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n, classes), for RGB 0..255, float32 (n, size, size, 3)."""
        return np.concatenate([self._ask(pixels=photo[None])["probabilities"] for photo in pixels])  # one at a time
