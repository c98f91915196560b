"""The photos that settings are tried on: which subset each has, and what the frozen base says of them."""

import numpy as np

from core.base.errors import InputError
from core.base.events import PHASE
from core.base.subsets import TRAIN, VALIDATION
from core.base.words import counted
from core.checks.readiness import refuse_too_few, refuse_unread
from core.engine.features import base_features
from core.engine.places import Places
from core.evaluation.folds import estimate_for
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.models.catalogue import BaseModel
from core.models.config import CROSS_VALIDATION, FEATURE_EXTRACTION, MIN_PHOTOS_PER_CLASS, TrainConfig
from core.models.image_sizes import size_in_words, work_of_size
from core.photos.decoding import PhotoError
from core.photos.kept_settings import pictures_key
from core.photos.labelled_photo import LabelledPhoto, class_ids_of, class_names_of, decoded, groups_of
from core.photos.pictures import USUAL, PictureSettings
from core.photos.views import ORIGINAL, views_of
from core.search.trial import Material
from core.search.words import unsearchable
from core.training.rows import LabelledFeatures
from core.training.strategies.frozen_base import MOST_IN_MEMORY
from core.training.subsets import in_subsets, refuse_untaught


def with_subsets(
    photos: list[LabelledPhoto], plan: TrainConfig, settings: PictureSettings = USUAL
) -> list[LabelledPhoto]:
    """The photos as a training with this plan will split them, those left out that can't be read.

    A project's photos have their subsets. Others are all opened here, since one that can't be read changes the turn of
    the rest, and a photo that the training will test on must be none that chooses settings.

    Raises:
        InputError: Of a class too few can be read.
    """
    if all(photo.split for photo in photos):
        return photos
    opened = decoded(photos, plan.base_row().image_size, settings)
    read = [(photo, str(pixels) if isinstance(pixels, PhotoError) else "") for photo, pixels in opened]
    unread = [(photo.label, error) for photo, error in read if error]
    refuse_unread([photo.label for photo in photos], unread, MIN_PHOTOS_PER_CLASS)
    return in_subsets([photo for photo, error in read if not error], plan)[0]


def material_of(photos: list[LabelledPhoto], plan: TrainConfig, places: Places, job: Job) -> Material:
    """What the plan's base says of the training and validation photos.

    Args:
        photos: All usable ones, each with its subset; the files of the test are not opened.
        plan: Its base, and the views in which photos teach; in folds a validation photo teaches too.
        job: Gets PHASE, and PROGRESS in photos; its stop file ends it.

    Raises:
        InputError: The plan has no head that can be tried, or the photos are too few to learn from and judge by, or too
            many for the memory.
        StopRequested: The user wants it to end.
    """
    if why := unsearchable(plan):
        raise InputError(why)
    refuse_too_few(photos)
    base, is_frozen = plan.base_row(), plan.strategy == FEATURE_EXTRACTION
    views = views_of(plan.augment) if is_frozen else (ORIGINAL,)  # in which a head is trained before fine-tuning
    job.event_log().write(PHASE, name="features", words=f"Looking at the photos through {base.title}")
    chosen = [photo for subset in (TRAIN, VALIDATION) for photo in photos if photo.split == subset]
    _refuse_too_many(len(chosen) * len(views), base)
    features = base_features(base, places)
    unreadable = features.add(chosen, Progress(job.event_log(), job.check_stop))
    usable = [photo for photo in chosen if photo.path not in unreadable]
    n_train = sum(photo.split == TRAIN for photo in usable)
    refuse_untaught(photos, usable[:n_train])
    if n_train == len(usable):
        raise InputError(
            "No validation photo is left, so nothing can say which settings are better. "
            "Copies of a photo count as one: add more different photos."
        )
    features.add_known(usable, views, Progress(job.event_log(), job.check_stop))
    class_names = class_names_of(photos)
    # Tries on other pixels are others; the usual ones are named as by older versions.
    seen = "" if places.pictures == USUAL else f" {pictures_key(places.pictures)}"
    seen += "" if work_of_size(plan) == 1 else f" {size_in_words(base.image_size)}"
    return Material(
        rows=LabelledFeatures(
            features.read(usable, views),
            np.tile(class_ids_of(usable, class_names), len(views)),
            np.tile(np.array(groups_of(usable)), len(views)),
        ),
        n_train=n_train,
        contents=[f"{photo.sha256} {photo.split} {photo.label}{seen}" for photo in usable],
        groups=groups_of(usable),
        n_classes=len(class_names),
        photos=usable,
        may_fold=is_frozen,
        test_cross_validated=is_frozen and estimate_for(photos, plan.test_given) == CROSS_VALIDATION,
    )


def _refuse_too_many(rows: int, base: BaseModel) -> None:
    most = MOST_IN_MEMORY // (4 * base.feature_width)
    if rows > most:
        raise InputError(
            f"The search holds what the base model says of all photos in memory: {counted(most, 'photo')} at most, "
            f"each varied one counted. Here are {rows:,}. Train with the plan as it is, or with fewer varied photos."
        )
