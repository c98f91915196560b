"""Each tutorial has its article's values; what is written as config.json comes from these."""

from dataclasses import asdict, fields

import pytest

from core.base.errors import InputError
from core.models.config import TrainConfig
from core.photos.augmentation import parse
from core.recipes.catalogue import TRAIN, TUTORIALS, tutorial_named, tutorial_names

TRAINED = {
    (tutorial.name, step.name): step.config for tutorial in TUTORIALS for step in tutorial.steps if step.does == TRAIN
}
# What the articles give, by what they call it; thawed blocks learn at `fine_tune_rate`.
ARTICLES = {
    ("cats-and-dogs", "head"): {
        "base": "inceptionv3",
        "strategy": "feature-extraction",
        "head": "gap",
        "optimizer": "rmsprop",
        "learning_rate": 1e-3,
        "batch_size": 32,
        "epochs": 5,
    },
    ("cats-and-dogs", "thawed"): {
        "base": "inceptionv3",
        "strategy": "fine-tune",
        "thaw_from": "mixed9",
        "optimizer": "rmsprop",
        "fine_tune_rate": 1e-4,
        "batch_size": 32,
    },
    ("bottleneck", "net"): {
        "base": "inceptionv3",
        "strategy": "feature-extraction",
        "head": "fc",
        "augment": "none",
    },
    ("bananas", "head"): {
        "base": "vgg16",
        "image_size": 150,
        "strategy": "feature-extraction",
        "head": "flatten-fc",
        "units": 519,
        "dropout": 0.5,
        "monitor": "val_accuracy",
    },
    ("bananas", "thawed"): {
        "base": "vgg16",
        "image_size": 150,
        "strategy": "fine-tune",
        "thaw_from": "block5",
        "head": "flatten-fc",
        "units": 519,
        "dropout": 0.5,
        "fine_tune_rate": 1e-5,
        "monitor": "val_accuracy",
    },
    ("three-models", "benchmark"): {"base": "benchmark-cnn", "strategy": "from-scratch", "initial": "random"},
    ("three-models", "top model"): {"base": "vgg19", "strategy": "feature-extraction", "head": "fc"},
    ("three-models", "fine-tuned"): {
        "base": "vgg19",
        "strategy": "fine-tune",
        "thaw_from": "block5",
        "head": "fc",
    },
    ("matrix", "fully connected"): {"head": "fc", "strategy": "feature-extraction"},
    ("matrix", "average pooling"): {"head": "gap", "strategy": "feature-extraction"},
    ("matrix", "linear SVM"): {"head": "linear-svm", "strategy": "feature-extraction"},
}
VARIED = {
    "cats-and-dogs": {"mirror": 1, "rotation": 30, "shift": 0.2, "shear": 11.5, "zoom": 0.2},
    "three-models": {"mirror": 1, "rotation": 10, "shear": 11.5, "zoom": 0.2},  # 0.2 radians are 11.5 degrees
}


def test_there_are_the_five():
    assert tutorial_names() == ["cats-and-dogs", "bottleneck", "bananas", "three-models", "matrix"]
    assert TRAINED.keys() == ARTICLES.keys()


@pytest.mark.parametrize("which", ARTICLES, ids=" ".join)
def test_a_step_has_the_values_of_its_article(which):
    config = asdict(TRAINED[which].check())
    assert {name: config[name] for name in ARTICLES[which]} == ARTICLES[which]


@pytest.mark.parametrize("name", VARIED)
def test_photos_are_varied_as_in_the_article(name):
    augments = {step.config.augment for step in tutorial_named(name).steps if step.config and step.starts_from}
    (augment,) = augments
    assert parse(augment).strengths() == VARIED[name]


def test_steps_that_go_on_have_the_head_and_the_size_of_the_step_before():
    going_on = [(tutorial, step) for tutorial in TUTORIALS for step in tutorial.steps if step.starts_from]
    assert len(going_on) == 3
    for tutorial, step in going_on:
        before = tutorial.step(step.starts_from).config
        same = ("base", "head", "units", "image_size", "augment", "optimizer", "monitor", "batch_size")
        assert [getattr(step.config, name) for name in same] == [getattr(before, name) for name in same]
        assert step.config.fine_tune_rate < before.learning_rate


def test_named_settings_are_settings():
    names = {field.name for field in fields(TrainConfig)}
    assert {name for tutorial in TUTORIALS for step in tutorial.steps for name in step.named} <= names
    for tutorial in TUTORIALS:
        assert len({step.name for step in tutorial.steps}) == len(tutorial.steps)


def test_only_the_second_step_of_cats_and_dogs_is_optional():
    assert [step.name for tutorial in TUTORIALS for step in tutorial.steps if step.optional] == ["thawed"]


def test_another_name_is_refused_with_those_there_are():
    with pytest.raises(InputError, match=r"one of cats-and-dogs, bottleneck, .*Received: 'apples'"):
        tutorial_named("apples")
