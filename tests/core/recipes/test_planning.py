"""What is done on this computer: stand-ins, changes, titles, and what is said of them."""

from dataclasses import replace

import pytest

from core.base.errors import InputError, WeightsError
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import TrainConfig
from core.recipes.catalogue import BANANAS, CATS_AND_DOGS, MATRIX, THREE_MODELS, TUTORIALS
from core.recipes.planning import on_base, plan_of, request_of
from core.recipes.record import TutorialRequest
from core.recipes.words import what_differs, what_it_sets
from core.runs.run import MAX_TITLE


@pytest.fixture
def alone(tmp_path):
    """The environment of a computer with the built-in base's weights only."""
    return {"KERAS_HOME": str(tmp_path), "ESPALIER_HOME": str(tmp_path)}


@pytest.fixture
def with_inception(alone, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "inceptionv3.weights.h5").touch()
    return {**alone, "ESPALIER_WEIGHTS": str(tmp_path / "own")}


def lines(plan):
    return [(setting.term, setting.value, setting.of_article) for each in plan for setting in what_it_sets(each)]


def test_where_its_weights_are_the_articles_base_is_used(with_inception):
    plan = plan_of(CATS_AND_DOGS, with_inception)
    assert [(each.config.base, each.config.thaw_from, each.stands_in_for) for each in plan] == [
        ("inceptionv3", "", ""),
        ("inceptionv3", "mixed9", ""),
    ]
    request = request_of(CATS_AND_DOGS, plan, "now")
    assert [step.title for step in request.steps] == ["cats-and-dogs head", "cats-and-dogs thawed"]
    assert [step.note for step in request.steps] == ["", ""]
    assert ("base model", "InceptionV3", True) in lines(plan)
    assert not any("stands in" in words for words in what_differs(CATS_AND_DOGS, plan))


def test_where_they_are_not_the_built_in_base_stands_in_and_title_and_note_say_so(alone):
    plan = plan_of(CATS_AND_DOGS, alone)
    assert {(each.config.base, each.stands_in_for) for each in plan} == {(BUILT_IN, "inceptionv3")}
    first, second = request_of(CATS_AND_DOGS, plan, "now").steps
    assert first.title == "cats-and-dogs head (EfficientNet-Lite0 for InceptionV3)"
    assert second.note == (
        "The article uses InceptionV3, whose weights are not on this computer: EfficientNet-Lite0 stands in for it."
    )
    assert second.settings().thaw_from == "stage7"
    assert what_differs(CATS_AND_DOGS, plan)[0] == second.note
    assert ("base model", "EfficientNet-Lite0, standing in for InceptionV3", False) in lines(plan)


@pytest.mark.parametrize("tutorial", TUTORIALS, ids=lambda each: each.name)
def test_every_tutorial_can_be_begun_with_the_built_in_base_alone(tutorial, alone):
    request = request_of(tutorial, plan_of(tutorial, alone), "now")
    assert TutorialRequest.from_json(request.to_json()) == request
    assert all(step.settings().base in (BUILT_IN, "benchmark-cnn") for step in request.steps if step.config)
    assert all(len(step.title) <= MAX_TITLE - 3 for step in request.steps)  # a number may have to be put after it
    assert request.runs == [step.run for step in request.steps if step.does == "train"]
    assert len(set(request.runs)) == len(request.runs)


@pytest.mark.parametrize(
    ("own", "block", "other", "corresponding"),
    [
        ("vgg19", "block5", BUILT_IN, "stage7"),
        ("vgg19", "block1", BUILT_IN, "stage1"),
        ("vgg19", "block3", BUILT_IN, "stage4"),
        ("inceptionv3", "mixed10", BUILT_IN, "stage7"),
        (BUILT_IN, "stage7", "vgg16", "block5"),
    ],
)
def test_thawing_begins_as_deep_in_another_base(own, block, other, corresponding):
    config = on_base(TrainConfig(base=own, strategy="fine-tune", thaw_from=block), other)
    assert (config.base, config.thaw_from) == (other, corresponding)
    assert corresponding in [each.name for each in base_model(other).blocks]


def test_a_base_that_is_asked_for_and_not_here_is_not_stood_in_for(alone):
    with pytest.raises(WeightsError, match="The weights of VGG16 are not on this computer"):
        plan_of(BANANAS, alone, "vgg16")


def test_a_size_stays_the_articles_on_another_base(alone):
    assert [each.config.image_size for each in plan_of(BANANAS, alone) if each.config] == [150, 150]
    assert ("input size", "150 pixels a side", True) in lines(plan_of(BANANAS, alone))


def test_what_was_changed_is_not_called_the_articles(alone):
    plan = plan_of(CATS_AND_DOGS, alone)
    assert ("epochs", "at most 5", True) in lines(plan)
    plan[0] = replace(plan[0], config=replace(plan[0].config, epochs=7))
    assert ("epochs", "at most 7", False) in lines(plan)
    assert request_of(CATS_AND_DOGS, plan, "now").steps[0].changed == ["base", "epochs"]


def test_a_setting_out_of_range_is_refused_before_the_start(alone):
    plan = plan_of(CATS_AND_DOGS, alone)
    plan[1] = replace(plan[1], config=replace(plan[1].config, batch_size=0))
    with pytest.raises(InputError, match="batch_size must be between 1 and 4096"):
        request_of(CATS_AND_DOGS, plan, "now")


def test_steps_can_be_left_out_but_not_those_that_others_go_on_from(alone):
    plan = plan_of(THREE_MODELS, alone)
    request = request_of(THREE_MODELS, plan, "now", ["benchmark", "table"])
    assert ([step.name for step in request.steps], request.runs) == (["benchmark", "table"], ["now 1"])
    with pytest.raises(InputError, match="The step fine-tuned goes on from top model: choose that too"):
        request_of(THREE_MODELS, plan, "now", ["fine-tuned"])
    with pytest.raises(InputError, match=r"steps of three-models are benchmark, top model, .*Received: last"):
        request_of(THREE_MODELS, plan, "now", ["last"])


def test_of_steps_that_the_matrix_decides_only_their_heads_are_said(alone):
    plan = plan_of(MATRIX, alone)
    said = lines(plan)
    assert ("strategy", "as the matrix decides", True) in said
    assert {term for term, _, _ in said} == {"base model", "strategy", "head", "units"}


@pytest.mark.parametrize(
    ("tutorial", "words"),
    [
        (CATS_AND_DOGS, "rate that warms up and then falls (cosine), with labels smoothed by a tenth"),
        (THREE_MODELS, "shear of 0.2 is an angle in radians: 11.5°"),
        (BANANAS, "15 % are kept for one final test"),
        (MATRIX, "where the article leaves it to common sense"),
    ],
)
def test_what_is_otherwise_than_in_the_article_is_said(tutorial, words, alone):
    assert any(words in said for said in what_differs(tutorial, plan_of(tutorial, alone)))
