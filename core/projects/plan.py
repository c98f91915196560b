"""The plan that a project keeps until it is trained: a setting of the project, whoever made it."""

import json
from dataclasses import replace

from core.base.errors import InputError
from core.base.subsets import TEST
from core.models.config import TrainConfig
from core.projects.project import Project
from core.projects.project_split import given_subsets

PLAN = "plan"  # the project's setting


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
        return TrainConfig.from_json(json.loads(project.setting(PLAN))).check()
    except (ValueError, TypeError, AttributeError, InputError):
        return None


def next_plan(project: Project) -> TrainConfig:
    """The settings of the next training: those kept, else the usual ones; and whether a test came along."""
    return replace(kept_plan(project) or TrainConfig(), test_given=TEST in given_subsets(project))
