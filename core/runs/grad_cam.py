"""What a run's model looked at when it answered: a map of the photo for any of its classes.

Grad-CAM (R. R. Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
ICCV 2017): each channel of the last feature map counts by how much it raises the class's score, on average over its
places. With a softmax on the pooled features these are the class activation maps of B. Zhou et al., "Learning Deep
Features for Discriminative Localization", CVPR 2016.
"""

import math
from typing import Any

import numpy as np

from core.base import checksums
from core.base.errors import RunError
from core.engine.dense_head import feature_map_of, head_of, unknown_head
from core.engine.engine import load_openvino, refuse_missing, takes_bytes
from core.photos.apart.decoders import Decoders
from core.photos.decoding import PhotoSource, pixels_or_error
from core.runs.run import Run


class HeatMapper:
    """A complete run's model on the engine up to its last feature map, and its head in numpy. One photo at a time.

    Args:
        run: The run.
        precision: As of `Engine`.
        decoders: As of `Predictor`.
        tested: Whether it is about the model whose answers the report and the predictions are, not the final one.

    Raises:
        RunError: The run isn't complete, or its model is missing, damaged or of an unknown kind.
    """

    def __init__(
        self, run: Run, precision: str = "f32", decoders: Decoders | None = None, tested: bool = False
    ) -> None:
        self._decoders = decoders
        self.class_names, self._pictures = run.class_names(), run.pictures()
        engine_path = run.tested_paths()[1] if tested else run.engine_path
        refuse_missing(engine_path, run.title)
        checksums.refuse_changed(engine_path, f"The model of {run.title}")
        ov = load_openvino()
        runtime = ov.Core()
        try:
            graph = runtime.read_model(engine_path)
            self._head, (feature_map, self._channels_first) = head_of(graph), feature_map_of(graph)
            to_map = takes_bytes(ov, ov.Model([feature_map], graph.get_parameters(), "feature map"))
            settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
            self._compiled = runtime.compile_model(to_map, "CPU", settings)
        except RuntimeError as error:
            raise RunError(f"The model of {run.title} is missing or damaged. Train it again.") from error
        self._image_size = int(to_map.input().shape[1])
        _, *shape = self._compiled.output(0).shape
        self._takes_map = self._head.width != shape[0 if self._channels_first else -1]
        if self._takes_map and self._head.width != math.prod(shape):
            raise unknown_head()

    def maps(self, photo: PhotoSource, class_names: list[str]) -> dict[str, np.ndarray]:
        """Where the photo speaks for each of these classes of the run's.

        Returns:
            By class float32 (h, w), the whole photo squeezed to the size of the last feature map, 0..1: what speaks
            most for the class is 1, and what doesn't speak for it, or against it, is 0. All 0 when nothing does.

        Raises:
            PhotoError: The photo can't be used.
        """
        features = self._feature_map(photo)  # (h, w, channels)
        values = features.reshape(-1) if self._takes_map else features.mean((0, 1))
        gradients = self._head.gradients(values, [self.class_names.index(name) for name in class_names])
        if self._takes_map:
            gradients = gradients.reshape(*features.shape, -1).mean((0, 1))
        heat = np.maximum(features @ gradients, 0)  # (h, w, classes)
        return {name: _up_to_one(heat[..., i]) for i, name in enumerate(class_names)}

    def _feature_map(self, photo: PhotoSource) -> np.ndarray:
        pixels: Any
        if self._decoders:
            pixels = self._decoders.call(pixels_or_error, photo, self._image_size, self._pictures)
        else:
            pixels = pixels_or_error(photo, self._image_size, self._pictures)
        if isinstance(pixels, Exception):
            raise pixels
        request = self._compiled.create_infer_request()  # one for each call: sessions of the app share this object
        request.infer({0: pixels[None]})
        found = request.get_output_tensor(0).data[0].copy()
        return found.transpose(1, 2, 0) if self._channels_first else found


def _up_to_one(heat: np.ndarray) -> np.ndarray:
    most = heat.max()
    return (heat / most if most > 0 else heat).astype(np.float32)
