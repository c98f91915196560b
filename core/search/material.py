"""The photos that settings are tried on: which part each has, and what the frozen base says of them."""

import os
from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from core.base.errors import InputError
from core.base.events import PHASE
from core.base.subsets import TRAIN, VALIDATION
from core.base.threads import in_threads
from core.base.words import counted
from core.checks.readiness import refuse_unready
from core.engine.feature_cache import FeatureCache
from core.engine.features import add_missing_features
from core.engine.places import Places
from core.engine.view_features import add_missing_views
from core.jobs.job import Job
from core.jobs.progress import photo_progress
from core.models.catalogue import BaseModel, base_model
from core.models.config import FEATURE_EXTRACTION, TrainConfig
from core.photos.decoding import PhotoError, pixels_or_error
from core.photos.labelled_photo import LabelledPhoto, groups_of
from core.photos.views import ORIGINAL, view_key, views_of
from core.projects.split import Shares, assign_subsets
from core.search.trial import Material
from core.training.fitting import LabelledFeatures
from core.training.strategies.frozen_base import MOST_IN_MEMORY, engine_of


def with_parts(photos: list[LabelledPhoto], plan: TrainConfig) -> list[LabelledPhoto]:
    """The photos as a training with this plan will divide them, those left out that can't be read.

    A project's photos have their parts. Others are all opened here, since one that can't be read changes the turn of
    the rest, and a photo that the training will test on must be none that chooses settings.
    """
    if all(photo.split for photo in photos):
        return photos
    read = partial(pixels_or_error, size=base_model(plan.base).image_size)
    decoded = in_threads(read, (Path(photo.path) for photo in photos), os.cpu_count() or 2)
    photos = [photo for photo, pixels in zip(photos, decoded, strict=True) if not isinstance(pixels, PhotoError)]
    given = [photo.split for photo in photos]
    parts = assign_subsets(
        [photo.label for photo in photos],
        [photo.sha256 for photo in photos],
        groups_of(photos),
        given,
        plan.seed,
        Shares(plan.validation_share, plan.test_share).without(set(given)),
    )
    return [replace(photo, split=part) for photo, part in zip(photos, parts, strict=True)]


def material_of(photos: list[LabelledPhoto], plan: TrainConfig, places: Places, job: Job) -> Material:
    """What the plan's base says of the training and validation photos.

    Args:
        photos: All usable ones, each with its part; the files of the test part are not opened.
        plan: Its base, and the views in which photos teach; in folds a validation photo teaches too.
        places: Where features and converted bases are kept.
        job: Gets PHASE, and PROGRESS in photos; its stop file ends it.

    Raises:
        InputError: They are too few to learn from and judge by, or too many for the memory.
        StopRequested: The user wants it to end.
    """
    refuse_unready(dict(sorted(Counter(photo.label for photo in photos).items())))
    row, views = base_model(plan.base), _views(plan)
    job.event_log().write(PHASE, name="features", words=f"Looking at the photos through {row.title}")
    cache = places.features(row)
    chosen = [photo for part in (TRAIN, VALIDATION) for photo in photos if photo.split == part]
    _refuse_too_many(len(chosen) * len(views), row)
    usable = _look(chosen, cache, row, places, job)
    train, validation = ([photo for photo in usable if photo.split == part] for part in (TRAIN, VALIDATION))
    _refuse_missing({photo.label for photo in photos}, train, validation)
    on_progress = photo_progress(job, job.check_stop)
    add_missing_views(usable, views, cache, row.image_size, lambda: engine_of(row, places), on_progress)

    classes = sorted({photo.label for photo in photos})
    return Material(
        rows=_labelled(usable, views, cache, classes),
        n_train=len(train),
        contents=[f"{photo.sha256} {photo.split} {photo.label}" for photo in usable],
        groups=groups_of(usable),
        n_classes=len(classes),
    )


def _views(plan: TrainConfig) -> tuple[str, ...]:
    """In which a head sees the training photos; before fine-tuning that is as they are."""
    return views_of(plan.augment) if plan.strategy == FEATURE_EXTRACTION else (ORIGINAL,)


def _look(
    photos: list[LabelledPhoto], cache: FeatureCache, row: BaseModel, places: Places, job: Job
) -> list[LabelledPhoto]:
    """Ask the base about those photos that it has not seen yet; those of all that can be read."""
    refused = add_missing_features(
        [Path(photo.path) for photo in photos],
        [photo.sha256 for photo in photos],
        cache,
        row.image_size,
        lambda: engine_of(row, places),
        photo_progress(job, job.check_stop),
    )
    return [photo for photo in photos if photo.sha256 not in refused]


def _labelled(
    photos: list[LabelledPhoto], views: tuple[str, ...], cache: FeatureCache, classes: list[str]
) -> LabelledFeatures:
    number = {name: i for i, name in enumerate(classes)}
    truth = np.array([number[photo.label] for photo in photos], np.int64)
    keys = [view_key(photo.sha256, view) for view in views for photo in photos]
    return LabelledFeatures(cache.read(keys), np.tile(truth, len(views)))


def _refuse_too_many(rows: int, row: BaseModel) -> None:
    most = MOST_IN_MEMORY // (4 * row.feature_width)
    if rows > most:
        raise InputError(
            f"The search holds what the base model says of all photos in memory: {counted(most, 'photo')} at most, "
            f"each varied one counted. Here are {rows:,}. Train with the plan as it is, or with fewer varied photos."
        )


def _refuse_missing(classes: set[str], train: list[LabelledPhoto], validation: list[LabelledPhoto]) -> None:
    untaught = sorted(classes - {photo.label for photo in train})
    if untaught:
        raise InputError(f"No training photo is left for {', '.join(untaught)}. Add photos of it to the training part.")
    if not validation:
        raise InputError(
            "No validation photo is left, so nothing can say which settings are better. "
            "Copies of a photo count as one: add more different photos."
        )
