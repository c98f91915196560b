"""The engine's place taken by Keras itself, where a GPU makes that faster."""

from collections.abc import Iterable, Iterator
from functools import partial
from itertools import islice

import keras
import numpy as np

from core.base.threads import in_threads
from core.engine.engine import FEATURES, Outputs
from core.photos.decoding import PhotoError, PhotoSource, pixels_or_error
from core.photos.pictures import USUAL, PictureSettings

BATCH_PIXELS = 64 * 224 * 224  # of photos asked about at once: fills a GPU well and takes 40 MB


class KerasEngine:
    """Features from a Keras model, with the same `stream` as the engine's.

    Args:
        model: From RGB 0..255 to a row of values a photo.
        threads: How many photos to decode at a time.
        settings: How they are read.
    """

    def __init__(self, model: keras.Model, threads: int, settings: PictureSettings = USUAL) -> None:
        self._model = model
        self._threads = threads
        self._settings = settings
        self.image_size = model.input.shape[1]

    def stream(self, photos: Iterable[PhotoSource]) -> Iterator[Outputs | PhotoError]:
        """The features of each photo, float32 (width,), or why it can't be used, in their order."""
        read = partial(pixels_or_error, size=self.image_size, settings=self._settings)
        decoded = in_threads(read, photos, self._threads)
        at_once = max(1, BATCH_PIXELS // self.image_size**2)
        while batch := list(islice(decoded, at_once)):
            pixels = [photo for photo in batch if not isinstance(photo, PhotoError)]
            features = iter(self._model.predict_on_batch(np.stack(pixels).astype(np.float32)) if pixels else ())
            for photo in batch:
                yield photo if isinstance(photo, PhotoError) else {FEATURES: next(features)}
