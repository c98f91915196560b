"""What the gallery does with photos of findings: with those selected, and with the whole groups that they are of."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from core.base.errors import InputError
from core.checks import findings
from core.checks.findings import ALIKE, EXACT, KINDS, MIRRORED_ACROSS, NEAR, Finding
from core.projects import edits
from core.projects.alike import COPIES, DIFFERENT
from core.projects.changes.log import Edit
from core.projects.project import Project
from pages.components.pictures.actions import (
    CROP,
    MOVE,
    ORIGINAL,
    SET_ASIDE,
    TAKING_PART,
    TURN_LEFT,
    TURN_RIGHT,
    Action,
    staying,
)

Do = Callable[[Project, list[int], str], Edit]


def of_kind(kind: str) -> tuple[Action, ...]:
    """What can be done with single photos that have a finding of this kind."""
    keep = Action(
        "keep",
        "Keep",
        lambda project, ids, value: edits.keep(project, ids, kind),
        lambda photo, value: kind in photo.kept.split(),
        keys=("k",),
        on=TAKING_PART,
    )
    return (keep, _aside(kind), *_others())


def of_groups(found: list[Finding]) -> tuple[Action, ...]:
    """What can be done with groups, all of one kind: what is done with one photo of a group means the group."""
    kind = found[0].kind
    if kind == ALIKE:
        own = (
            _whole("copies", "Copies or bursts", partial(_say, found, COPIES), "b"),
            _whole("different", "Different things", partial(_say, found, DIFFERENT), "d"),
        )
        return (*own, _aside(kind), *_others())
    own = (_whole("keep", "Keep the group", partial(_keep, found), "k"),)
    if kind in (EXACT, NEAR):
        own = (_whole("one", "Set aside all but one", partial(_leave_one, found), "a"), *own)
    elif kind != MIRRORED_ACROSS:
        own = (_whole("here", "Keep in this class only", partial(_leave_class, found), "i"), *own)
    return (*own, _aside(kind), *_others())


def _whole(name: str, words: str, do: Do, key: str) -> Action:
    return Action(name, words, do, keys=(key,), on=TAKING_PART)


def _aside(kind: str) -> Action:
    why = KINDS[kind].aside or edits.BY_HAND
    return replace(SET_ASIDE, do=lambda project, ids, value: edits.set_aside(project, ids, why))


def _others() -> tuple[Action, ...]:
    """In whatever class a photo is, and however it is turned, it may have its finding."""
    return staying(MOVE, TURN_LEFT, TURN_RIGHT, CROP, ORIGINAL)


def _chosen(found: list[Finding], photo_ids: list[int]) -> list[Finding]:
    """The groups that these photos are of."""
    ids = set(photo_ids)
    return [finding for finding in found if ids.intersection(finding.photos)]


def _photos(found: list[Finding], photo_ids: list[int]) -> list[int]:
    return [photo for finding in _chosen(found, photo_ids) for photo in finding.photos]


def _say(found: list[Finding], answer: str, project: Project, photo_ids: list[int], value: str) -> Edit:
    return edits.say_alike(project, _photos(found, photo_ids), answer)


def _keep(found: list[Finding], project: Project, photo_ids: list[int], value: str) -> Edit:
    return edits.keep(project, _photos(found, photo_ids), found[0].kind)


def _leave_one(found: list[Finding], project: Project, photo_ids: list[int], value: str) -> Edit:
    others = findings.all_but_one(project, _chosen(found, photo_ids))
    return edits.set_aside(project, others, KINDS[found[0].kind].aside)


def _leave_class(found: list[Finding], project: Project, photo_ids: list[int], value: str) -> Edit:
    """The other photos of each group go; the class that stays is that of the selected photos."""
    labels = {photo.id: photo.label for photo in project.photos_with_ids(photo_ids)}
    others = []
    for finding in _chosen(found, photo_ids):
        here = {labels[photo] for photo in finding.photos if photo in labels}
        if len(here) > 1:
            raise InputError("Photos of two classes are selected. Select one in the class that they belong to.")
        others += findings.all_but_class(project, [finding], here.pop())
    return edits.set_aside(project, others, KINDS[found[0].kind].aside)
