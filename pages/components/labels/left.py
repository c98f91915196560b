"""All photos whose class may be wrong and left to decide on, in the gallery: many at once, by the same keys."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from core.base.errors import InputError
from core.base.words import counted, percent
from core.label_issues.folder import KEEP, UNSURE, Decision, LabelIssuesFolder, equal_photos, queue_of
from core.projects import edits
from core.projects.changes.log import Edit, last_edit, last_undone
from core.projects.project import Photo, Project
from core.runs.photo_places import photos_evaluated
from pages.components.pictures import gallery
from pages.components.pictures.actions import MOVE, SET_ASIDE, TAKING_PART, Action
from pages.components.pictures.history import History
from pages.components.pictures.listings import Listed, Listing
from pages.components.pictures.sources import InProject

WHY_ASIDE = "its class is unclear"
MOST_SAID = 1_000_000  # decisions between two changes, so that both have numbers in one order


def show(key: str, project: Project, labels: LabelIssuesFolder, suspects: pd.DataFrame) -> None:
    """Show them; nothing changes in the page above but by a decision."""
    likes = dict(zip(zip(suspects["sha256"], suspects["label"], strict=True), suspects["looks_like"], strict=True))
    look = gallery.Look(title="Photos to decide on", empty="No photo is left.", rail=False, redraws=True)
    history = History(lambda project: _last(project, labels), lambda project: _take_back(project, labels), _again)
    source = InProject(project, history)
    gallery.show(key, project, _listing(project, labels, suspects), _actions(labels, likes), look, source)


def _listing(project: Project, labels: LabelIssuesFolder, suspects: pd.DataFrame) -> Listing:
    def listed(limit: int, offset: int) -> Listed:
        left = queue_of(project, suspects, labels.decisions()).left
        rows = suspects.iloc[list(left[offset : offset + limit])]
        found = photos_evaluated(project, zip(rows["sha256"], rows["label"], strict=True))
        photos = {photo.id: row for photo, row in zip(found, rows.itertuples(), strict=True) if photo}
        said = {
            photo: f"{row.label}, looks like {row.looks_like}, {percent(row.sure)}" for photo, row in photos.items()
        }
        return Listed([photo for photo in found if photo], len(left), said)

    return listed


def _actions(labels: LabelIssuesFolder, likes: dict[tuple[str, str], str]) -> tuple[Action, ...]:
    """The keys are those of the one photo above."""

    def move(project: Project, ids: list[int], value: str) -> Edit:
        return _move_to_like(project, likes, ids)

    def aside(project: Project, ids: list[int], value: str) -> Edit:
        return edits.set_aside(project, _with_equal(project, ids), WHY_ASIDE)

    return (
        Action("like", "Move to what it looks like", move, keys=("m",), on=TAKING_PART),
        Action("keep", "Keep", _saying(labels, KEEP), keys=("k",), on=TAKING_PART),
        replace(SET_ASIDE, do=aside, keys=("a", *SET_ASIDE.keys)),
        Action("unsure", "Not sure", _saying(labels, UNSURE), keys=("n",), on=TAKING_PART, leaves=False),
        replace(MOVE, do=lambda project, ids, value: edits.move(project, _with_equal(project, ids), value), keys=()),
    )


def _with_equal(project: Project, ids: list[int]) -> list[int]:
    """These photos, and the same files in the same class."""
    photos = project.photos_with_ids(ids)
    return [equal.id for photo in photos for equal in equal_photos(project, photo.sha256, photo.label)]


def _move_to_like(project: Project, likes: dict[tuple[str, str], str], ids: list[int]) -> Edit:
    photos = project.photos_with_ids(ids)
    targets = {likes.get((photo.sha256, photo.label), "") for photo in photos} - {""}
    if len(targets) != 1:
        raise InputError(f"These look like several classes: {', '.join(sorted(targets))}. Select those of one.")
    return edits.move(project, _with_equal(project, ids), targets.pop())


def _saying(labels: LabelIssuesFolder, what: str) -> Callable[[Project, list[int], str], Edit]:
    """Keeps what the user says of photos, without changing them."""

    def say(project: Project, ids: list[int], value: str) -> Edit:
        labels.decide_all(_known(project.photos_with_ids(ids)), what)
        return Edit(0, 0.0, in_words(labels.last_said()))

    return say


def _known(photos: list[Photo]) -> list[tuple[str, str, str]]:
    """Each once, also where equal files are among them."""
    return list({(photo.sha256, photo.label): (photo.sha256, photo.label, photo.name) for photo in photos}.values())


def in_words(said: list[Decision]) -> str:
    """What the user said of photos at once, as a sentence without its full stop."""
    last = said[-1]
    if len(said) == 1:
        return f"Kept {last.name} in {last.label}" if last.what == KEEP else f"Not sure about {last.name}"
    n = counted(len(said), "photo")
    return f"Kept {n} in their classes" if last.what == KEEP else f"Not sure about {n}"


def _last(project: Project, labels: LabelIssuesFolder) -> Edit | None:
    """The last change or decision, whichever came later."""
    said, edit = labels.decisions(), last_edit(project)
    if said and (edit is None or not said[-1].is_before(edit)):
        since = sum(edit is None or not each.is_before(edit) for each in said)
        return Edit((edit.id if edit else 0) * MOST_SAID + since, said[-1].time, in_words(labels.last_said()))
    return replace(edit, id=edit.id * MOST_SAID) if edit else None


def _again(project: Project) -> Edit | None:
    """The change that can be done again, numbered as `_last` does; a decision can't."""
    edit = last_undone(project)
    return replace(edit, id=edit.id * MOST_SAID) if edit else None


def _take_back(project: Project, labels: LabelIssuesFolder) -> Edit:
    last = _last(project, labels)
    if last is None or last.id % MOST_SAID == 0:
        return edits.undo(project)
    labels.take_back()
    return last
