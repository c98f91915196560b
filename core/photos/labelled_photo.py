"""A photo with its class, as everything that learns or evaluates takes it."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from core.base.threads import in_threads
from core.photos.decoding import PhotoError, pixels_or_error

FEEDBACK = "feedback"  # the origin of photos that were brought in after a model had answered them


@dataclass(frozen=True)
class LabelledPhoto:
    """One photo that a run works with.

    Args:
        path: The file.
        label: Its class.
        split: "train", "validation", "test", or "" when the run shall decide.
        sha256: Hex digest of its content.
        group: Equal for near-copies; "" when only equal content makes two photos one.
        origin: "feedback" for a photo that only teaches and never judges, else "".
    """

    path: str
    label: str
    split: str
    sha256: str
    group: str = ""
    origin: str = ""

    @property
    def only_teaches(self) -> bool:
        """Whether nothing may be measured on it: a model had answered it before, so it is no fair sample."""
        return self.origin == FEEDBACK


def groups_of(photos: list[LabelledPhoto]) -> list[str]:
    """Equal for photos that must stay on one side."""
    return [photo.group or photo.sha256 for photo in photos]


def class_names_of(photos: list[LabelledPhoto]) -> list[str]:
    """The names of their classes, in the order of the class ids."""
    return sorted({photo.label for photo in photos})


def class_ids_of(photos: list[LabelledPhoto], class_names: list[str]) -> np.ndarray:
    """The class of each photo as its number in `class_names`: int64 (n,)."""
    index = {name: k for k, name in enumerate(class_names)}
    return np.array([index[photo.label] for photo in photos], np.int64)


def readable(
    photos: list[LabelledPhoto], size: int, check: Callable[[], None] = lambda: None
) -> list[tuple[LabelledPhoto, np.ndarray]]:
    """Those that can be read, with their pixels, uint8 (size, size, 3), RGB 0..255: of few photos, since all are kept.

    Args:
        photos: Decoded side by side.
        size: Pixels a side.
        check: Called after each; may raise to stop.
    """
    paths, found = (Path(photo.path) for photo in photos), []
    decoded = in_threads(partial(pixels_or_error, size=size), paths, os.cpu_count() or 2)
    for photo, pixels in zip(photos, decoded, strict=True):
        check()
        if not isinstance(pixels, PhotoError):
            found.append((photo, pixels))
    return found
