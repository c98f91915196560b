"""What an engine says of photos in several views, kept by photo and view. A photo is opened once for all its views."""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from core.base.errors import RunError
from core.base.threads import in_threads
from core.engine.engine import FEATURES, Engine
from core.engine.feature_cache import FeatureCache
from core.photos.decoding import PhotoError, pixels_or_error
from core.photos.labelled_photo import LabelledPhoto
from core.photos.views import seen_as, view_key

BATCH_BYTES = 8_000_000  # between two writes to the cache: what a kill can cost
MOST_BATCH = 256


def missing_keys(photos: list[LabelledPhoto], views: tuple[str, ...], cache: FeatureCache) -> set[str]:
    """The keys (`view_key`) of photos in views that the cache doesn't know."""
    keys = [view_key(photo.sha256, view) for photo in photos for view in views]
    return {keys[position] for position in cache.missing(keys)}


def add_missing_views(
    photos: list[LabelledPhoto],
    views: tuple[str, ...],
    cache: FeatureCache,
    image_size: int,
    load_engine: Callable[[], Engine],
    on_progress: Callable[[int, int, float], None],
) -> None:
    """Ask the engine about photos in views that the cache doesn't know, and only about them.

    Args:
        photos: Those that could be read before.
        views: From `core.photos.views.views_of`.
        cache: Where the answers are kept, by `view_key`.
        image_size: Of the engine's input.
        load_engine: Gives the engine; not called when nothing is missing.
        on_progress: Called after each answer with (done, total, seconds so far); may raise to stop. All answers
            until then are kept.

    Raises:
        RunError: A photo can no longer be read.
        StorageError: The disk is full.
    """
    wanted = missing_keys(photos, views, cache)
    if not wanted:
        return
    began, total, batch = time.monotonic(), len(wanted), max(1, min(MOST_BATCH, BATCH_BYTES // (2 * cache.width)))
    asked: list[str] = []
    keys: list[str] = []
    rows: list[np.ndarray] = []
    answers = load_engine().stream(_pixels(photos, views, image_size, set(wanted), asked))
    for done, answer in enumerate(answers, 1):
        if isinstance(answer, PhotoError):
            raise RunError("A photo was moved or changed while it was being learned from. Train again.")
        keys.append(asked[done - 1])
        rows.append(answer[FEATURES])
        if len(rows) >= batch or done == total:
            cache.add(keys, np.stack(rows))
            keys, rows = [], []
        on_progress(done, total, time.monotonic() - began)


def _pixels(
    photos: list[LabelledPhoto], views: tuple[str, ...], image_size: int, wanted: set[str], asked: list[str]
) -> Iterator[np.ndarray | PhotoError]:
    """The wanted views, each once, and their keys into `asked` in the same order."""
    todo = []
    for photo in photos:
        ours = [view for view in views if view_key(photo.sha256, view) in wanted]
        wanted -= {view_key(photo.sha256, view) for view in ours}
        todo += [(photo, ours)] * bool(ours)

    def seen(pair: tuple[LabelledPhoto, list[str]]) -> list[np.ndarray | PhotoError]:
        photo, ours = pair
        pixels = pixels_or_error(Path(photo.path), image_size)
        if isinstance(pixels, PhotoError):
            return [pixels] * len(ours)
        return [seen_as(pixels, view, photo.sha256) for view in ours]

    for (photo, ours), answers in zip(todo, in_threads(seen, todo, os.cpu_count() or 2), strict=True):
        for view, answer in zip(ours, answers, strict=True):
            asked.append(view_key(photo.sha256, view))
            yield answer
