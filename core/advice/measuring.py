"""Advice on base model and strategy, measured on the photos themselves: similarity, bake-off and learning curve.

Photos that are kept for the test take no part, so that the test stays one on photos nobody has looked at.
"""

import os
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace

import numpy as np

from core.advice.bake_off import bake_off
from core.advice.learning_curve import learning_curve
from core.advice.mirror_images import mirror_in_words, mirrored_rows, try_mirror_images
from core.advice.quadrants import LARGE_PER_CLASS, QUADRANTS, SIMILAR, base_for, plan_for, quadrant_of
from core.advice.record import Advice, AdvisedPlan, BaseTrial, Examples, MirrorTrial, MissingBase, PhotosPerClass
from core.advice.similarity import Similarity, measure_similarity
from core.base.errors import InputError
from core.base.events import PHASE
from core.base.subsets import TEST
from core.checks.readiness import refuse_too_few
from core.engine.features import PhotoFeatures, features_of
from core.engine.places import Places
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.models.catalogue import BUILT_IN, CATALOGUE, BaseModel, base_model
from core.models.config import TrainConfig, with_sides
from core.models.torch_checkpoint import read_checkpoint
from core.models.weights import find_weights, weights_state
from core.photos.decoding import PhotoError, photo_bytes, size_of
from core.photos.labelled_photo import LabelledPhoto, sample_by_share
from core.photos.sides import ClassPairs, notes_on_views, sides_matter

MOST_PHOTOS = 2000  # measured on: more change the answer by less than its interval
SIZED_PHOTOS = 100
SMALL_PHOTOS = (
    "The photos are small: the longer side of the middle one has {} pixels. Looked at any larger they show no more, so "
    "what learns sees them at a small size, which is quicker."
)
EXAMPLES = 6
SEED = 0


def advise(photos: list[LabelledPhoto], places: Places, job: Job, mirrored: ClassPairs = ()) -> Advice:
    """Measure, and say what to train and why.

    Args:
        photos: All usable photos, each with its subset where it has one.
        job: Gets the events; its stop file ends the work.
        mirrored: Classes whose photos are known to be each other's mirror images.

    Raises:
        InputError: There is too little to measure on; says what is missing.
        StopRequested: The user wants it to end.
    """
    began, log, base = time.monotonic(), job.event_log(), base_model(BUILT_IN)
    refuse_too_few(photos)
    chosen = sample_by_share([photo for photo in photos if photo.split != TEST], MOST_PHOTOS)
    log.write(PHASE, name="features", words=f"Looking at the photos through {base.title}")
    known = features_of(base, chosen, places, job)
    _refuse_too_few_left(known, chosen)
    log.write(PHASE, name="similarity", words="Measuring how similar they are to what it knows")
    similarity = measure_similarity(known.rows, known.class_ids, known.groups, imagenet_head(base), SEED)
    job.check_stop()
    log.write(PHASE, name="curve", words="Learning from fewer of them, to see what more would bring")
    progress = Progress(log, job.check_stop)
    curve = learning_curve(known.rows, known.class_ids, known.groups, known.class_names, SEED, progress)
    trials = bake_off(_bases_here(), known.photos, places, job)
    counts = Counter(photo.label for photo in photos)
    sides = sides_matter(counts, mirrored)
    mirror_image = None if sides else _try_mirror_images(base, known, places, job)
    per_class = sorted(counts.values())
    quadrant = quadrant_of(float(np.median(per_class)), similarity.value)
    photo_side = _middle_side(known.photos)
    plan = with_sides(_plan(quadrant, counts, trials, mirror_image, photo_side), sides)
    return Advice(
        photos_per_class=PhotosPerClass(per_class[0], float(np.median(per_class))),
        size="large" if QUADRANTS[quadrant].large else "small",
        similarity=round(similarity.value, 3),
        similarity_interval=tuple(round(bound, 3) for bound in similarity.parts.interval),
        similar=QUADRANTS[quadrant].similar,
        quadrant=quadrant,
        plan=AdvisedPlan.of(plan),
        reasons=_reasons(counts, similarity, quadrant, mirror_image, photo_side if plan.image_size else 0)
        + notes_on_views(plan.augment, sides, heights=""),
        similarity_parts=similarity.parts,
        examples=_examples(known.photos, similarity),
        bake_off=trials,
        not_here=_not_here(),
        learning_curve=curve,
        photo_side=photo_side,
        mirror_image=mirror_image,
        seconds=round(time.monotonic() - began, 2),
    )


