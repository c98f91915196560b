"""What a head or a network learns from, each with its class: held in memory, read from the cache, or decoded anew."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np
import tensorflow as tf

from core.base.errors import RunError
from core.base.threads import in_threads
from core.engine.feature_cache import FeatureCache
from core.photos.decoding import PhotoError, pixels_or_error
from core.photos.labelled_photo import LOST, LabelledPhoto
from core.photos.pictures import USUAL, PictureSettings
from core.photos.views import seen_as, view_key


@dataclass(frozen=True)
class LabelledFeatures:
    """Features with their classes.

    Args:
        features: float32 (n, width).
        class_ids: int64 (n,).
        groups: str (n,), equal for rows that are of one photo or of near-copies; None where no two rows are.
    """

    features: np.ndarray
    class_ids: np.ndarray
    groups: np.ndarray | None = None

    @property
    def width(self) -> int:
        """Values per photo."""
        return self.features.shape[1]

    def take(self, rows: np.ndarray | slice) -> "LabelledFeatures":
        """Those of these row numbers, int (m,), in their order; those of a slice are no copies."""
        groups = None if self.groups is None else self.groups[rows]
        return LabelledFeatures(self.features[rows], self.class_ids[rows], groups)

    def batches(self, size: int, shuffle_seed: int | None) -> tf.data.Dataset:
        """Batches from memory; fit on this takes half the time of fit on the arrays (docs/log.md)."""
        data = tf.data.Dataset.from_tensor_slices((self.features, self.class_ids)).cache()
        return _shuffled(data, len(self.class_ids), shuffle_seed).batch(size).prefetch(2)

    def gathered(self, numbers: tf.data.Dataset) -> tf.data.Dataset:
        """A batch of both for each of row numbers, int64 (batch,)."""
        features, class_ids = tf.constant(self.features), tf.constant(self.class_ids)
        return numbers.map(lambda rows: (tf.gather(features, rows), tf.gather(class_ids, rows))).prefetch(2)


@dataclass(frozen=True)
class PhotoViews:
    """Photos in views, too many to be held in memory, with their classes.

    Args:
        views: From `core.photos.views.views_of`.
        ids_of_photos: int64 (len(photos),), their class ids.
    """

    photos: list[LabelledPhoto]
    views: tuple[str, ...]
    ids_of_photos: np.ndarray
    stopped_by: list[RunError] = field(default_factory=list, init=False, compare=False)  # see `reading_in_words`

    @property
    def class_ids(self) -> np.ndarray:
        """int64 (len(views) * len(photos),), indices, view after view."""
        return np.tile(self.ids_of_photos, len(self.views))

    def _numbers(self, size: int, shuffle_seed: int | None) -> tf.data.Dataset:
        """Batches of row numbers, all once."""
        n = len(self.class_ids)
        return _shuffled(tf.data.Dataset.range(n), n, shuffle_seed).batch(size)

    def _gathered(
        self,
        numbers: tf.data.Dataset,
        read: Callable[[np.ndarray], np.ndarray],
        dtype: type,
        shape: tuple[int, ...],
    ) -> tf.data.Dataset:
        """Batches of what `read` gives for row numbers, int64 (batch,); the next is read while one is learned from."""
        class_ids = self.class_ids

        def read_or_note(rows: np.ndarray) -> np.ndarray:
            try:
                return read(rows)
            except RunError as error:
                self.stopped_by.append(error)
                raise

        def load(rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
            inputs = tf.ensure_shape(tf.numpy_function(read_or_note, [rows], dtype), (None, *shape))
            return tf.cast(inputs, tf.float32), tf.gather(class_ids, rows)

        return numbers.map(load).prefetch(2)


@dataclass(frozen=True)
class StoredFeatures(PhotoViews):
    """Photos whose features, or whole feature maps, `cache` holds: they stay there."""

    cache: FeatureCache

    @property
    def width(self) -> int:
        """Values per photo."""
        return self.cache.width

    def batches(self, size: int, shuffle_seed: int | None) -> tf.data.Dataset:
        """Batches of both, float32 (batch, width) and int64 (batch,)."""
        return self.gathered(self._numbers(size, shuffle_seed))

    def gathered(self, numbers: tf.data.Dataset) -> tf.data.Dataset:
        """A batch of both for each of row numbers, int64 (batch,)."""
        keys = [view_key(photo.sha256, view) for view in self.views for photo in self.photos]

        def read(rows: np.ndarray) -> np.ndarray:
            return self.cache.read([keys[row] for row in rows])

        return self._gathered(numbers, read, np.float32, (self.width,))


@dataclass(frozen=True)
class DecodedPhotos(PhotoViews):
    """The photos themselves, decoded again in each epoch as `settings` say; `image_size` pixels a side."""

    image_size: int
    settings: PictureSettings = USUAL

    def batches(self, size: int, shuffle_seed: int | None) -> tf.data.Dataset:
        """Batches of RGB 0..255, float32 (batch, image_size, image_size, 3), and int64 (batch,)."""
        return self.gathered(self._numbers(size, shuffle_seed))

    def gathered(self, numbers: tf.data.Dataset) -> tf.data.Dataset:
        """A batch of both for each of row numbers, int64 (batch,)."""
        pairs = [(photo, view) for view in self.views for photo in self.photos]

        def decode(row: int) -> np.ndarray:
            photo, view = pairs[row]
            pixels = pixels_or_error(photo.source, self.image_size, self.settings)
            if isinstance(pixels, PhotoError):
                raise RunError(LOST.format(photo.name, pixels))
            return seen_as(pixels, view, photo.sha256)

        def read(rows: np.ndarray) -> np.ndarray:
            return np.stack(list(in_threads(decode, rows, os.cpu_count() or 2)))

        return self._gathered(numbers, read, np.uint8, (self.image_size, self.image_size, 3))


FeatureRows = LabelledFeatures | StoredFeatures
Rows = FeatureRows | DecodedPhotos


@contextmanager
def reading_in_words(*rows: Rows | None) -> Iterator[None]:
    """Say why rows could not be read as it was said where it happened: TensorFlow makes an error of its own of it."""
    try:
        yield
    except tf.errors.OpError as error:
        for each in rows:
            if isinstance(each, PhotoViews) and each.stopped_by:
                raise each.stopped_by[0] from error
        raise


def _shuffled(data: tf.data.Dataset, n: int, seed: int | None) -> tf.data.Dataset:
    """The same in another order in each epoch; None leaves the order as it is."""
    return data if seed is None else data.shuffle(n, seed=seed, reshuffle_each_iteration=True)
