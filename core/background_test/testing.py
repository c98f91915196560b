"""The background test: is it the apple that a model knows, or the plate under it?

Photos that the model did not learn from are asked about whole, their middle alone, their edge alone, and their middle
on the edge of a photo of another class. The last is like "Mixed-Rand" of K. Xiao et al., "Noise or Signal: The Role of
Image Backgrounds in Object Recognition", ICLR 2021; without outlines of the objects, the middle stands for the object.
"""

import time
from collections.abc import Callable

import numpy as np

from core.background_test.composites import alone, joined
from core.background_test.record import BackgroundTest, SwappedPhoto
from core.base.errors import InputError, RunError
from core.base.subsets import TEST, TRAIN
from core.engine.engine import PROBABILITIES, Engine
from core.models.config import TEST_PART
from core.photos.decoding import PhotoError
from core.photos.labelled_photo import LabelledPhoto, readable
from core.runs.run import Run

AT_MOST = 200  # photos: 800 answers take seconds, and shares are known to 7 points at worst
SEEN = ("whole", "middle", "edge", "joined")


def run_background_test(
    run: Run, photos: list[LabelledPhoto], on_progress: Callable[[int, int, float], None]
) -> BackgroundTest:
    """Ask a run's model about photos, their halves, and their middles on other photos' edges.

    Args:
        run: A complete run.
        photos: From `photos_to_test`.
        on_progress: Called after each answer with (done, total, seconds so far); may raise to stop.

    Raises:
        InputError: Fewer than two classes have a photo that can be read.
        RunError: The run isn't complete, or its model is missing or damaged.
    """
    class_names, engine, began = run.class_names(), Engine(run.engine_path), time.monotonic()
    found = readable(photos, engine.image_size)
    photos, pixels = [photo for photo, _ in found], [each for _, each in found]
    others = _of_other_classes(photos)
    fill = np.mean([each.mean((0, 1)) for each in pixels], axis=0)
    pictures = (
        picture
        for each, other in zip(pixels, others, strict=True)
        for picture in (each, *alone(each, fill), joined(each, pixels[other]))
    )
    answers = []
    for done, answer in enumerate(engine.stream(pictures), 1):
        if isinstance(answer, PhotoError):
            raise RunError(f"The model could not answer: {answer}.")
        answers.append(class_names[int(answer[PROBABILITIES].argmax())])
        on_progress(done, len(SEEN) * len(photos), time.monotonic() - began)
    rows = []
    for i, (photo, other) in enumerate(zip(photos, others, strict=True)):
        answered = dict(zip(SEEN, answers[len(SEEN) * i :], strict=False))
        edge_of = {"other": photos[other].label, "edge_of": photos[other].sha256}
        rows.append(SwappedPhoto(photo.sha256, photo.label, **answered, **edge_of))
    return BackgroundTest(fill=fill.round().tolist(), rows=rows)


def _of_other_classes(photos: list[LabelledPhoto]) -> list[int]:
    """For each photo the index of one of another class, drawn by lot and always alike.

    Raises:
        InputError: There is none.
    """
    if len({photo.label for photo in photos}) < 2:
        raise InputError("The plate test needs readable photos of two classes that the model did not learn from.")
    labels, rng = np.array([photo.label for photo in photos]), np.random.default_rng(0)
    return [int(rng.choice(np.flatnonzero(labels != label))) for label in labels]


def photos_to_test(run: Run, at_most: int = AT_MOST) -> list[LabelledPhoto]:
    """Photos that the run's model did not learn from, as many of each class as its share asks for.

    These are the test photos; of a run that was evaluated by cross-validation also the validation photos, since its
    own test subset is tiny.

    Args:
        run: A complete run.
        at_most: So many, spread evenly over the classes' photos in the order of their contents.

    Raises:
        RunError: The run is not complete.
    """
    report = run.report()
    if report is None:
        raise RunError(f"{run.title} is not finished. Train it to the end first.")
    only_test = report.estimate == TEST_PART
    photos = [photo for photo in run.photos() if (photo.split == TEST if only_test else photo.split != TRAIN)]
    photos.sort(key=lambda photo: (photo.label, photo.sha256))
    chosen = np.linspace(0, len(photos) - 1, min(at_most, len(photos))).round().astype(int)
    return [photos[i] for i in chosen]
