"""Photos that a run was asked about, in the gallery: what it said of each, and what the user says of that."""

import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from core.base.errors import InputError
from core.base.words import counted, percent
from core.batches.answers import BatchRow
from core.batches.folder import BatchFolder
from core.feedback.entry import FeedbackEntry
from core.feedback.folder import feedback_of
from core.photos.decoding import PhotoError
from core.photos.inspection import screen_jpeg
from core.photos.pictures import USUAL
from core.projects.changes.log import Edit
from core.projects.project import Photo, Project
from core.runs.predictor import Prediction
from core.runs.run import Run
from pages.components.asking import answered
from pages.components.asking.answered import AnsweredPhoto
from pages.components.asking.feedback_controls import all_said, keep
from pages.components.pictures import gallery
from pages.components.pictures.actions import AN_OLD_CLASS, MOVE, SAID, Action, window
from pages.components.pictures.apart import decoders
from pages.components.pictures.lent import Lent, Pictures, lent_photo
from pages.components.pictures.listings import Listed

FOR_LATER = "kept for later"


@dataclass(frozen=True)
class Asked:
    """Photos that were asked about.

    Args:
        n: How many.
        some: Gives so many at most, after so many.
        with_ids: Gives those of these that there are.
        said: What stands under one; what the run said if None. It is given the class that the user said, too, or "".
    """

    n: int
    some: Callable[[int, int], list[AnsweredPhoto]]
    with_ids: Callable[[Collection[int]], list[AnsweredPhoto]]
    said: Callable[[AnsweredPhoto, str], str] | None = None


def of_page(photos: list[AnsweredPhoto]) -> Asked:
    """Those that the page itself holds."""
    by_id = {photo.id: photo for photo in photos}
    return Asked(
        len(photos),
        lambda limit, offset: photos[offset : offset + limit],
        lambda ids: [by_id[each] for each in ids if each in by_id],
    )


def of_batch(batch: BatchFolder, n: int, some: Callable[[int, int], list[BatchRow]]) -> Asked:
    """Some of a batch, as many as `n`, whose rows `some` gives."""
    return Asked(
        n,
        lambda limit, offset: answered.of_batch(batch, some(limit, offset)),
        lambda ids: answered.of_batch(batch, batch.answers.rows(list(ids))),
    )


def show(
    key: str,
    project: Project,
    run: Run | None,
    asked: Asked,
    threshold: float,
    redraws: bool = False,
) -> None:
    """Show them; a run of None is gone, and nothing more is said of what it answered.

    Args:
        key: As for `gallery.show`.
        project: Keeps what the user says.
        threshold: As for `answered.show_answer`.
        redraws: Whether more of the page tells what the user said.
    """
    in_words = asked.said or partial(said_by_run, threshold=threshold)
    source = AskedPhotos(st.session_state.setdefault(f"{key}_token", secrets.token_hex(16)), project, run, asked)

    def listed(limit: int, offset: int) -> Listed:
        photos = asked.some(limit, offset)
        rows = source.as_photos(photos)
        said = {row.id: in_words(photo, row.label) for row, photo in zip(rows, photos, strict=True)}
        return Listed(rows, asked.n, said)

    def look_closer(photo_id: int) -> None:
        for photo in asked.with_ids([photo_id]):
            answered.show_closer(key, run, photo, threshold)

    closer = window("closer", "Look closer", look_closer, keys=("i",))
    actions = (*_sayings(run, asked), closer) if run else (closer,)
    look = gallery.Look("Photos asked about", rail=run is not None, with_class=True, redraws=redraws)
    gallery.show(key, project, listed, actions, look, source)


def said_by_run(photo: AnsweredPhoto, label: str, threshold: float) -> str:
    """A run's answer in a few words, beside the class that the user said, if any."""
    if isinstance(photo.answer, PhotoError):
        return f"can't be used: {photo.answer}"
    answer = f"{photo.answer.label}, {percent(photo.answer.probability)}".replace(" %", "\N{NO-BREAK SPACE}%")
    if photo.answer.known(threshold) is False:
        return f"not sure, closest {answer}"
    return f"called {answer} sure" if label else f"{answer} sure"


