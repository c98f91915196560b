"""The usable photos of a run, each in its part: training, validation or test."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from core.base.errors import InputError
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.checks.readiness import refuse_unready
from core.models.config import TrainConfig
from core.photos.labelled_photo import LabelledPhoto, groups_of
from core.projects.split import Shares, assign_subsets
from core.runs.run import Run


@dataclass(frozen=True)
class Subsets:
    """The photos of a run.

    Args:
        photos: All usable ones, with their part.
        refused: The reason by path for the others.
    """

    photos: list[LabelledPhoto]
    refused: dict[str, str]

    @property
    def classes(self) -> list[str]:
        """The class names, in the order of the model's outputs."""
        return sorted({photo.label for photo in self.photos})

    def of(self, part: str) -> list[LabelledPhoto]:
        """The photos of one part."""
        return [photo for photo in self.photos if photo.split == part]

    def by_part(self) -> dict[str, list[LabelledPhoto]]:
        """The photos of each part."""
        return {part: self.of(part) for part in (TRAIN, VALIDATION, TEST)}

    def truth(self, photos: list[LabelledPhoto]) -> np.ndarray:
        """The index of each photo's class: int64 (len(photos),)."""
        index = {name: i for i, name in enumerate(self.classes)}
        return np.array([index[photo.label] for photo in photos], np.int64)


def into_subsets(run: Run, config: TrainConfig, refused: dict[str, str]) -> Subsets:
    """Give each usable photo its part, and write the list of photos again with it.

    A project's photos come with their parts and groups, near-copies on one side. Others have no looks, and a second
    decoding for them would cost more than the features: of those only equal files are kept on one side.

    Args:
        run: Whose photos.
        config: Its shares and seed divide those that have no part yet.
        refused: The reason by path for photos that can't be used.

    Raises:
        InputError: The photos that are left can't be trained on.
    """
    photos = [photo for photo in run.photos() if photo.path not in refused]
    refuse_unready(dict(sorted(Counter(photo.label for photo in photos).items())))
    parts = assign_subsets(
        [photo.label for photo in photos],
        [photo.sha256 for photo in photos],
        groups_of(photos),
        [photo.split for photo in photos],
        config.seed,
        Shares(config.validation_share, config.test_share).without({photo.split for photo in photos}),
    )
    photos = [replace(photo, split=part) for photo, part in zip(photos, parts, strict=True)]
    _refuse_missing(photos)
    run.write_photos(photos)
    return Subsets(photos, refused)


def _refuse_missing(photos: list[LabelledPhoto]) -> None:
    """Raise when a class has nothing to learn from, or when nothing is left to steer by or to test on."""
    learned = {photo.label for photo in photos if photo.split == TRAIN}
    untaught = sorted({photo.label for photo in photos} - learned)
    if untaught:
        raise InputError(f"No training photo is left for {', '.join(untaught)}. Add photos of it to the training part.")
    for part in (VALIDATION, TEST):
        if part not in {photo.split for photo in photos}:
            raise InputError(
                f"No usable photo is left for the {part} part, so the training could not be judged. "
                "Copies of a photo count as one: add more different photos."
            )
