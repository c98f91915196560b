"""Where photos lie: the one place that leads from a project's photos to a run's list of them, and back again.

A run keeps where its photos were. Since then a project may have been moved, and a photo given another class.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePath

from core.base.errors import EspalierError, InputError, RunError
from core.base.files import content_of, read_json
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.base.threads import in_threads
from core.base.words import counted
from core.evaluation.folds import estimate_for
from core.models.config import CROSS_VALIDATION, FEATURE_EXTRACTION, FOLDS, MIN_PHOTOS_TO_TEST, TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.projects.changes.shelf import former_with
from core.projects.project import Photo, Project, open_project
from core.projects.project_split import given_subsets, near_copy_groups, split_with_groups
from core.projects.split import Shares
from core.runs.predictions import read_answers
from core.runs.run import Run, list_runs
from core.sources.unlabelled import find_photos


def run_photos(project: Project, photos: list[Photo]) -> list[LabelledPhoto]:
    """A project's photos as a run takes them, with their groups of near-copies."""
    return _labelled(project, photos, near_copy_groups(project, photos))


def split_run_photos(project: Project, config: TrainConfig) -> list[LabelledPhoto]:
    """The photos that take part in a run with these settings, each in its subset; split and grouped once."""
    shares = Shares(config.validation_share, config.test_share)
    return _labelled(project, *split_with_groups(project, config.seed, shares))


def _labelled(project: Project, photos: list[Photo], groups: list[str]) -> list[LabelledPhoto]:
    return [
        LabelledPhoto(str(project.path(photo)), photo.label, photo.split, photo.sha256, group, photo.origin)
        for photo, group in zip(photos, groups, strict=True)
    ]


def split_in_words(project: Project, plan: TrainConfig) -> str:
    """How the photos, enough to train, will be divided, and how the model will be judged."""
    if TEST in given_subsets(project):
        return "Your test folder is kept as it is, for one final test. Some other photos say when to stop (validation)."
    heads_alone = plan.strategy == FEATURE_EXTRACTION  # five whole networks more would take hours
    counts = project.own_counts() or project.class_counts()  # photos from feedback only teach
    if heads_alone and min(counts.values()) < MIN_PHOTOS_TO_TEST and _can_be_cross_validated(project):
        least = min(counts, key=counts.get)
        return (
            f"{least} has only {counted(counts[least], 'photo')}: too few to keep some for a test that says much. So "
            f"after the training every photo is judged once by a model that has not seen it ({FOLDS}-fold "
            "cross-validation). The model you keep learns from about 70 % of the photos; 15 % say when to stop."
        )
    return (
        "Of each class about 70 % of the photos teach, 15 % say when to stop (validation) and 15 % are kept for one "
        "final test. Photos once given a part keep it, also when you add more."
    )


def _can_be_cross_validated(project: Project) -> bool:
    return estimate_for(run_photos(project, project.photos()), test_given=False) == CROSS_VALIDATION


def listed_photos(run: Run) -> list[LabelledPhoto]:
    """The photos that a run worked with, none when their list is missing or damaged."""
    try:
        return run.photos()
    except RunError:
        return []


def parts_in_runs(project: Project) -> dict[str, str]:
    """The part of each photo by SHA-256, in the newest of the project's runs that lists it.

    After a repair: one that tested must not teach later, whatever became of its row.
    """
    return {
        photo.sha256: photo.split
        for run in reversed(list_runs(project.runs_folder))
        for photo in listed_photos(run)
        if photo.split
    }


@dataclass(frozen=True)
class FoundPhotos:
    """Those of a run's photos that are there, each with the place where it lies now, and what became of the others.

    Args:
        photos: Known by their content, whatever they are called.
        missing: How many are not there.
        changed: How many are there by name, but with another content.
    """

    photos: list[LabelledPhoto]
    missing: int = 0
    changed: int = 0

    @property
    def lost(self) -> int:
        """How many can't be used."""
        return self.missing + self.changed


def photos_where_they_were(photos: list[LabelledPhoto]) -> FoundPhotos:
    """Those of a run's photos that still lie where the run lists them, with the content that they had."""
    contents = _contents([Path(photo.path) for photo in photos])
    there = [photo for photo, content in zip(photos, contents, strict=True) if content == photo.sha256]
    missing = contents.count("")
    return FoundPhotos(there, missing, len(photos) - len(there) - missing)


