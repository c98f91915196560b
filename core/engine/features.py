"""The features of photos: computed where the cache lacks them, and read. Whoever learns from features asks here."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path

import numpy as np

from core.base.errors import RunError
from core.base.events import NOTE
from core.base.threads import in_threads
from core.base.words import counted
from core.engine.converted import Tell, converted_once
from core.engine.engine import FEATURES, Engine, Streaming, fastest_precision
from core.engine.feature_cache import FeatureCache, LookedUp
from core.engine.lost_photos import LostPhotos
from core.engine.places import Places, silent
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.models.catalogue import BaseModel
from core.photos.decoding import PhotoError, pixels_or_error
from core.photos.labelled_photo import LOST, LabelledPhoto, class_ids_of, class_names_of, groups_of
from core.photos.pictures import USUAL, PictureSettings
from core.photos.views import ORIGINAL, seen_as, view_key

DECODED_AHEAD_BYTES = 308_000_000  # of views that may wait for the engine to be loaded: 2,046 of 224 pixels
BATCH_BYTES = 8_000_000  # between two writes to the cache: what a kill can cost
MOST_BATCH = 256
DAMAGED = "What was kept of {} was damaged on disk. It is computed anew."
NO_NUMBERS = "the base model gives no numbers for it"

OnProgress = Callable[[int, int, float], None]  # called with (done, total, seconds so far); may raise to stop


@dataclass(frozen=True)
class Features:
    """What a model says of photos, as they are or in other views: each computed once, and kept.

    Args:
        cache: Where the rows are kept, by `view_key`.
        image_size: Of the model's input, pixels a side.
        load_engine: Gives the model on an engine; called only when rows are missing.
        settings: How the photos are read; those that the cache is named by.
        tell: Told in words of what was damaged, and of photos that were changed.
    """

    cache: FeatureCache
    image_size: int
    load_engine: Callable[[], Streaming]
    settings: PictureSettings = USUAL
    tell: Tell = silent

    def missing(self, photos: list[LabelledPhoto], views: tuple[str, ...] = (ORIGINAL,)) -> set[str]:
        """The keys (`view_key`) of photos in views that the cache doesn't know."""
        return set(self._look_up(photos, views).missing)

    def add(
        self, photos: list[LabelledPhoto], on_progress: OnProgress, views: tuple[str, ...] = (ORIGINAL,)
    ) -> dict[str, str]:
        """Ask the engine about what the cache doesn't know, and only about that. A photo is opened once for all views.

        Args:
            on_progress: Called before the first and after each answer; what was written until then is kept.
            views: From `core.photos.views.views_of`.

        Returns:
            The reason by path for photos that can't be used. One that holds another content than it had is among them,
            and nothing is kept of it.

        Raises:
            StorageError: The disk is full.
        """
        found = self._look_up(photos, views)
        if found.damaged:
            self.tell(DAMAGED.format(counted(found.damaged, "photo or view", "photos or views")))
        todo = _wanted(photos, views, set(found.missing))
        if not todo:
            return {}
        began, lost, kept = time.monotonic(), LostPhotos(), {}
        batch = max(1, min(MOST_BATCH, BATCH_BYTES // (2 * self.cache.width)))
        keys = [(same, view_key(same[0].sha256, view)) for same, ours in todo for view in ours]
        on_progress(0, len(keys), 0.0)  # before the engine is loaded, and where it never was the base converted
        seen = partial(_seen, image_size=self.image_size, settings=self.settings, lost=lost)
        ahead = DECODED_AHEAD_BYTES // (3 * self.image_size**2 * len(views))
        decoded = in_threads(seen, todo, os.cpu_count() or 2, max(1, ahead))
        answers = self.load_engine().stream(chain.from_iterable(decoded))  # meanwhile photos are being decoded
        for done, ((same, key), answer) in enumerate(zip(keys, answers, strict=True), 1):
            if not isinstance(answer, PhotoError):
                kept[key] = answer[FEATURES]
                if not np.isfinite(kept[key]).all():
                    lost.add(same, PhotoError(NO_NUMBERS))
                    del kept[key]
            if len(kept) >= batch or (kept and done == len(keys)):
                self.cache.add(list(kept), np.stack(list(kept.values())))
                kept = {}
            on_progress(done, len(keys), time.monotonic() - began)
        lost.tell_changed(self.tell)
        return lost.reasons

    def add_known(self, photos: list[LabelledPhoto], views: tuple[str, ...], on_progress: OnProgress) -> None:
        """As `add`, of photos that could be read before.

        Raises:
            RunError: One can no longer be read, or holds another content by now.
        """
        reasons = self.add(photos, on_progress, views)
        missing = self.missing(photos, views) if reasons else set()
        for photo in photos:
            if photo.path in reasons and missing & {view_key(photo.sha256, view) for view in views}:
                raise RunError(LOST.format(photo.name, reasons[photo.path]))

    def _look_up(self, photos: list[LabelledPhoto], views: tuple[str, ...]) -> LookedUp:
        return self.cache.look_up([view_key(photo.sha256, view) for photo in photos for view in views])

    def read(self, photos: list[LabelledPhoto], views: tuple[str, ...] = (ORIGINAL,)) -> np.ndarray:
        """Rows that are all there, view after view: float32 (len(views) * len(photos), width)."""
        return self.cache.read([view_key(photo.sha256, view) for view in views for photo in photos])


def _wanted(
    photos: list[LabelledPhoto], views: tuple[str, ...], missing: set[str]
) -> list[tuple[list[LabelledPhoto], list[str]]]:
    """Photos of equal content with those of their views that are missing, in the order of the first of each."""
    same: dict[str, dict[str, LabelledPhoto]] = {}
    for photo in photos:
        same.setdefault(photo.sha256, {})[photo.path] = photo
    found = [(copies, [view for view in views if view_key(sha256, view) in missing]) for sha256, copies in same.items()]
    return [(list(copies.values()), ours) for copies, ours in found if ours]


def _seen(
    wanted: tuple[list[LabelledPhoto], list[str]], image_size: int, settings: PictureSettings, lost: LostPhotos
) -> list[np.ndarray | PhotoError]:
    """The first of equal photos that can be read, in views: uint8 (image_size, image_size, 3) each, or why none can."""
    same, views = wanted
    pixels: np.ndarray | PhotoError = PhotoError("")
    for photo in same:
        pixels = pixels_or_error(photo.source, image_size, settings)
        if not isinstance(pixels, PhotoError):
            return [seen_as(pixels, view, photo.sha256) for view in views]
        lost.add([photo], pixels)
    return [pixels] * len(views)


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
    log = job.event_log()
    features = base_features(base, replace(places, tell=lambda words: log.write(NOTE, words=words)))
    unreadable = features.add(photos, Progress(log, job.check_stop))
    usable = [photo for photo in photos if photo.path not in unreadable]
    return PhotoFeatures(usable, features.read(usable))


def base_features(base: BaseModel, places: Places) -> Features:
    """What a frozen base says of photos, computed by the engine."""
    load = partial(engine_of, base, places)
    return Features(places.features(base), base.image_size, load, places.pictures, places.tell)


def engine_of(base: BaseModel, places: Places) -> Engine:
    """A base on the engine, converted first when it never was, or is damaged."""

    def convert(target: Path) -> None:
        from core.engine.conversion import convert_base  # Keras takes seconds to import, and is rarely needed here
        from core.models.building import build_base

        convert_base(build_base(base.name, image_size=base.image_size), target)

    return shared_engine(places.converted_base(base), convert, places)


def shared_engine(converted: Path, convert: Callable[[Path], None], places: Places) -> Engine:
    """An engine model that several runs share, as `converted_once` gives it, which has compared its checksum."""
    whole = converted_once(converted, convert, places.tell)
    return Engine(whole, fastest_precision(), places.pictures, checked=True)
