"""Where the photos of a run lie now: a run keeps where they were."""

from dataclasses import replace
from pathlib import Path

from core.base.errors import InputError
from core.base.hashing import sha256_of_all
from core.photos.labelled_photo import LabelledPhoto
from core.projects.photos_by_content import photos_evaluated, what_became_of
from core.projects.project import Project
from core.runs.run import Run
from core.sources.labelled import read_source


def listed_photos(run: Run) -> list[LabelledPhoto]:
    """The photos that a run worked with, none when their list is missing or damaged."""
    try:
        return run.photos()
    except (FileNotFoundError, TypeError, ValueError):
        return []


def photos_found_in(photos: list[LabelledPhoto], source: Path, staging: Path) -> list[LabelledPhoto]:
    """Those of a run's photos that lie in a folder or zip, found by their content.

    Args:
        photos: Of the run.
        source: A folder or zip of class folders.
        staging: An empty folder; a zip is unpacked there.

    Raises:
        InputError: None of them is there.
    """
    paths = [file.path for file in read_source(source, staging).arrangement.files]
    places = dict(zip(sha256_of_all(paths), paths, strict=True))
    found = [replace(photo, path=str(places[photo.sha256])) for photo in photos if photo.sha256 in places]
    if not found:
        raise InputError(f"None of the photos in {source.name} is one that this run worked with.")
    return found


def still_so(project: Project, photos: list[LabelledPhoto]) -> list[LabelledPhoto]:
    """Those of a run's photos that the project still holds in the same class, with the place where they are now."""
    now = photos_evaluated(project, [(photo.sha256, photo.label) for photo in photos])
    return [
        replace(photo, path=str(project.path(found)))
        for photo, found in zip(photos, now, strict=True)
        if found is not None and not what_became_of(found, photo.label)
    ]


def with_places_now(project: Project, photos: list[LabelledPhoto]) -> list[LabelledPhoto]:
    """All of a run's photos, those that are `still_so` with the place where they are now: a project can be moved."""
    places = {(photo.sha256, photo.label): photo.path for photo in still_so(project, photos)}
    return [replace(photo, path=places.get((photo.sha256, photo.label), photo.path)) for photo in photos]
