"""The plan that a project keeps until it is trained: a setting of the project, whoever made it."""

import json
from contextlib import suppress
from dataclasses import replace

from core.base.errors import InputError, StorageError
from core.base.files import value_of
from core.base.subsets import TEST
from core.models.config import FEATURE_EXTRACTION, TrainConfig, usual_config, with_sides
from core.photos.mirrored_classes import mirrored_classes
from core.photos.sides import ClassPairs, sides_matter
from core.projects.project import Project
from core.projects.project_split import given_subsets

PLAN = "plan"  # the project's setting
MIRRORED = "mirrored_classes"  # another: JSON, of which photos it was found, and the pairs


def keep_plan(project: Project, plan: TrainConfig) -> None:
    """Make these the settings that the next training uses.

    Raises:
        InputError: A setting is out of its range; what was kept before stays.
    """
    project.keep_setting(PLAN, json.dumps(plan.check().to_json()))


def forget_plan(project: Project) -> None:
    """The next training uses the usual settings again."""
    project.keep_setting(PLAN, "")


def kept_plan(project: Project) -> TrainConfig | None:
    """The plan that was kept; None without one, or when another version of the app wrote it."""
    try:
        return TrainConfig.from_json(value_of(project.setting(PLAN))).check()
    except (ValueError, InputError):
        return None


def next_plan(project: Project) -> TrainConfig:
    """The settings of the next training: those kept, else the usual ones; and whether a test came along.

    Where sides matter it mirrors only what someone asked for in full, and asks about no mirror image.
    """
    plan = kept_plan(project) or usual_config(FEATURE_EXTRACTION)
    return replace(with_sides(plan, sides_of(project)), test_given=TEST in given_subsets(project))


def sides_of(project: Project) -> str:
    """Why a project's photos must not be mirrored, as of `sides_matter`; "" where nothing says so."""
    return sides_matter(project.class_counts(), mirrored_pairs(project))


def mirrored_pairs(project: Project) -> ClassPairs:
    """The classes whose photos are each other's mirror images; looked for once, and again when photos have changed."""
    state = project.photo_state()
    try:
        found = value_of(project.setting(MIRRORED))
        if found["of"] == state:
            return [(str(first), str(second)) for first, second in found["pairs"]]
    except (ValueError, TypeError, KeyError):  # not looked for yet, or kept by another version
        pass
    query = "select label, phash from photos join looks on photo = photos.id where set_aside = '' order by photos.id"
    with project.database() as db:
        rows = db.execute(query).fetchall()
    pairs = mirrored_classes([label for label, _ in rows], [phash for _, phash in rows])
    with suppress(StorageError):  # it only saves time, also on a disk that can't be written
        project.keep_setting(MIRRORED, json.dumps({"of": state, "pairs": pairs}))
    return pairs
