"""The usable photos of a run, each in its subset: training, validation or test."""

from dataclasses import dataclass, replace

import numpy as np

from core.base.errors import InputError
from core.base.names import in_order
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.checks.readiness import refuse_too_few, refuse_unread
from core.models.config import MIN_PHOTOS_PER_CLASS, TrainConfig
from core.photos.labelled_photo import LabelledPhoto, class_ids_of, class_names_of, groups_of
from core.projects.alike import asked_about, taken_apart
from core.projects.split import ALL_APART, TAKEN_APART, Attempt, Shares, assign_or_next_best, leaks_in_words
from core.runs.run import Run

DIVIDED = "divided"  # event: the run's list of photos is final; set_aside: the reason by path for those left out of it


@dataclass(frozen=True)
class Subsets:
    """The usable photos of a run with their subset, and the reason by path for the others.

    `order` are the class names of the model that the run goes on from, in the order of its outputs; none where it
    begins anew.
    """

    photos: list[LabelledPhoto]
    unreadable: dict[str, str]
    order: tuple[str, ...] = ()

    @property
    def class_names(self) -> list[str]:
        """In the order of the model's outputs."""
        names = class_names_of(self.photos)
        return list(self.order) if set(self.order) == set(names) else names

    def of(self, subset: str) -> list[LabelledPhoto]:
        """The photos of one subset."""
        return [photo for photo in self.photos if photo.split == subset]

    def by_subset(self) -> dict[str, list[LabelledPhoto]]:
        """The photos of each."""
        return {subset: self.of(subset) for subset in (TRAIN, VALIDATION, TEST)}

    def class_ids(self, photos: list[LabelledPhoto]) -> np.ndarray:
        """The index of each photo's class: int64 (len(photos),)."""
        return class_ids_of(photos, self.class_names)


def in_subsets(photos: list[LabelledPhoto], config: TrainConfig) -> tuple[list[LabelledPhoto], str]:
    """Each photo in its subset, groups on one side, and what it cost where that can't be, in words.

    A project's photos come with their subsets, and are left as they are.

    Args:
        photos: The readable ones, since one that can't be read would change the turn of the rest.
        config: Its shares and seed divide those that have no subset yet.
    """
    given = [photo.split for photo in photos]
    labels, contents, groups = [p.label for p in photos], [p.sha256 for p in photos], groups_of(photos)
    asked = asked_about(labels, groups, contents, [""] * len(photos))
    if all(given):
        return photos, leaks_in_words(given, groups, asked)
    apart = taken_apart(groups, asked, contents, [None] * len(photos))
    subsets, cost = assign_or_next_best(
        labels,
        contents,
        [Attempt(groups), Attempt(apart, TAKEN_APART), Attempt(contents, ALL_APART)],
        given,
        config.seed,
        Shares(config.validation_share, config.test_share).without(set(given)),
    )
    cost = cost or leaks_in_words(subsets, groups, asked)
    return [replace(photo, split=subset) for photo, subset in zip(photos, subsets, strict=True)], cost


def subsets_of(run: Run, unreadable: dict[str, str]) -> Subsets:
    """A run's photos in their subsets, of which its list then tells.

    Args:
        unreadable: The reason by path for photos that can't be used.

    Raises:
        InputError: The photos that are left can't be trained on.
    """
    listed, known = run.photos(), set_aside_before(run)
    photos = [photo for photo in listed if photo.path not in unreadable]
    unread = [(photo.label, unreadable[photo.path]) for photo in listed if photo.path in unreadable]
    refuse_unread([photo.label for photo in listed], unread, MIN_PHOTOS_PER_CLASS)
    refuse_too_few(photos)
    photos, cost = in_subsets(photos, run.config())
    if cost and known is None:  # else the parts are those of then, and so is what they cost
        run.note(cost)
    refuse_untaught(photos, [photo for photo in photos if photo.split == TRAIN])
    _refuse_unjudged(photos)
    if photos != listed:
        run.write_photos(photos)
    if known is None:
        run.job.event_log().write(DIVIDED, set_aside=unreadable)
    return Subsets(photos, {**(known or {}), **unreadable}, tuple(run.earlier_class_names()))


def set_aside_before(run: Run) -> dict[str, str] | None:
    """The reason by path for photos that an earlier worker on this run could not use; None before the list is final."""
    kept = [event.get("set_aside") for event in run.job.events() if event["event"] == DIVIDED]
    return next((each for each in kept if isinstance(each, dict)), None)


def refuse_untaught(photos: list[LabelledPhoto], train: list[LabelledPhoto]) -> None:
    """Raise InputError when a class of the photos has none among those to learn from."""
    untaught = in_order({photo.label for photo in photos} - {photo.label for photo in train})
    if untaught:
        raise InputError(f"No training photo is left for {', '.join(untaught)}. Add photos of it to the training part.")


def _refuse_unjudged(photos: list[LabelledPhoto]) -> None:
    """Raise when nothing is left to steer by or to test on."""
    for subset in (VALIDATION, TEST):
        if subset not in {photo.split for photo in photos}:
            raise InputError(
                f"No usable photo is left for the {subset} part, so the training could not be judged. "
                "Copies of a photo count as one: add more different photos."
            )
