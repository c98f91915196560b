"""The background test: is it the apple that a model knows, or the plate under it?

Photos that the model did not learn from are asked about whole, their middle alone, their edge alone, and their middle
on the edge of a photo of another class. The last is like "Mixed-Rand" of K. Xiao et al., "Noise or Signal: The Role of
Image Backgrounds in Object Recognition", ICLR 2021; without outlines of the objects, the middle stands for the object.
"""

import math
import time
from collections.abc import Callable

import numpy as np

from core.background_test.verdict import BackgroundTest, SwappedPhoto
from core.base.errors import InputError, RunError
from core.base.subsets import TEST, TRAIN
from core.engine.engine import PROBABILITIES, Engine
from core.models.config import TEST_PART
from core.photos.decoding import PhotoError
from core.photos.labelled_photo import LabelledPhoto, readable
from core.runs.run import Run

AT_MOST = 200  # photos: 800 answers take seconds, and shares are known to 7 points at worst
# The middle is an ellipse of half the photo's area, so that neither side has more to show than the other.
RADIUS = math.sqrt(0.5 / math.pi)  # of it, in widths and in heights of the photo
SOFTNESS = 0.06  # of the border between the two, in the same: a sharp one would be a shape of its own
SEEN = ("whole", "middle", "edge", "joined")


def middle_of(width: int, height: int) -> np.ndarray:
    """How much of each pixel belongs to the middle: float32 (height, width), 0..1, half of it on average."""
    x = (np.arange(width, dtype=np.float32) + 0.5) / width - 0.5
    y = (np.arange(height, dtype=np.float32) + 0.5) / height - 0.5
    away = np.sqrt(x[None] ** 2 + y[:, None] ** 2)
    return np.clip((RADIUS - away) / SOFTNESS + 0.5, 0, 1)


def joined(middle: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """A picture with the middle of one and the edge of another: uint8 (height, width, 3), RGB, as both are."""
    return _mixed(middle, edge, middle_of(middle.shape[1], middle.shape[0]))


def alone(photo: np.ndarray, fill: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The photo's middle alone, and its edge alone.

    Args:
        photo: uint8 (height, width, 3), RGB, as are the two that are returned.
        fill: float (3,), 0..255, the colour of what is hidden: one for all photos, so that it gives nothing away. A
            blurred photo would, since its colours stay.
    """
    middle = middle_of(photo.shape[1], photo.shape[0])
    return _mixed(photo, fill, middle), _mixed(photo, fill, 1 - middle)


def _mixed(one: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    share = share[..., None]
    return (share * one + (1 - share) * other).round().astype(np.uint8)


def run_background_test(
    run: Run, photos: list[LabelledPhoto], on_progress: Callable[[int, int, float], None]
) -> BackgroundTest:
    """Ask a run's model about photos, their halves, and their middles on other photos' edges.

    Args:
        run: A complete run.
        photos: Of `photos_to_test`.
        on_progress: Called after each answer with (done, total, seconds so far); may raise to stop.

    Raises:
        InputError: Fewer than two classes have a photo that can be read.
        RunError: The run isn't complete, or its model is missing or damaged.
    """
    class_names, began = run.class_names(), time.monotonic()
    # The tested model's, as all figures are: a final one may have learned from these very photos.
    engine = Engine(run.tested_paths()[1], settings=run.pictures(), of=run.title)
    engine.refuse_other_classes(class_names)
    found = readable(photos, engine.image_size, settings=run.pictures())
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
    """For each photo the index of one of another class, drawn by lot and always alike."""
    if len({photo.label for photo in photos}) < 2:
        raise InputError("The plate test needs readable photos of two classes that the model did not learn from.")
    labels, rng = np.array([photo.label for photo in photos]), np.random.default_rng(0)
    return [int(rng.choice(np.flatnonzero(labels != label))) for label in labels]


def photos_to_test(run: Run) -> list[LabelledPhoto]:
    """At most AT_MOST photos that the run's model did not learn from, of each class as many as its share asks for.

    These are the test photos; of a run that was evaluated by cross-validation also the validation photos, since its
    own test subset is tiny. They are spread evenly over the classes' photos in the order of their contents.

    Raises:
        RunError: The run is not complete, or its report is damaged.
    """
    only_test = run.finished_report().estimate == TEST_PART
    photos = [photo for photo in run.photos() if (photo.split == TEST if only_test else photo.split != TRAIN)]
    photos.sort(key=lambda photo: (photo.label, photo.sha256))
    chosen = np.linspace(0, len(photos) - 1, min(AT_MOST, len(photos))).round().astype(int)
    return [photos[i] for i in chosen]