class AskedPhotos(Lent):
    """They are lent to the gallery: in the class that the user said, set aside where they are kept for later."""

    def __init__(self, token: str, project: Project, run: Run | None, asked: Asked) -> None:
        super().__init__(token)
        self._project = project
        self._asked = asked
        self._settings = run.pictures() if run else USUAL

    def with_ids(self, photo_ids: Collection[int]) -> list[Photo]:
        """As `Lent` has it."""
        return self.as_photos(self._asked.with_ids(photo_ids))

    def as_photos(self, photos: list[AnsweredPhoto]) -> list[Photo]:
        """Answered photos as rows of a list."""
        said = all_said(self._project)
        return [_as_photo(photo, said.get(photo.sha256)) for photo in photos]

    def pictures(self, photo_id: int) -> Pictures | None:
        """As `Lent` has it."""
        for photo in self._asked.with_ids([photo_id]):
            return Pictures(photo.sha256[:16], partial(_small, photo), partial(self._large, photo))
        return None

    def _large(self, photo: AnsweredPhoto, side: int) -> bytes:
        """A file only while it is what was answered: a row of a batch's table may name any."""
        if not photo.sha256:
            return _small(photo)
        return decoders().call(screen_jpeg, photo.content, side, self._settings)


def _small(photo: AnsweredPhoto) -> bytes:
    if photo.thumbnail is None:
        raise photo.answer if isinstance(photo.answer, PhotoError) else PhotoError("there is no picture of it")
    return photo.thumbnail


def _as_photo(photo: AnsweredPhoto, said: FeedbackEntry | None) -> Photo:
    set_aside = FOR_LATER if said and not said.label else ""
    return lent_photo(photo.id, photo.name, photo.sha256, said.label if said else "", set_aside=set_aside)


def _sayings(run: Run, asked: Asked) -> tuple[Action, ...]:
    """What the user can say of answers; it waits on the Feedback page."""

    def right(project: Project, ids: list[int], value: str) -> Edit:
        n = _say(project, run, asked.with_ids(ids), lambda answer: answer.label)
        rest = "is right; the photo waits on Feedback" if n == 1 else "are right; the photos wait on Feedback"
        return Edit(0, 0.0, f"You said that {counted(n, 'answer')} {rest}")

    def other(project: Project, ids: list[int], value: str) -> Edit:
        n = _say(project, run, asked.with_ids(ids), lambda answer: value)
        rest = f"shows {value}; it waits on Feedback" if n == 1 else f"show {value}; they wait on Feedback"
        return Edit(0, 0.0, f"You said that {counted(n, 'photo')} {rest}")

    def later(project: Project, ids: list[int], value: str) -> Edit:
        n = _say(project, run, asked.with_ids(ids), lambda answer: "")
        return Edit(0, 0.0, f"Kept {counted(n, 'photo')} for later on Feedback")

    def take_back(project: Project, ids: list[int], value: str) -> Edit:
        contents = {photo.sha256 for photo in asked.with_ids(ids)}
        for sha256 in contents:
            feedback_of(project).take_back(sha256)
        return Edit(0, 0.0, f"Took back what you said of {counted(len(contents), 'photo')}")

    return (
        Action("right", "Right", right, keys=("y",), leaves=False),
        replace(MOVE, words="Another class", do=other, asks=AN_OLD_CLASS, leaves=False),
        Action("later", "For later", later, lambda photo, value: bool(photo.set_aside), ("k",), leaves=False),
        Action("back", "Take back", take_back, keys=("b",), on=SAID, leaves=False, sign="↶"),
    )


def _say(project: Project, run: Run, photos: list[AnsweredPhoto], label_of: Callable[[Prediction], str]) -> int:
    """Keep the user's word on each that it can be kept of; on how many. InputError where that is none."""
    refused = []
    for photo in photos:
        try:
            if isinstance(photo.answer, PhotoError):
                raise photo.answer
            keep(project, run.name, photo.name, photo.content, photo.answer, label_of(photo.answer))
        except PhotoError as error:
            refused.append(f"{photo.name} can't be kept: {error}.")
        except InputError as error:
            refused.append(str(error))
    if refused and len(refused) == len(photos):
        raise InputError(refused[0])
    return len(photos) - len(refused)
