"""Which photos of a run can be used; and what the frozen base says of them, where the strategy begins with that."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from glob import glob
from pathlib import Path
from typing import TYPE_CHECKING

from core.base.device import GPU_DEVICES
from core.base.errors import StorageError
from core.base.events import PHASE, last_attempt
from core.base.subsets import TRAIN
from core.base.words import counted
from core.engine.engine import Streaming
from core.engine.features import Features, shared_engine
from core.engine.places import Places
from core.jobs.progress import Progress
from core.models.config import FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH, TrainConfig
from core.models.heads import head_named
from core.photos.decoding import PhotoError
from core.photos.labelled_photo import LabelledPhoto, decoded, unusable_files
from core.photos.views import asked_views, view_key, views_of
from core.runs.run import Run

if TYPE_CHECKING:
    import keras


def read_photos(run: Run, places: Places, base: "Callable[[], keras.Model]") -> dict[str, str]:
    """Read all photos of a run; with a frozen base, keep what it says of those that it has not seen yet.

    Args:
        base: Gives the base in Keras, once that is loaded; called only where it is needed.

    Returns:
        The reason by path for photos that can't be used.

    Raises:
        InputError: The head would be too large.
        StorageError: The disk has no room.
        StopRequested: The user wants the run to end; there is nothing to keep yet.
    """
    if run.config().strategy == FROM_SCRATCH:
        return _unreadable(run, base)
    config, photos = run.config(), run.photos()
    words = f"Looking at the photos through {config.base_row().title}"
    run.job.event_log().write(PHASE, name="features", words=words)
    features = head_features(config, places, base)
    if head_named(config.head).on_whole_map:
        _refuse_full_disk(config, features, photos)
    unreadable = features.add(photos, Progress(run.job.event_log(), run.job.check_stop), _asked(config))
    opened_again = _opened_again(config, photos, features)
    unreadable |= unusable_files([photo for photo in opened_again if photo.path not in unreadable])
    return {photo.path: unreadable[photo.path] for photo in photos if photo.path in unreadable}


def _asked(config: TrainConfig) -> tuple[str, ...]:
    """The views of all photos that the frozen base is asked about: of a head by what it answers, else to learn from."""
    return asked_views(config.ask_mirror and config.strategy == FEATURE_EXTRACTION)


@contextmanager
def telling(run: Run, name: str, words: str) -> Iterator[None]:
    """Tell what is waited for now as a phase of its own; afterwards the phase before it goes on."""
    log, before = run.job.event_log(), [e for e in last_attempt(run.job.events()) if e["event"] == PHASE]
    log.write(PHASE, name=name, words=words)
    yield
    if before:
        log.write(PHASE, name=before[-1]["name"], words=before[-1]["words"])


def _opened_again(config: TrainConfig, photos: list[LabelledPhoto], features: Features) -> list[LabelledPhoto]:
    """Those that this run will decode later on: better said now what was changed or lost, while it can be left out."""
    if config.strategy == FINE_TUNE:
        return photos
    views, may_learn = views_of(config.augment), [photo for photo in photos if photo.split in ("", TRAIN)]
    missing = features.missing(may_learn, views)
    return [photo for photo in may_learn if missing & {view_key(photo.sha256, view) for view in views}]


def _unreadable(run: Run, base: "Callable[[], keras.Model]") -> dict[str, str]:
    photos, image_size = run.photos(), base().input_shape[1]
    run.job.event_log().write(PHASE, name="features", words="Looking whether the photos can be read")
    on_progress, unreadable = Progress(run.job.event_log(), run.job.check_stop), {}
    for done, (photo, pixels) in enumerate(decoded(photos, image_size, run.pictures()), 1):
        if isinstance(pixels, PhotoError):
            unreadable[photo.path] = str(pixels)
        on_progress(done, len(photos))
    return unreadable


def head_features(config: TrainConfig, places: Places, base: "Callable[[], keras.Model]") -> Features:
    """What the config's head learns from: the frozen base's features, or its whole feature maps.

    Args:
        base: Gives the base in Keras; called where only that can help.

    Raises:
        InputError: The head would be too large.
    """
    row = config.base_row()
    cache = places.features(row)
    if head_named(config.head).on_whole_map:
        from core.models.head_building import input_width

        cache = places.activations(row, "map", input_width(config, base()))
    load = partial(_engine, config, places, base)
    return Features(cache, row.image_size, load, places.pictures, places.tell)


def _refuse_full_disk(config: TrainConfig, features: Features, photos: list[LabelledPhoto]) -> None:
    asked = _asked(config)
    learned_from = 1 - config.validation_share - config.test_share
    views = len(asked) + len(set(views_of(config.augment)).difference(asked)) * learned_from
    missing = round(len(features.missing(photos)) * views)
    if not features.cache.has_room(missing):
        raise StorageError(
            f"The disk has no room for the whole feature maps of {counted(len(photos), 'photo')} "
            f"({features.cache.bytes_of(missing) / 1e9:.1f} GB). Make room, or choose a head on the pooled features."
        )


def _engine(config: TrainConfig, places: Places, base: "Callable[[], keras.Model]") -> Streaming:
    """What computes the features: Keras on a GPU, else the engine, converting the base when it never was."""
    whole_map = head_named(config.head).on_whole_map
    if on_a_gpu():
        from core.engine.conversion import feature_rows
        from core.engine.keras_engine import KerasEngine

        return KerasEngine(feature_rows(base(), whole_map), os.cpu_count() or 2, places.pictures)
    converted = places.converted_base(config.base_row(), whole_map=whole_map)

    def convert(target: Path) -> None:
        from core.engine.conversion import convert_base

        known = base()  # may have to wait until Keras is loaded
        with places.converting():
            convert_base(known, target, whole_map)

    return shared_engine(converted, convert, places)


def on_a_gpu() -> bool:
    """Whether Keras works on a GPU here, which is faster than the engine. Loads nothing where there can't be one."""
    if not any(map(glob, GPU_DEVICES)):
        return False
    import keras  # noqa: F401  first, as in the thread that loads a training: the other way round they wait for each other
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))
