"""Would asking about the mirror image, too, make answers better? Measured by a linear probe, before any training.

The mean over a photo and its mirror image is the simplest test-time augmentation; it helps where a base that learned
from mirrored photos, too, says something else of the two (D. Shanmugam et al., "Better Aggregation in Test-Time
Augmentation", ICCV 2021, find that it may also harm). So it is advised only where McNemar's exact test says that it is
more than chance, on the same photos, of which the probe has seen neither these nor near-copies.
"""

from dataclasses import replace

import numpy as np

from core.advice.record import MirrorTrial
from core.base.events import NOTE
from core.base.words import counted, percent
from core.engine.features import PhotoFeatures, base_features
from core.engine.places import Places
from core.evaluation.folds import grouped_folds
from core.evaluation.metrics import differing, mcnemar_exact
from core.evaluation.probe import fit_linear, unit
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.models.catalogue import BaseModel
from core.photos.labelled_photo import LabelledPhoto
from core.photos.views import MIRRORED


def mirrored_rows(base: BaseModel, photos: list[LabelledPhoto], places: Places, job: Job) -> np.ndarray:
    """What a frozen base says of the mirror images of photos that can be read: float32 (n, width).

    Raises:
        RunError: One can no longer be read.
        StopRequested: The job is to stop.
    """
    log = job.event_log()
    features = base_features(base, replace(places, tell=lambda words: log.write(NOTE, words=words)))
    features.add_known(photos, (MIRRORED,), Progress(log, job.check_stop))
    return features.read(photos, (MIRRORED,))


def try_mirror_images(known: PhotoFeatures, mirrored: np.ndarray, seed: int) -> MirrorTrial:
    """What a linear probe says of photos that it has not seen, asked once and with their mirror images.

    Args:
        known: The photos as they are, from which alone the probe learns.
        mirrored: float32 (n, width), of their mirror images.
        seed: Of the folds.
    """
    fold = grouped_folds(known.class_ids, known.groups, seed)
    answers = _answers(unit(known.rows), unit(mirrored), known.class_ids, fold)
    once, twice = (each == known.class_ids for each in answers)
    return MirrorTrial(
        n=len(once),
        accuracy=float(once.mean()),
        accuracy_with_mirror=float(twice.mean()),
        p=mcnemar_exact(*differing(once, twice)),
    )


def _answers(
    as_it_is: np.ndarray, mirrored: np.ndarray, class_ids: np.ndarray, fold: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Class ids, int64 (n,): asked once, and with the mirror image. What is asked is float32 (n, width), of `unit`."""
    once, twice = np.zeros_like(class_ids), np.zeros_like(class_ids)
    for number in np.unique(fold):
        seen, unseen = fold != number, fold == number
        weights, bias = fit_linear(as_it_is[seen], class_ids[seen], int(class_ids.max()) + 1)
        scores = as_it_is[unseen] @ weights + bias
        once[unseen] = scores.argmax(1)
        twice[unseen] = (scores + mirrored[unseen] @ weights + bias).argmax(1)
    return once, twice


def mirror_in_words(trial: MirrorTrial) -> str:
    """What was found, and what it means, in a sentence or two."""
    shares = f"{percent(trial.accuracy_with_mirror)} instead of {percent(trial.accuracy)}"
    on = f"of {counted(trial.n, 'photo')} that the probe had not seen"
    if trial.helps:
        return (
            f"Asked about their mirror images too, it is right on {shares} {on}: more than chance, so it is advised. "
            "An answer then takes about twice as long."
        )
    return (
        f"Asked about their mirror images too, it would be right on {shares} {on}: that could be chance, and an answer "
        "would take twice as long, so it is not advised."
    )
