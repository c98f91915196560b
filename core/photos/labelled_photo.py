"""A photo with its class, as everything that learns or evaluates takes it."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from functools import partial
from pathlib import Path

import numpy as np

from core.base.names import in_order
from core.base.threads import in_threads
from core.photos.decoding import KnownFile, PhotoError, photo_bytes, pixels_or_error
from core.photos.pictures import USUAL, PictureSettings

LOST = "{} can no longer be used: {}. Bring it in again or set it aside, and train again."  # name, reason
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

    @classmethod
    def listed(cls, row: dict[str, str]) -> "LabelledPhoto":
        """The photo of a row of a run's list; ValueError or TypeError for one that is cut."""
        photo = cls(**row)
        if not all(isinstance(value, str) for value in astuple(photo)) or not (photo.path and photo.label):
            raise ValueError("A row is cut.")
        return photo

    @property
    def source(self) -> KnownFile:
        """The file with its content, as whoever decodes it opens it: one that was changed since is no such photo."""
        return KnownFile(Path(self.path), self.sha256)

    @property
    def name(self) -> str:
        """The file's name with that of its folder, such as "apple/3.jpg"."""
        return "/".join(Path(self.path).parts[-2:])

    @property
    def only_teaches(self) -> bool:
        """Whether nothing may be measured on it: a model had answered it before, so it is no fair sample."""
        return self.origin == FEEDBACK


def groups_of(photos: list[LabelledPhoto]) -> list[str]:
    """Equal for photos that must stay on one side."""
    return [photo.group or photo.sha256 for photo in photos]


def class_names_of(photos: list[LabelledPhoto]) -> list[str]:
    """The names of their classes, in the order of the class ids of what is new; a finished run has its own order."""
    return in_order(photo.label for photo in photos)


def class_ids_of(photos: list[LabelledPhoto], class_names: list[str]) -> np.ndarray:
    """The class of each photo as its number in `class_names`: int64 (n,)."""
    index = {name: k for k, name in enumerate(class_names)}
    return np.array([index[photo.label] for photo in photos], np.int64)


def decoded(
    photos: list[LabelledPhoto], size: int, settings: PictureSettings = USUAL
) -> Iterator[tuple[LabelledPhoto, np.ndarray | PhotoError]]:
    """Each with its pixels, uint8 (size, size, 3), RGB 0..255, or why it can't be read; several at a time."""
    read = partial(pixels_or_error, size=size, settings=settings)
    yield from zip(photos, in_threads(read, (photo.source for photo in photos), os.cpu_count() or 2), strict=True)


def unusable_files(photos: list[LabelledPhoto]) -> dict[str, str]:
    """By path why a file can't be used, of those that are gone, empty or hold another content; none is decoded."""

    def reason(photo: LabelledPhoto) -> str:
        try:
            photo_bytes(photo.source)
        except PhotoError as error:
            return str(error)
        return ""

    reasons = in_threads(reason, photos, os.cpu_count() or 2)
    return {photo.path: why for photo, why in zip(photos, reasons, strict=True) if why}


def readable(
    photos: list[LabelledPhoto],
    size: int,
    check: Callable[[], None] = lambda: None,
    settings: PictureSettings = USUAL,
) -> list[tuple[LabelledPhoto, np.ndarray]]:
    """Those that can be read, with their pixels, uint8 (size, size, 3), RGB 0..255: of few photos, since all are kept.

    Args:
        photos: Decoded side by side.
        size: Pixels a side.
        check: Called after each; may raise to stop.
        settings: How they are read.
    """
    found = []
    for photo, pixels in decoded(photos, size, settings):
        check()
        if not isinstance(pixels, PhotoError):
            found.append((photo, pixels))
    return found


def even_positions(labels: Sequence[str], at_most: int) -> list[int]:
    """Positions of so many, of all classes alike where they have enough, from all over the list; one of each at least.

    Args:
        labels: Class of each.
        at_most: How many; where there are more classes, one of each all the same.
    """
    by_class: dict[str, list[int]] = defaultdict(list)
    for position, label in enumerate(labels):
        by_class[label].append(position)
    chosen, left = [], at_most
    for rest, positions in zip(range(len(by_class), 0, -1), sorted(by_class.values(), key=len), strict=True):
        n = min(len(positions), max(1, left // rest))
        chosen += [positions[i * len(positions) // n] for i in range(n)]
        left -= n
    return sorted(chosen)


def even_sample(photos: list[LabelledPhoto], at_most: int) -> list[LabelledPhoto]:
    """At most so many photos, of all classes alike where they have enough, from all over the list."""
    return [photos[i] for i in even_positions([photo.label for photo in photos], at_most)[:at_most]]


def sample_by_share(photos: list[LabelledPhoto], at_most: int) -> list[LabelledPhoto]:
    """At most so many, by the turn of their content: of each class the same share, but none below its fair part."""
    by_class: dict[str, list[LabelledPhoto]] = defaultdict(list)
    for photo in sorted(photos, key=lambda photo: photo.sha256):
        by_class[photo.label].append(photo)
    if len(photos) <= at_most:
        return [photo for label in sorted(by_class) for photo in by_class[label]]
    fair = at_most // len(by_class)
    share = at_most / len(photos)
    kept = {label: max(min(len(own), fair // 2), round(share * len(own))) for label, own in by_class.items()}
    return [photo for label in sorted(by_class) for photo in by_class[label][: kept[label]]]
