"""Learn what the user's own photos look like to a model, so that it can say of others that it doesn't know them."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from core.base.events import PHASE
from core.base.names import is_none_of_these
from core.base.subsets import TRAIN, VALIDATION
from core.engine.engine import FEATURES, Engine
from core.engine.features import base_features
from core.engine.out_of_distribution import READINGS, OutOfDistributionDetector, combined, evened
from core.engine.places import Places
from core.evaluation.final_model import FinalModel
from core.evaluation.folds import grouped_folds
from core.jobs.progress import Progress
from core.models.config import FEATURE_EXTRACTION
from core.photos.labelled_photo import LabelledPhoto, even_positions, even_sample, groups_of
from core.photos.views import ORIGINAL
from core.runs.run import Run
from core.training.subsets import Subsets

MOST_LEARNED = 5000  # photos: more make the covariance no better, and each class has its share of them
MOST_ASKED = 2000  # where no cache has the features: a few seconds
FEW = 2  # times as many photos are fewer than features: their products with each other are the quicker way
MOST_KEPT = 4000  # with which each new photo is compared; 1,000 would do a little worse (docs/log.md)
SHRINKAGE = 0.3  # of the covariance towards a sphere; 0.1 to 0.7 do alike (docs/log.md)
RIDGE = 0.3  # penalty as a share of the features' variance; 0.1 to 1 do alike


def fit_run_detector(
    run: Run, subsets: Subsets, places: Places, final: FinalModel | None = None
) -> OutOfDistributionDetector | None:
    """Learn the photos that taught or steered a run's model; its test photos aren't looked at unless they taught it.

    A frozen base has learned from none of them, so they calibrate each other, in folds. A base that has learned knows
    its training photos better than others, so there the validation photos alone calibrate. A final model has learned
    from those too, so it is calibrated by what the tested model, which had learned in the same way, makes of them.

    Args:
        run: With its models saved.
        final: The one that is taken away, where it isn't the tested one.

    Returns:
        The detector; None where there is nothing to learn or to calibrate by.
    """
    taught, train, validation = (
        [photo for photo in subsets.photos if photo.split in parts and not is_none_of_these(photo.label)]
        for parts in (final.subsets if final else (TRAIN, VALIDATION), (TRAIN,), (VALIDATION,))
    )
    if not (train and validation):
        return None
    words = "Learning what your photos look like, to notice others"
    run.job.event_log().write(PHASE, name="detector", words=words)
    if run.config().strategy == FEATURE_EXTRACTION:
        photos = even_sample(taught, MOST_LEARNED)
        features = base_features(run.config().base_row(), places)
        features.add_known(photos, (ORIGINAL,), lambda *_: run.job.check_discard())
        labels, progress = [photo.label for photo in photos], Progress(run.job.event_log(), run.job.check_discard)
        return calibrated_in_folds(features.read(photos), labels, groups_of(photos), run.config().seed, progress)
    asked = even_sample(train, MOST_ASKED) + even_sample(validation, MOST_ASKED)
    features, photos = _seen_by(run, run.tested_engine_path if final else run.engine_path, asked)
    learned = np.array([photo.split == TRAIN for photo in photos], bool)
    if learned.all() or not learned.any():
        return None
    known = fit_detector(features[learned], [photo.label for photo in photos if photo.split == TRAIN])
    readings = known.readings(features[~learned])
    if final:
        features, photos = _seen_by(run, run.engine_path, even_sample(taught, MOST_LEARNED))
        known = fit_detector(features, [photo.label for photo in photos])
    return calibrated(known, readings)


def _seen_by(run: Run, engine_path: Path, photos: list[LabelledPhoto]) -> tuple[np.ndarray, list[LabelledPhoto]]:
    """What one of a run's models makes of photos, float32 (n, width), and these but for those that are gone by now."""
    engine = Engine(engine_path, settings=run.pictures(), of=run.title)
    on_progress = Progress(run.job.event_log(), run.job.check_discard)
    features, lost = engine.run([photo.source for photo in photos], FEATURES, on_progress)
    there = [i for i in range(len(photos)) if i not in lost]
    return features[there], [photos[i] for i in there]


