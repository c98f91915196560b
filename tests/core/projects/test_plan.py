import json

import pytest

from core.base.errors import InputError
from core.models.config import TrainConfig
from core.projects.plan import PLAN, forget_plan, keep_plan, kept_plan


def test_a_plan_is_kept_until_it_is_forgotten(project):
    assert kept_plan(project) is None
    keep_plan(project, TrainConfig(epochs=7))
    assert kept_plan(project) == TrainConfig(epochs=7)
    forget_plan(project)
    assert kept_plan(project) is None


def test_a_setting_out_of_range_is_refused_and_the_plan_before_stays(project):
    keep_plan(project, TrainConfig(epochs=7))
    with pytest.raises(InputError, match="epochs must be between 1 and 1000"):
        keep_plan(project, TrainConfig(epochs=0))
    assert kept_plan(project) == TrainConfig(epochs=7)


@pytest.mark.parametrize(
    "kept", ["{", "[]", '"a plan"', json.dumps({**TrainConfig().to_json(), "schema": 99}), '{"schema": 1, "new": 1}']
)
def test_what_another_version_kept_is_as_no_plan(project, kept):
    project.keep_setting(PLAN, kept)
    assert kept_plan(project) is None
