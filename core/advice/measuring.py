"""Advice on base model and strategy, measured on the photos themselves: similarity, bake-off and learning curve.

Photos that are kept for the test take no part, so that the test stays one on photos nobody has looked at.
"""

import os
import time
from collections import Counter
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from core.advice.learning_curve import learning_curve
from core.advice.quadrants import LARGE_PER_CLASS, QUADRANTS, SIMILAR, plan_for, quadrant_of
from core.advice.record import (
    Advice,
    AdvisedPlan,
    BaseTrial,
    Examples,
    MissingBase,
    PhotosPerClass,
    SimilarityParts,
)
from core.advice.similarity import Similarity, measure_similarity
from core.base.errors import InputError, WeightsError
from core.base.events import PHASE
from core.base.subsets import TEST
from core.checks.readiness import refuse_unready
from core.engine.engine import FEATURES, Engine
from core.engine.features import add_missing_features
from core.engine.places import Places
from core.evaluation.metrics import wilson_interval
from core.jobs.job import Job
from core.jobs.progress import photo_progress
from core.models.catalogue import BUILT_IN, CATALOGUE, BaseModel, base_model
from core.models.torch_checkpoint import read_checkpoint
from core.models.weights import DOWNLOAD, PACKAGE, find_weights, weights_state
from core.photos.labelled_photo import LabelledPhoto, classes_of, groups_of, sample
from core.training.probe import folds, linear_answers, unit
from core.training.strategies.frozen_base import engine_of

MOST_PHOTOS = 2000  # measured on: more change the answer by less than its interval
BAKE_OFF_PHOTOS = 300  # that every base looks at: half a minute for the slowest of the catalogue on 2 cores
TIMED_PHOTOS = 40
EXAMPLES = 6
SEED = 0


def advise(photos: list[LabelledPhoto], places: Places, job: Job) -> Advice:
    """Measure, and say what to train and why.

    Args:
        photos: All usable photos, each with its part where it has one.
        places: Where features and converted bases are kept.
        job: Gets the events; its stop file ends the work.

    Raises:
        InputError: There is too little to measure on; says what is missing.
        StopRequested: The user wants it to end.
    """
    began, log, row = time.monotonic(), job.event_log(), base_model(BUILT_IN)
    counts = _counts(photos)
    refuse_unready(counts)
    chosen = sample([photo for photo in photos if photo.split != TEST], MOST_PHOTOS)
    log.write(PHASE, name="features", words=f"Looking at the photos through {row.title}")
    features, chosen = features_of(row, chosen, places, job)
    _refuse_one_picture(chosen)
    labels = sorted({photo.label for photo in chosen})
    classes, groups = classes_of(chosen, labels), groups_of(chosen)

    log.write(PHASE, name="similarity", words="Measuring how similar they are to what it knows")
    similarity = measure_similarity(features, classes, groups, imagenet_head(row), SEED)
    job.check_stop()
    log.write(PHASE, name="curve", words="Learning from fewer of them, to see what more would bring")
    curve = learning_curve(features, classes, groups, labels, SEED)
    job.check_stop()
    trials = _bake_off(chosen, labels, places, job)

    per_class = sorted(counts.values())
    quadrant = quadrant_of(float(np.median(per_class)), similarity.value)
    plan = plan_for(quadrant, counts, next(trial.base for trial in trials if trial.recommended))
    low, high = similarity.interval
    return Advice(
        photos_per_class=PhotosPerClass(per_class[0], float(np.median(per_class))),
        size="large" if QUADRANTS[quadrant].large else "small",
        similarity=round(similarity.value, 3),
        similarity_interval=(round(low, 3), round(high, 3)),
        similar=QUADRANTS[quadrant].similar,
        quadrant=quadrant,
        plan=AdvisedPlan.of(plan),
        reasons=_reasons(counts, similarity, quadrant),
        similarity_parts=SimilarityParts.from_json(asdict(similarity) | {"interval": [low, high]}),
        examples=_examples(chosen, similarity),
        bake_off=trials,
        not_here=_not_here(),
        learning_curve=curve,
        seconds=round(time.monotonic() - began, 2),
    )


def _counts(photos: list[LabelledPhoto]) -> dict[str, int]:
    return dict(sorted(Counter(photo.label for photo in photos).items()))


def features_of(
    row: BaseModel, photos: list[LabelledPhoto], places: Places, job: Job
) -> tuple[np.ndarray, list[LabelledPhoto]]:
    """Features of those photos that can be read, float32 (n, width), and these photos."""
    cache = places.features(row)
    refused = add_missing_features(
        [Path(photo.path) for photo in photos],
        [photo.sha256 for photo in photos],
        cache,
        row.image_size,
        lambda: engine_of(row, places),
        photo_progress(job, job.check_stop),
    )
    usable = [photo for photo in photos if photo.sha256 not in refused]
    refuse_unready(_counts(usable))
    return cache.read([photo.sha256 for photo in usable]), usable


