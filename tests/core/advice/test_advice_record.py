"""Advice as it was kept by the version before records."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from core.advice.folder import AdviceFolder
from core.advice.record import Advice, AdvisedPlan
from core.base.files import write_json
from core.models.config import TrainConfig
from tests.core.advices import LITE0, LITE1, VGG16, some_advice

OLD = json.loads(Path(__file__).with_name("old_advice.json").read_text(encoding="utf-8"))


def test_what_was_kept_before_is_read_and_would_be_kept_alike():
    advice = Advice.from_json(OLD)
    assert json.dumps(advice.to_json()) == json.dumps(OLD)  # keys in their order, too
    assert Advice.from_json(advice.to_json()) == advice
    assert (advice.quadrant, advice.plan.thaw_from, advice.recommended.base) == (3, "stage5", "efficientnet-lite1")
    assert [point.measured for point in advice.learning_curve.points] == [True] * 4 + [False]
    assert advice.trial_of("efficientnet-lite2").n == 60
    assert advice.trial_of("vgg16") is None


def test_on_the_command_line_nothing_is_said_of_a_project():
    assert "measured_on" not in some_advice().to_json()


def test_bases_are_level_where_chance_may_make_the_difference_and_in_older_advice_where_intervals_overlap():
    advice = some_advice(bake_off=[LITE1, LITE0, VGG16])
    assert advice.best is LITE1
    assert [trial.is_level_with(advice.best) for trial in advice.bake_off] == [True, True, False]
    few, many = replace(LITE0, gained=3, lost=8), replace(LITE0, gained=3, lost=13)  # p 0.23 and 0.021
    assert [trial.is_level_with(advice.best) for trial in (few, many)] == [True, False]


def test_the_plan_is_part_of_a_runs_settings():
    plan = AdvisedPlan.of(TrainConfig(epochs=7, augment="none"))
    assert (plan.base, plan.epochs, plan.augment) == (TrainConfig().base, 7, "none")


@pytest.mark.parametrize(
    "change", [{"schema": 2}, {"bake_off": [{"base": "vgg16"}]}, {"plan": None}, {"quadrant": "4"}]
)
def test_what_is_damaged_or_of_another_version_is_none(change, tmp_path):
    folder = AdviceFolder(tmp_path)
    assert folder.read() is None
    folder.write(some_advice(measured_on="now"))
    assert folder.read() == some_advice(measured_on="now")
    write_json(folder.result_path, {**OLD, **change})
    assert folder.read() is None
    folder.result_path.write_text("{")
    assert folder.read() is None
