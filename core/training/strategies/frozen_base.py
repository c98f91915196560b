"""What feature extraction and fine-tuning begin with: every photo seen once by the frozen base, and a head on that.

The features come from the cache where they are. Keras is imported by a thread, while the engine is already at work.
"""

import importlib
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.base.errors import StorageError
from core.base.events import PHASE
from core.base.subsets import TRAIN, VALIDATION
from core.base.words import counted
from core.engine.engine import Engine
from core.engine.feature_cache import FeatureCache
from core.engine.features import add_missing_features
from core.engine.places import Places
from core.engine.view_features import add_missing_views
from core.jobs.progress import photo_progress
from core.models.catalogue import BaseModel, base_model
from core.models.config import TrainConfig
from core.models.heads import head_named
from core.photos.labelled_photo import LabelledPhoto
from core.photos.views import ORIGINAL, view_key, views_of
from core.runs.run import Run
from core.training.keras_loading import Learning, load_learning
from core.training.subsets import Subsets, into_subsets

MOST_IN_MEMORY = 1_000_000_000  # bytes of what heads learn from; beyond that it is read batch by batch
GPU_DEVICES = ("/dev/nvidia0", "/dev/dxg")  # Linux, and Windows' Linux; elsewhere TensorFlow finds no GPU


@dataclass(frozen=True)
class FrozenFeatures:
    """Photos that the frozen base has seen.

    Args:
        learning: What needs Keras, loaded meanwhile.
        cache: What the head learns from, of all usable photos: features, or whole feature maps.
        parts: The photos.
    """

    learning: Learning
    cache: FeatureCache
    parts: Subsets

    def rows(self, photos: list[LabelledPhoto], views: tuple[str, ...] = (ORIGINAL,)) -> Any:
        """What a head learns from of these photos in these views, with their classes: Rows of `fitting`."""
        if self.fits_memory(len(photos) * len(views)):
            return self.labelled(photos, views)
        shown = self.learning.batches.PhotoViews(photos, views, self.parts.truth(photos))
        return self.learning.fitting.StoredFeatures(shown, self.cache)

    def fits_memory(self, n: int) -> bool:
        """Whether that of so many photos may be held in memory."""
        return n * self.cache.width * 4 <= MOST_IN_MEMORY

    def labelled(self, photos: list[LabelledPhoto], views: tuple[str, ...] = (ORIGINAL,)) -> Any:
        """The same in memory, view after view: LabelledFeatures."""
        keys = [view_key(photo.sha256, view) for view in views for photo in photos]
        return self.learning.fitting.LabelledFeatures(
            self.cache.read(keys), np.tile(self.parts.truth(photos), len(views))
        )


def extract_features(run: Run, places: Places) -> FrozenFeatures:
    """Ask the base about all photos that it has not seen yet, and divide those that can be used.

    Raises:
        InputError: The photos can't be trained on.
        StopRequested: The user wants the run to end; there is nothing to keep yet.
    """
    config = run.config()
    row, photos = base_model(config.base), run.photos()
    with ThreadPoolExecutor(1) as pool:
        learning = pool.submit(load_learning, config)
        run.job.event_log().write(PHASE, name="features", words=f"Looking at the photos through {row.title}")
        cache = _cache(run, places, learning)
        refused = add_missing_features(
            [Path(photo.path) for photo in photos],
            [photo.sha256 for photo in photos],
            cache,
            row.image_size,
            lambda: _engine(config, places, learning),
            photo_progress(run.job, run.job.check_stop),
        )
        parts = into_subsets(run, config, {p.path: refused[p.sha256] for p in photos if p.sha256 in refused})
        return FrozenFeatures(learning.result(), cache, parts)