def _refuse_one_picture(photos: list[LabelledPhoto]) -> None:
    """Raise when a class is one picture only: then nothing is left to learn from when it is held out."""
    different = Counter(label for label, _ in {(p.label, g) for p, g in zip(photos, groups_of(photos), strict=True)})
    for label, n in sorted(different.items()):
        if n < 2:
            raise InputError(
                f"All photos of {label} show the same picture, so nothing can be measured. Add different photos of it."
            )


def imagenet_head(row: BaseModel) -> tuple[np.ndarray, np.ndarray]:
    """Weights, float32 (width, 1000), and bias, float32 (1000,), of the built-in base's own classifier."""
    tensors = read_checkpoint(find_weights(row, os.environ), row.weights.sha256)
    return np.ascontiguousarray(tensors["_fc.weight"].T), tensors["_fc.bias"]


def _bake_off(photos: list[LabelledPhoto], labels: list[str], places: Places, job: Job) -> list[BaseTrial]:
    """What a linear probe reaches on each base that is here, on the same photos and folds; the best first."""
    some = sample(photos, BAKE_OFF_PHOTOS)
    rows = [row for row in CATALOGUE if weights_state(row, os.environ).kind not in (DOWNLOAD, PACKAGE)]
    trials = []
    for number, row in enumerate(rows, 1):
        words = f"Trying {row.title}, base model {number} of {len(rows)} on this computer"
        job.event_log().write(PHASE, name="bake-off", words=words)
        try:
            trials.append(_try_base(row, some, labels, places, job))
        except WeightsError:  # its file is here but is not what it says: the catalogue's state tells
            continue
    best = max(trials, key=lambda trial: trial.accuracy)
    # None of these is surely worse than the best, so the quickest of them is recommended.
    level = [trial for trial in trials if trial.is_level_with(best)]
    quickest = max(level, key=lambda trial: trial.photos_per_second)
    trials = [replace(trial, recommended=trial is quickest) for trial in trials]
    return sorted(trials, key=lambda trial: -trial.accuracy)


def _try_base(row: BaseModel, photos: list[LabelledPhoto], labels: list[str], places: Places, job: Job) -> BaseTrial:
    began = time.monotonic()
    features, usable = features_of(row, photos, places, job)
    classes = classes_of(usable, labels)
    right = linear_answers(unit(features), classes, folds(classes, groups_of(usable), SEED)) == classes
    rate = _photos_per_second(engine_of(row, places), [Path(photo.path) for photo in usable[:TIMED_PHOTOS]])
    return BaseTrial(
        base=row.name,
        title=row.title,
        accuracy=float(right.mean()),
        interval=wilson_interval(int(right.sum()), len(right)),
        n=len(right),
        photos_per_second=round(rate, 1),
        megabytes=round(row.parameters * 4 / 1e6, 1),
        seconds=round(time.monotonic() - began, 2),
    )


def _photos_per_second(engine: Engine, paths: list[Path]) -> float:
    """Decoding included, since photos come as files."""
    began = time.monotonic()
    engine.run(paths, FEATURES)
    return len(paths) / (time.monotonic() - began)


def _not_here() -> list[MissingBase]:
    states = [(row, weights_state(row, os.environ)) for row in CATALOGUE]
    return [MissingBase(row.name, row.title, state.words) for row, state in states if state.kind in (DOWNLOAD, PACKAGE)]


def _examples(photos: list[LabelledPhoto], similarity: Similarity) -> Examples:
    """SHA-256 of the photos on which the base's own head is surest and least sure."""
    order = [int(i) for i in np.argsort(-similarity.by_photo, kind="stable")]
    contents = [photos[i].sha256 for i in order]
    return Examples(contents[:EXAMPLES], contents[::-1][:EXAMPLES])


def _reasons(counts: dict[str, int], similarity: Similarity, quadrant: int) -> list[str]:
    """The measured facts behind the quadrant, a sentence each."""
    here = QUADRANTS[quadrant]
    median = int(np.median(list(counts.values())))
    low, high = similarity.interval
    side = "similar to" if here.similar else "different from"
    said = [
        f"{median:,} photos of a class (the middle one): {'many' if here.large else 'few'}, as the line is drawn at "
        f"{LARGE_PER_CLASS:,}.",
        f"The photos are {side} what the base model learned from: {similarity.value:.2f} on a scale from 0 to 1, "
        f"likely between {low:.2f} and {high:.2f}; the line is drawn at {SIMILAR:g}.",
        f"Frozen, it tells your classes apart in {100 * similarity.probe_accuracy:.0f} % of photos that the probe had "
        f"not seen (a guess: {100 * similarity.chance:.0f} %).",
        f"It names what it sees on them {100 * similarity.familiar:.0f} % as surely as on the photos it learned from.",
    ]
    if low < SIMILAR < high:
        said.append("That is too near the line to be sure: the neighbouring quadrant may be as good.")
    return said
