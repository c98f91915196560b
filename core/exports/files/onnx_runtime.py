"""The model, in ONNX Runtime."""

from pathlib import Path

import numpy as np
import onnxruntime


class Model:
    """Opens the model; call it with photos."""

    def __init__(self) -> None:
        path = Path(__file__).with_name("model.onnx")
        self._session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n, classes), for RGB 0..255, float32 (n, size, size, 3)."""
        return self._session.run(None, {self._session.get_inputs()[0].name: pixels})[0]