def _cache(run: Run, places: Places, learning: Future) -> FeatureCache:
    """Where the answers are kept that the run's head learns from.

    Raises:
        InputError: The head would be too large.
        StorageError: The disk has no room for what is missing there.
    """
    config = run.config()
    row = base_model(config.base)
    if not head_named(config.head).on_whole_map:
        return places.features(row)
    loaded = learning.result()
    width = loaded.heads.input_width(config, loaded.base)
    cache = places.activations(row, "map", width)
    photos = run.photos()
    views = 1 + (len(views_of(config.augment)) - 1) * (1 - config.validation_share - config.test_share)
    missing = round(len(cache.missing([photo.sha256 for photo in photos])) * views)
    if not cache.has_room(missing):
        raise StorageError(
            f"The disk has no room for the whole feature maps of {counted(len(photos), 'photo')} "
            f"({cache.bytes_of(missing) / 1e9:.1f} GB). Make room, or choose a head on the pooled features."
        )
    return cache


def extract_view_features(run: Run, places: Places, looked: FrozenFeatures, photos: list[LabelledPhoto]) -> None:
    """Ask the base about the views of some photos that the run's config adds to the originals."""
    config, row = run.config(), base_model(run.config().base)
    loaded: Future = Future()
    loaded.set_result(looked.learning)
    add_missing_views(
        photos,
        views_of(config.augment),
        looked.cache,
        row.image_size,
        lambda: _engine(config, places, loaded),
        photo_progress(run.job, run.job.check_stop),
    )


def fit_head_on(run: Run, looked: FrozenFeatures, views: tuple[str, ...]) -> Any:
    """Train a head on the features of the training photos.

    Args:
        run: Gets the events.
        looked: From `extract_features`.
        views: In which the training photos are shown; all of them are in the cache.
    """
    parts = looked.parts
    config, loaded = run.config(), looked.learning
    train, validation = parts.of(TRAIN), parts.of(VALIDATION)
    if head_named(config.head).solved_at_once:
        rows = looked.labelled(train, views), looked.labelled(validation)
        return loaded.svm.solve_in_job(config, *rows, len(parts.classes), run.job)
    run.job.event_log().write(PHASE, name="fit", words="Learning to tell the classes apart")
    rows = looked.rows(train, views), looked.rows(validation)
    start = loaded.restarting.take_weights(run, loaded.base)
    return loaded.fitting.fit_head(config, *rows, len(parts.classes), run.job, start)


def earlier_head(run: Run, looked: FrozenFeatures) -> Any | None:
    """The head of the run that this one goes on from, whose weights the base takes too; None when it begins anew."""
    config, loaded = run.config(), looked.learning
    weights = loaded.restarting.take_weights(run, loaded.base)
    if weights is None:
        return None
    head = loaded.fitting.untrained_head(config, looked.cache.width, len(looked.parts.classes))
    head.set_weights(weights)
    return head


def on_a_gpu(load: Callable[[], Learning]) -> bool:
    """Whether Keras works on a GPU here, which is faster than the engine. Loads nothing where there can't be one."""
    return any(Path(device).exists() for device in GPU_DEVICES) and load().keras_engine.gpu_there()


def _engine(config: TrainConfig, places: Places, learning: Future) -> Engine:
    """What computes the features: Keras on a GPU, else the engine, converting the base when it never was."""
    whole_map = head_named(config.head).on_whole_map
    if on_a_gpu(learning.result):
        loaded = learning.result()
        return loaded.keras_engine.KerasEngine(
            loaded.conversion.feature_rows(loaded.base, whole_map), os.cpu_count() or 2
        )
    converted = places.converted_base(base_model(config.base), whole_map=whole_map)
    if not converted.exists():
        learning.result().conversion.convert_base(learning.result().base, converted, whole_map)
    return Engine(converted)


def engine_of(row: BaseModel, places: Places) -> Engine:
    """A base on the engine, converted first when it never was; for those who do without Keras otherwise."""
    converted = places.converted_base(row)
    if not converted.exists():
        building = importlib.import_module("core.models.building")  # Keras takes seconds to import
        importlib.import_module("core.engine.conversion").convert_base(building.build_base(row.name), converted)
    return Engine(converted)
