"""What a tutorial's files may say: names that lead elsewhere, other kinds of steps, results that no page could show."""

import math
from dataclasses import replace

import pytest

from core.base.errors import InputError
from core.base.files import read_json, write_json
from core.recipes.catalogue import BANANAS, TUTORIALS
from core.recipes.folder import TutorialFolder
from core.recipes.planning import plan_of, request_of
from core.recipes.record import Decision, MapFacts, RunRow, TutorialResult

ROW = RunRow("head", "now 1", "bananas head", 1.5, 5, 0.21, 0.9, (0.8, 0.95), 0.8, 60)
RESULT = TutorialResult(
    "bananas", [ROW], MapFacts("vgg16", 20, 0.95), Decision(4, "Keep it", "efficientnet-lite0", ["Few photos."])
)


@pytest.fixture
def this(tmp_path):
    return TutorialFolder(tmp_path / "tutorial")


def asked_for(this, tutorial):
    this.ask(request_of(tutorial, plan_of(tutorial, {"KERAS_HOME": str(this.folder)}), "2026-11-22 14.05.09 k3f9"))
    return read_json(this.request_path)


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda each: each.name)
def test_what_the_app_asks_for_is_read(this, tutorial):
    asked_for(this, tutorial)
    assert [step.name for step in this.request().steps] == [step.name for step in tutorial.steps]


@pytest.mark.parametrize("name", ["", ".", "..", "../../mine", "a/b", "/mine", "C:\\mine", "a\0b"])
def test_a_run_elsewhere_is_refused_before_anything_is_cleared_away(this, name):
    said = asked_for(this, BANANAS)
    said["steps"][0]["run"] = said["runs"][0] = name
    write_json(this.request_path, said)
    with pytest.raises(InputError, match=r"What this tutorial shall do \(request.json\) can't be read"):
        this.request()


@pytest.mark.parametrize(
    "change",
    [
        lambda said: said["steps"].extend(said["steps"] * 1000),
        lambda said: said["steps"].clear(),
        lambda said: said["steps"][0].update(does="dance"),
        lambda said: said["steps"][0].update(config=None),
        lambda said: said["steps"][0].update(changed=["__class__"]),
        lambda said: said["steps"][1].update(starts_from="thawed"),
        lambda said: said["runs"].reverse(),
    ],
)
def test_steps_of_no_tutorial_are_refused(this, change):
    said = asked_for(this, BANANAS)
    change(said)
    write_json(this.request_path, said)
    with pytest.raises(InputError, match="can't be read"):
        this.request()


@pytest.mark.parametrize(("name", "value"), [("optimizer", "x"), ("image_size", "224; rm"), ("steps_per_epoch", 1.5)])
def test_settings_that_can_not_be_are_said(this, name, value):
    said = asked_for(this, BANANAS)
    said["steps"][0]["config"][name] = value
    write_json(this.request_path, said)
    with pytest.raises(InputError, match=name):
        this.request().steps[0].settings()


def test_a_result_comes_back(this):
    this.write(RESULT)
    assert this.read() == RESULT


@pytest.mark.parametrize(
    "result",
    [
        replace(RESULT, map=MapFacts("resnet", 20, 0.95)),
        replace(RESULT, decision=replace(RESULT.decision, base="resnet")),
        replace(RESULT, runs=[replace(ROW, seconds_per_epoch=math.inf)]),
        replace(RESULT, runs=[replace(ROW, accuracy=math.nan)]),
        replace(RESULT, runs=[ROW] * 1000),
    ],
)
def test_a_result_that_no_page_could_show_counts_as_none(this, result):
    this.write(result)
    assert this.read() is None
