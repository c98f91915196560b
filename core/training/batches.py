"""Training photos batch by batch, for what is too large for the memory: from the cache, or decoded anew each epoch."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tensorflow as tf

from core.base.errors import RunError
from core.base.threads import in_threads
from core.engine.feature_cache import FeatureCache
from core.photos.decoding import PhotoError, pixels_or_error
from core.photos.labelled_photo import LabelledPhoto
from core.photos.views import seen_as, view_key


@dataclass(frozen=True)
class Batches:
    """What a network learns from or is checked with.

    Args:
        data: Of (inputs float32 (batch, ...), classes int64 (batch,)).
        classes: int64 (n,), of all that one pass gives.
        size: Of a batch.
    """

    data: tf.data.Dataset
    classes: np.ndarray
    size: int


@dataclass(frozen=True)
class PhotoViews:
    """Photos in views, with their classes.

    Args:
        photos: The photos.
        views: From `core.photos.views.views_of`.
        classes: int64 (len(photos),).
    """

    photos: list[LabelledPhoto]
    views: tuple[str, ...]
    classes: np.ndarray


def cached_batches(viewed: PhotoViews, cache: FeatureCache, size: int, shuffle_seed: int | None) -> Batches:
    """Batches of what the cache holds of photos in views, read as they are needed: float32 (batch, cache.width)."""
    keys = [view_key(photo.sha256, view) for view in viewed.views for photo in viewed.photos]

    def read(rows: np.ndarray) -> np.ndarray:
        return cache.read([keys[row] for row in rows])

    return _batches(read, np.float32, (cache.width,), viewed, size, shuffle_seed)


def decoded_batches(viewed: PhotoViews, image_size: int, size: int, shuffle_seed: int | None) -> Batches:
    """Batches of the photos themselves, decoded again in each epoch: RGB 0..255, float32 (batch, size, size, 3)."""
    pairs = [(photo, view) for view in viewed.views for photo in viewed.photos]

    def decode(row: int) -> np.ndarray:
        photo, view = pairs[row]
        pixels = pixels_or_error(Path(photo.path), image_size)
        if isinstance(pixels, PhotoError):
            raise RunError("A photo was moved or changed while it was being learned from. Train again.")
        return seen_as(pixels, view, photo.sha256)

    def read(rows: np.ndarray) -> np.ndarray:
        return np.stack(list(in_threads(decode, rows, os.cpu_count() or 2)))

    return _batches(read, np.uint8, (image_size, image_size, 3), viewed, size, shuffle_seed)


def _batches(
    read: Callable[[np.ndarray], np.ndarray],
    dtype: type,
    shape: tuple[int, ...],
    viewed: PhotoViews,
    size: int,
    shuffle_seed: int | None,
) -> Batches:
    """Batches of what `read` gives for row numbers, int64 (batch,); the next is read while one is learned from."""
    classes = np.tile(viewed.classes, len(viewed.views))

    def load(rows: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        inputs = tf.ensure_shape(tf.numpy_function(read, [rows], dtype), (None, *shape))
        return tf.cast(inputs, tf.float32), tf.gather(classes, rows)

    data = tf.data.Dataset.range(len(classes))
    if shuffle_seed is not None:
        data = data.shuffle(len(classes), seed=shuffle_seed, reshuffle_each_iteration=True)
    return Batches(data.batch(size).map(load).prefetch(2), classes, size)