def calibrated_in_folds(
    features: np.ndarray,
    labels: list[str],
    groups: list[str],
    seed: int,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> OutOfDistributionDetector:
    """A detector that knows all of these photos, calibrated on each by one that had not seen it nor its near-copies.

    Args:
        features: float32 (n, width).
        groups: Equal for near-copies.
        on_progress: Called with how many photos are calibrated by, and of how many; may raise to stop.
    """
    fold = grouped_folds(np.unique(labels, return_inverse=True)[1], groups, seed)
    readings = np.zeros((len(labels), READINGS))
    for number in np.unique(fold):
        here, names = fold == number, np.array(labels)
        if here.all():
            break
        readings[here] = fit_detector(features[~here], list(names[~here])).readings(features[here])
        on_progress(int((fold <= number).sum()), len(fold))
    return calibrated(fit_detector(features, labels), readings)


def calibrated(detector: OutOfDistributionDetector, readings: np.ndarray) -> OutOfDistributionDetector:
    """The same with what is usual, from float64 (m, READINGS) of own photos that it, or one like it, had not seen."""
    usual = np.stack([readings.mean(0), readings.std(0) + 1e-9])
    return replace(detector, usual=usual, strangeness_of_own=np.sort(combined(readings, usual)))


def fit_detector(features: np.ndarray, labels: list[str]) -> OutOfDistributionDetector:
    """A detector that knows these photos by their features, float32 (n, width), not calibrated yet."""
    class_names, index = np.unique(labels, return_inverse=True)
    even = evened(features)
    middle = even.mean(0)
    scale = even.std(0) + 1e-6 * even.std() + np.finfo(np.float32).tiny  # a value that never changes says nothing
    z = (even - middle) / scale
    members = np.eye(len(class_names), dtype=np.float32)[index]
    share = members.mean(0)
    means = (members.T @ z) / members.sum(0)[:, None]
    apart = (z - means[index]) / np.sqrt(len(z))  # of which apartᵀ apart is the covariance within the classes
    sphere = float((apart**2).sum()) / z.shape[1]
    whitening = _whitening(np.sqrt(1 - SHRINKAGE) * apart, SHRINKAGE * sphere + 1e-6)
    kept = even_positions(labels, MOST_KEPT)
    return OutOfDistributionDetector(
        middle=middle,
        scale=scale,
        claims=_claims(z, members - share),
        share=share,
        whitening=whitening,
        centres=means @ whitening,
        photos=even[kept],
        usual=np.stack([np.zeros(READINGS), np.ones(READINGS)]),
        strangeness_of_own=np.zeros(0),
    )


def _claims(z: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """The weights of a ridge regression, float32 (width, n_classes), from float32 (n, width) to (n, n_classes).

    Of fewer photos than features, their products with each other come to the same and are much quicker solved.
    """
    n, width = z.shape
    if FEW * n < width:
        return z.T @ np.linalg.solve(z @ z.T / n + RIDGE * np.eye(n, dtype=np.float32), wanted) / n
    return np.linalg.solve(z.T @ z / n + RIDGE * np.eye(width, dtype=np.float32), z.T @ wanted / n)


def _whitening(rows: np.ndarray, floor: float) -> np.ndarray:
    """W with W Wᵀ = the inverse of C = rowsᵀ rows + floor on the diagonal: float32 (width, width).

    Args:
        rows: float32 (n, width).
        floor: Above 0.
    """
    n, width = rows.shape
    if FEW * n < width:  # the inverse root of C: of the rows by their products with each other, elsewhere the floor's
        found, along = np.linalg.eigh((rows @ rows.T).astype(np.float64))
        root, roots = np.sqrt(floor), np.sqrt(np.maximum(found, 0) + floor)
        inner = (along / (root * roots * (root + roots))) @ along.T
        return np.eye(width, dtype=np.float32) / np.float32(root) - rows.T @ (inner.astype(np.float32) @ rows)
    covariance = rows.T @ rows + floor * np.eye(width, dtype=np.float32)
    # inv(L)ᵀ inv(L) is the inverse of L Lᵀ.
    return np.linalg.inv(np.linalg.cholesky(covariance.astype(np.float64))).T.astype(np.float32)
