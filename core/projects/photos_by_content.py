"""From what a run evaluated back to the project's photos, as they are now."""

import json
from collections.abc import Iterable
from functools import partial

from core.projects.project import Photo, Project


def photos_evaluated(project: Project, evaluated: Iterable[tuple[str, str]]) -> list[Photo | None]:
    """The project's photo for each that was evaluated; None where the project no longer holds it.

    Args:
        project: Whose photos.
        evaluated: SHA-256 and true class of each. Of equal files one that takes part is given, and of these one in this
            class, else the first that came.
    """
    evaluated = list(evaluated)
    contents = json.dumps([content for content, _ in evaluated])
    equal: dict[str, list[Photo]] = {}
    for photo in project.photos_where("sha256 in (select value from json_each(?))", contents):
        equal.setdefault(photo.sha256, []).append(photo)
    return [min(equal.get(content, []), key=partial(_distance, truth), default=None) for content, truth in evaluated]


def _distance(truth: str, photo: Photo) -> tuple[bool, bool]:
    return photo.set_aside != "", photo.label != truth


def what_became_of(photo: Photo, truth: str) -> str:
    """What was done with a photo since it was evaluated: "set aside since", "now in pear", or ""."""
    if photo.set_aside:
        return "set aside since"
    return "" if photo.label == truth else f"now in {photo.label}"