def photos_found_in(photos: list[LabelledPhoto], source: Path, staging: Path) -> FoundPhotos:
    """Those of a run's photos that lie in a folder or archive, however they are arranged or called there.

    An archive is unpacked into the empty folder `staging`.

    Raises:
        InputError: There is no such folder or archive, or it can't be opened.
    """
    if not source.exists():
        raise InputError(f"There is no folder or zip called {source}.")
    files = find_photos(source, staging).photos
    contents = _contents([file.path for file in files])
    places = {content: file.path for content, file in zip(contents, files, strict=True) if content}
    found = [replace(photo, path=str(places[photo.sha256].resolve())) for photo in photos if photo.sha256 in places]
    names = {_short_name(file.name) for file in files}
    lost = [photo for photo in photos if photo.sha256 not in places]
    changed = sum(_short_name(photo.path) in names for photo in lost)
    return FoundPhotos(found, len(lost) - changed, changed)


def _contents(paths: list[Path]) -> list[str]:
    return list(in_threads(content_of, paths, threads=os.cpu_count() or 2))


def _short_name(path: str) -> tuple[str, ...]:
    """A photo's name with the folder that it lies in: what stays of a name when the folders around it are moved."""
    return PurePath(path).parts[-2:]


def came_from(run: Run) -> str:
    """The folder or archive that a run's photos were in when it was made."""
    try:
        return " and ".join(read_json(run.sources_path))
    except (FileNotFoundError, ValueError, TypeError):  # a project's run, or one of an earlier version
        return folder_of(listed_photos(run)) or "a place that is not known any more"


def folder_of(photos: list[LabelledPhoto]) -> str:
    """The folder around all of these photos, such as that of the class folders; "" of none."""
    folders = [os.path.dirname(photo.path) for photo in photos]
    try:
        return os.path.commonpath(folders)
    except ValueError:  # of no photos, or on several drives
        return folders[0] if folders else ""


def refuse_gone(photos: list[LabelledPhoto]) -> None:
    """Raise InputError, which says where they were, when of some photos there is none any more."""
    if photos and not any(os.path.exists(photo.path) for photo in photos):
        raise InputError(
            f"The photos of this run can't be found any more. They were in {folder_of(photos)}: bring them back there, "
            "or train again on the photos that you have."
        )


def photos_evaluated(project: Project, evaluated: Iterable[tuple[str, str]]) -> list[Photo | None]:
    """The project's photo for each that was evaluated, known by SHA-256 and true class; None where it is gone.

    Of equal files one that takes part is given, and of these one in this class, else the first that came. A photo that
    was rotated or cropped since is given as it was.
    """
    evaluated = list(evaluated)
    contents = [content for content, _ in evaluated]
    now = project.photos_where("sha256 in (select value from json_each(?))", json.dumps(contents))
    equal: dict[str, list[Photo]] = {}
    for photo in [*now, *former_with(project, contents)]:
        equal.setdefault(photo.sha256, []).append(photo)
    return [min(equal.get(content, []), key=partial(_distance, truth), default=None) for content, truth in evaluated]


def _distance(truth: str, photo: Photo) -> tuple[bool, bool]:
    return photo.set_aside != "", photo.label != truth


def confidences(project: Project, run: Run) -> dict[int, float]:
    """How sure a run was of its answer, 0..1, by the id of each of the project's photos that it answered.

    A photo that was rotated or cropped since has another content, of which nothing is known.

    Raises:
        RunError: The run has not answered yet, or its answers are damaged.
    """
    report = run.report()
    temperature = report.temperature if report else 1.0
    tables = [
        read_answers(run.predictions_path, split, run.class_names(), temperature) for split in (TRAIN, VALIDATION, TEST)
    ]
    sure = {content: each for table in tables for content, each in zip(table["sha256"], table["sure"], strict=True)}
    with project.database() as db:
        rows = db.execute("select id, sha256 from photos").fetchall()
    return {photo: float(sure[content]) for photo, content in rows if content in sure}


def what_became_of(photo: Photo, truth: str) -> str:
    """What was done with a photo since it was evaluated: "set aside since", "now in pear", or ""."""
    if photo.set_aside:
        return "set aside since"
    return "" if photo.label == truth else f"now in {photo.label}"


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


def with_own_places(run: Run, photos: list[LabelledPhoto]) -> list[LabelledPhoto]:
    """Photos of a run, `with_places_now` in the project that it lies in; of one that lies elsewhere as they are."""
    folder = run.project_folder()
    try:
        return with_places_now(open_project(folder), photos) if folder else photos
    except EspalierError:  # damaged; by their names they may still be found
        return photos


def with_places_below(project: Project, photos: list[LabelledPhoto], folder: Path) -> list[LabelledPhoto]:
    """All of a run's photos with the place that each will have once its project is this folder.

    One that the project no longer holds gets a place where nothing lies.
    """
    now = photos_evaluated(project, [(photo.sha256, photo.label) for photo in photos])
    return [
        replace(photo, path=str(folder / (found.file if found else f"gone/{photo.sha256}")))
        for photo, found in zip(photos, now, strict=True)
    ]
