"""The model, in OpenVINO."""

import sys
from pathlib import Path

import numpy as np

sys.modules.setdefault("openvino_telemetry", None)  # else OpenVINO reports over the network that it is used
import openvino  # noqa: E402


class Model:
    """Opens the model; call it with photos."""

    def __init__(self) -> None:
        path = Path(__file__).with_name("model.xml")
        # In 32 bits, as it was checked; without this some processors round to 16, which is faster.
        exact = {"INFERENCE_PRECISION_HINT": "f32"}
        self._model = openvino.Core().compile_model(path, "CPU", exact)

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """Probabilities, float32 (n, classes), for RGB 0..255, float32 (n, size, size, 3)."""
        return self._model(pixels)[0]
