"""The features of photos: computed where the cache lacks them, and read. Whoever learns from features asks here."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np

from core.base.errors import RunError
from core.base.threads import in_threads
from core.engine.engine import FEATURES, Engine, Streaming
from core.engine.feature_cache import FeatureCache
from core.engine.places import Places
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.models.catalogue import BaseModel
from core.photos.decoding import PhotoError, pixels_or_error
from core.photos.labelled_photo import LabelledPhoto, class_ids_of, class_names_of, groups_of
from core.photos.pictures import USUAL, PictureSettings
from core.photos.views import ORIGINAL, seen_as, view_key

DECODED_AHEAD_BYTES = 308_000_000  # of views that may wait for the engine to be loaded: 2,046 of 224 pixels
BATCH_BYTES = 8_000_000  # between two writes to the cache: what a kill can cost
MOST_BATCH = 256

OnProgress = Callable[[int, int, float], None]  # called with (done, total, seconds so far); may raise to stop


@dataclass(frozen=True)
class Features:
    """What a model says of photos, as they are or in other views: each computed once, and kept.

    Args:
        cache: Where the rows are kept, by `view_key`.
        image_size: Of the model's input, pixels a side.
        load_engine: Gives the model on an engine; called only when rows are missing.
        settings: How the photos are read; those that the cache is named by.
    """

    cache: FeatureCache
    image_size: int
    load_engine: Callable[[], Streaming]
    settings: PictureSettings = USUAL

    def missing(self, photos: list[LabelledPhoto], views: tuple[str, ...] = (ORIGINAL,)) -> set[str]:
        """The keys (`view_key`) of photos in views that the cache doesn't know."""
        keys = [view_key(photo.sha256, view) for photo in photos for view in views]
        return {keys[position] for position in self.cache.missing(keys)}

    def add(
        self, photos: list[LabelledPhoto], on_progress: OnProgress, views: tuple[str, ...] = (ORIGINAL,)
    ) -> dict[str, str]:
        """Ask the engine about what the cache doesn't know, and only about that. A photo is opened once for all views.

        Args:
            on_progress: Called after each answer; what was written until then is kept.
            views: From `core.photos.views.views_of`.

        Returns:
            The reason by SHA-256 for photos that can't be used.

        Raises:
            StorageError: The disk is full.
        """
        todo = _wanted(photos, views, self.missing(photos, views))
        if not todo:
            return {}
        began, unreadable, kept = time.monotonic(), {}, {}
        batch = max(1, min(MOST_BATCH, BATCH_BYTES // (2 * self.cache.width)))
        keys = [(photo.sha256, view_key(photo.sha256, view)) for photo, ours in todo for view in ours]
        seen = partial(_seen, image_size=self.image_size, settings=self.settings)
        ahead = DECODED_AHEAD_BYTES // (3 * self.image_size**2 * len(views))
        decoded = in_threads(seen, todo, os.cpu_count() or 2, max(1, ahead))
        answers = self.load_engine().stream(chain.from_iterable(decoded))  # meanwhile photos are being decoded
        for done, ((content, key), answer) in enumerate(zip(keys, answers, strict=True), 1):
            if isinstance(answer, PhotoError):
                unreadable[content] = str(answer)
            else:
                kept[key] = answer
            if len(kept) >= batch or (kept and done == len(keys)):
                self.cache.add(list(kept), np.stack([outputs[FEATURES] for outputs in kept.values()]))
                kept = {}
            on_progress(done, len(keys), time.monotonic() - began)
        return unreadable

    def add_known(self, photos: list[LabelledPhoto], views: tuple[str, ...], on_progress: OnProgress) -> None:
        """As `add`, of photos that could be read before.

        Raises:
            RunError: One can no longer be read.
        """
        if self.add(photos, on_progress, views):
            raise RunError("A photo was moved or changed while it was being learned from. Train again.")

    def read(self, photos: list[LabelledPhoto], views: tuple[str, ...] = (ORIGINAL,)) -> np.ndarray:
        """Rows that are all there, view after view: float32 (len(views) * len(photos), width)."""
        return self.cache.read([view_key(photo.sha256, view) for view in views for photo in photos])


def _wanted(
    photos: list[LabelledPhoto], views: tuple[str, ...], missing: set[str]
) -> list[tuple[LabelledPhoto, list[str]]]:
    """Photos with those of their views that are missing, each once."""
    left, todo = set(missing), []
    for photo in photos:
        if ours := [view for view in views if view_key(photo.sha256, view) in left]:
            left.difference_update(view_key(photo.sha256, view) for view in ours)
            todo.append((photo, ours))
    return todo


def _seen(
    wanted: tuple[LabelledPhoto, list[str]], image_size: int, settings: PictureSettings
) -> list[np.ndarray | PhotoError]:
    """A photo in views: uint8 (image_size, image_size, 3) each, or why it can't be read."""
    photo, views = wanted
    pixels = pixels_or_error(Path(photo.path), image_size, settings)
    if isinstance(pixels, PhotoError):
        return [pixels] * len(views)
    return [seen_as(pixels, view, photo.sha256) for view in views]


@dataclass(frozen=True)
class PhotoFeatures:
    """Photos that can be read, with what a base says of them: `rows`, float32 (len(photos), width)."""

    photos: list[LabelledPhoto]
    rows: np.ndarray

    @property
    def class_names(self) -> list[str]:
        """In the order of their ids."""
        return class_names_of(self.photos)

    @property
    def class_ids(self) -> np.ndarray:
        """int64 (len(photos),)."""
        return class_ids_of(self.photos, self.class_names)

    @property
    def groups(self) -> list[str]:
        """Of each photo, equal for near-copies."""
        return groups_of(self.photos)


def features_of(base: BaseModel, photos: list[LabelledPhoto], places: Places, job: Job) -> PhotoFeatures:
    """What a frozen base says of those photos that can be read; raises StopRequested when the job is to stop."""
    features = base_features(base, places)
    unreadable = features.add(photos, Progress(job.event_log(), job.check_stop))
    usable = [photo for photo in photos if photo.sha256 not in unreadable]
    return PhotoFeatures(usable, features.read(usable))


def base_features(base: BaseModel, places: Places) -> Features:
    """What a frozen base says of photos, computed by the engine."""
    return Features(places.features(base), base.image_size, lambda: engine_of(base, places), places.pictures)


def engine_of(base: BaseModel, places: Places) -> Engine:
    """A base on the engine, converted first when it never was."""
    converted = places.converted_base(base)
    if not converted.exists():
        from core.engine.conversion import convert_base  # Keras takes seconds to import, and is rarely needed here
        from core.models.building import build_base

        convert_base(build_base(base.name, image_size=base.image_size), converted)
    return Engine(converted, settings=places.pictures)
