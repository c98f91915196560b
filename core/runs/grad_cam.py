"""What a run's model looked at when it answered: a map of the photo for any of its classes.

Grad-CAM (R. R. Selvaraju et al., "Grad-CAM: Visual Explanations from Deep Networks via Gradient-based Localization",
ICCV 2017): each channel of the last feature map counts by how much it raises the class's score, on average over its
places. With a softmax on the pooled features these are the class activation maps of B. Zhou et al., "Learning Deep
Features for Discriminative Localization", CVPR 2016. Of base models side by side it is the mean of their maps, each
brought to the size of the largest: what all of them see at a place, for and against the class. A model that is asked
about the mirror image too answers by both alike, and so its map is the mean of both, the mirror image's mirrored back.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from core.base import checksums
from core.base.errors import RunError
from core.engine.dense_head import feature_maps_of, head_of, unknown_head
from core.engine.engine import load_openvino, refuse_missing, takes_bytes
from core.engine.heat_overlay import stretched
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
            self._head, found = head_of(graph), feature_maps_of(graph)
            feature_maps, self._channels_first = zip(*found, strict=True)
            to_map = takes_bytes(ov, ov.Model(list(feature_maps), graph.get_parameters(), "feature maps"))
            settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision}
            self._compiled = runtime.compile_model(to_map, "CPU", settings)
        except RuntimeError as error:
            raise RunError(f"The model of {run.title} is missing or damaged. Train it again.") from error
        self._image_size = int(to_map.input().shape[1])
        shapes = [output.shape[1:] for output in self._compiled.outputs]
        widths = [shape[0 if first else -1] for shape, first in zip(shapes, self._channels_first, strict=True)]
        self._takes_map = self._head.width != sum(widths)
        if self._takes_map and (len(shapes) > 1 or self._head.width != math.prod(shapes[0])):
            raise unknown_head()

    def maps(self, photo: PhotoSource, class_names: list[str]) -> dict[str, np.ndarray]:
        """Where the photo speaks for each of these classes of the run's.

        Returns:
            By class float32 (h, w), the whole photo squeezed to the size of the last feature map, 0..1: what speaks
            most for the class is 1, and what doesn't speak for it, or against it, is 0. All 0 when nothing does.

        Raises:
            PhotoError: The photo can't be used.
        """
        class_ids = [self.class_names.index(name) for name in class_names]
        as_it_is, *mirrored = (self._heat(features, class_ids) for features in self._feature_maps(photo))
        heat = np.mean([as_it_is, *(each[:, ::-1] for each in mirrored)], axis=0)
        return {name: _up_to_one(heat[..., i]) for i, name in enumerate(class_names)}

    def _heat(self, features: Sequence[np.ndarray], class_ids: list[int]) -> np.ndarray:
        """What speaks for each class in the bases' maps, (h, w, channels) each: float32 (h, w, classes), 0 or more."""
        values = np.concatenate([each.mean((0, 1)) for each in features])
        gradients = self._head.gradients(features[0].reshape(-1) if self._takes_map else values, class_ids)
        if self._takes_map:
            gradients = gradients.reshape(*features[0].shape, -1).mean((0, 1))
        parts = np.split(gradients, np.cumsum([each.shape[-1] for each in features])[:-1])
        return np.maximum(_mean([each @ part for each, part in zip(features, parts, strict=True)]), 0)

    def _feature_maps(self, photo: PhotoSource) -> list[tuple[np.ndarray, ...]]:
        """Of the photo, and of its mirror image where that is asked about: the bases' maps, (h, w, channels) each."""
        pixels: Any
        if self._decoders:
            pixels = self._decoders.call(pixels_or_error, photo, self._image_size, self._pictures)
        else:
            pixels = pixels_or_error(photo, self._image_size, self._pictures)
        if isinstance(pixels, Exception):
            raise pixels
        request = self._compiled.create_infer_request()  # one for each call: sessions of the app share this object
        request.infer({0: pixels[None]})
        found = [request.get_output_tensor(n).data.copy() for n in range(len(self._channels_first))]
        each_base = (
            each.transpose(0, 2, 3, 1) if first else each
            for each, first in zip(found, self._channels_first, strict=True)
        )
        return list(zip(*each_base, strict=True))


def _mean(maps: list[np.ndarray]) -> np.ndarray:
    """The mean of maps, float32 (h, w, classes) each, all at the size of the largest."""
    height, width, classes = max((each.shape for each in maps), key=math.prod)
    of_classes = ([stretched(each[..., i], (width, height)) for i in range(classes)] for each in maps)
    return np.mean([np.stack(each, axis=-1) for each in of_classes], axis=0)


def _up_to_one(heat: np.ndarray) -> np.ndarray:
    most = heat.max()
    return (heat / most if most > 0 else heat).astype(np.float32)