def _refuse_too_few_left(known: PhotoFeatures, chosen: list[LabelledPhoto]) -> None:
    """Raise when too few could be read, or a class is one picture only: nothing is left when that is held out."""
    refuse_too_few(known.photos, {photo.label for photo in chosen})
    pictures = {(photo.label, group) for photo, group in zip(known.photos, known.groups, strict=True)}
    different = Counter(label for label, _ in pictures)
    for label, n in sorted(different.items()):
        if n < 2:
            raise InputError(
                f"All photos of {label} show the same picture, so nothing can be measured. Add different photos of it."
            )


def imagenet_head(base: BaseModel) -> tuple[np.ndarray, np.ndarray]:
    """Weights, float32 (width, 1000), and bias, float32 (1000,), of the built-in base's own classifier."""
    tensors = read_checkpoint(find_weights(base, os.environ), base.weights.sha256)
    return np.ascontiguousarray(tensors["_fc.weight"].T), tensors["_fc.bias"]


def _bases_here() -> list[BaseModel]:
    return [base for base in CATALOGUE if weights_state(base, os.environ).is_here]


def _middle_side(photos: list[LabelledPhoto]) -> int:
    """Of the longer sides of a few photos the middle one, in pixels; 0 where none can be read any more."""
    sides = []
    for photo in sample_by_share(photos, SIZED_PHOTOS):
        with suppress(PhotoError):  # what is known of it is in the cache
            sides.append(max(size_of(photo_bytes(photo.source))))
    return int(np.median(sides)) if sides else 0


def _plan(
    quadrant: int, counts: dict[str, int], trials: list[BaseTrial], mirror_image: MirrorTrial | None, photo_side: int
) -> TrainConfig:
    plan = plan_for(quadrant, counts, base_for(quadrant, trials), photo_side)
    return replace(plan, ask_mirror=mirror_image is not None and mirror_image.helps)


def _try_mirror_images(base: BaseModel, known: PhotoFeatures, places: Places, job: Job) -> MirrorTrial:
    job.event_log().write(PHASE, name="mirror", words="Asking about their mirror images, too")
    return try_mirror_images(known, mirrored_rows(base, known.photos, places, job), SEED)


def _not_here() -> list[MissingBase]:
    states = [(row, weights_state(row, os.environ)) for row in CATALOGUE]
    return [MissingBase(row.name, row.title, state.words) for row, state in states if not state.is_here]


def _examples(photos: list[LabelledPhoto], similarity: Similarity) -> Examples:
    """SHA-256 of the photos on which the base's own head is surest and least sure."""
    contents = [photos[i].sha256 for i in np.argsort(-similarity.by_photo, kind="stable")]
    return Examples(contents[:EXAMPLES], contents[::-1][:EXAMPLES])


def _reasons(
    counts: dict[str, int], similarity: Similarity, quadrant: int, mirror_image: MirrorTrial | None, small_side: int
) -> list[str]:
    """The measured facts behind the plan, a sentence each; `small_side`: of photos seen at a small size, in pixels."""
    here = QUADRANTS[quadrant]
    median = int(np.median(list(counts.values())))
    parts = similarity.parts
    low, high = parts.interval
    side = "similar to" if here.similar else "different from"
    said = [
        f"{median:,} photos of a class (the middle one): {'many' if here.large else 'few'}, as the line is drawn at "
        f"{LARGE_PER_CLASS:,}.",
        f"The photos are {side} what the base model learned from: {similarity.value:.2f} on a scale from 0 to 1, "
        f"likely between {low:.2f} and {high:.2f}; the line is drawn at {SIMILAR:g}.",
        f"Frozen, it tells your classes apart in {100 * parts.probe_accuracy:.0f} % of photos that the probe had "
        f"not seen (a guess: {100 * parts.chance:.0f} %).",
        f"It names what it sees on them {100 * parts.familiar:.0f} % as surely as on the photos it learned from.",
    ]
    if low < SIMILAR < high:
        said.append("That is too near the line to be sure: the neighbouring quadrant may be as good.")
    said += [mirror_in_words(mirror_image)] if mirror_image else []
    return said + ([SMALL_PHOTOS.format(small_side)] if small_side else [])
