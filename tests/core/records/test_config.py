import json
from dataclasses import FrozenInstanceError, replace

import pytest

from core.records.config import TrainConfig
from core.records.errors import InputError

OUT_OF_RANGE = [
    ("epochs", 0),
    ("epochs", 1001),
    ("learning_rate", 0.0),
    ("learning_rate", 1.5),
    ("learning_rate", float("nan")),
    ("batch_size", 0),
    ("batch_size", 4097),
    ("patience", 0),
    ("patience", 1001),
    ("units", 0),
    ("units", 8193),
    ("dropout", -0.1),
    ("dropout", 1.0),
    ("validation_share", 0.0),
    ("validation_share", 0.6),
    ("test_share", 0.0),
    ("test_share", 0.6),
]


def test_the_defaults_are_in_range():
    config = TrainConfig()
    assert config.check() is config


@pytest.mark.parametrize(("name", "value"), OUT_OF_RANGE)
def test_a_number_out_of_range_is_refused_with_its_name_and_value(name, value):
    with pytest.raises(InputError) as refusal:
        replace(TrainConfig(), **{name: value}).check()
    assert str(refusal.value).startswith(f"{name} must be between ")
    assert str(refusal.value).endswith(f"Received: {name}={value}.")


@pytest.mark.parametrize("name", ["strategy", "head"])
def test_an_unknown_choice_is_refused_with_what_is_allowed(name):
    with pytest.raises(InputError, match=f"{name} must be one of .*Received: {name}='magic'"):
        replace(TrainConfig(), **{name: "magic"}).check()


def test_an_unknown_base_is_refused_with_those_there_are():
    with pytest.raises(InputError, match=r"no base model called 'resnet'.*efficientnet-lite0"):
        TrainConfig(base="resnet").check()


@pytest.mark.parametrize(
    "config",
    [
        TrainConfig(epochs=1, batch_size=1, patience=1, units=1, dropout=0.0, validation_share=0.01, test_share=0.01),
        TrainConfig(epochs=1000, learning_rate=1.0, batch_size=4096, units=8192, validation_share=0.5, test_share=0.3),
    ],
)
def test_the_ends_of_the_ranges_are_allowed(config):
    assert config.check() is config


def test_shares_that_leave_too_little_to_learn_from_are_refused():
    with pytest.raises(InputError, match=r"validation_share \+ test_share must be .*Received: .*=1\.0"):
        TrainConfig(validation_share=0.5, test_share=0.5).check()


def test_a_config_comes_back_from_json_equal():
    config = TrainConfig(head="fc", epochs=3, learning_rate=1e-4, seed=-7)
    assert TrainConfig.from_json(json.loads(json.dumps(config.to_json()))) == config


@pytest.mark.parametrize("schema", [0, 2, "1", None])
def test_another_schema_is_refused_with_what_came(schema):
    with pytest.raises(InputError, match=f"another version of the app. Received: {schema!r}"):
        TrainConfig.from_json({**TrainConfig().to_json(), "schema": schema})


def test_a_config_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        TrainConfig().epochs = 2
