import json
from dataclasses import FrozenInstanceError, replace

import pytest

from core.base.errors import InputError
from core.models.catalogue import CATALOGUE
from core.models.config import (
    BENCHMARK_CNN,
    FEATURE_EXTRACTION,
    FINE_TUNE,
    FROM_SCRATCH,
    RANDOM,
    STRATEGIES,
    THAWED_SHARE,
    TrainConfig,
    usual_config,
    with_head,
    with_optimizer,
)

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
    ("fine_tune_rate", 0.0),
    ("fine_tune_rate", 0.2),
    ("fine_tune_rate", float("nan")),
    ("fine_tune_epochs", 0),
    ("fine_tune_epochs", 1001),
    ("momentum", -0.1),
    ("momentum", 1.0),
    ("steps_per_epoch", -1),
    ("steps_per_epoch", 100_001),
    ("seed", -1),
    ("seed", 2**31),
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


@pytest.mark.parametrize("name", ["strategy", "head", "initial", "augment", "optimizer", "monitor"])
def test_an_unknown_choice_is_refused_with_what_is_allowed(name):
    with pytest.raises(InputError, match=f"{name} must be one of .*Received: {name}='magic'"):
        replace(TrainConfig(), **{name: "magic"}).check()


@pytest.mark.parametrize(
    ("base", "size", "words"),
    [
        ("inceptionv3", 74, "InceptionV3 takes photos of 75 to 600 pixels a side. Received: image_size=74."),
        ("efficientnet-lite0", 601, "32 to 600 pixels"),
        ("vgg16", -1, "VGG16 takes photos of 32"),
    ],
)
def test_a_size_that_a_base_cannot_take_is_refused_with_those_it_can(base, size, words):
    with pytest.raises(InputError, match=words):
        TrainConfig(base=base, image_size=size).check()


def test_a_base_is_seen_at_the_size_of_the_config_and_at_its_own_unless_told_otherwise():
    assert TrainConfig(base="inceptionv3").base_row().image_size == 299
    assert TrainConfig(base="inceptionv3", image_size=75).check().base_row().image_size == 75


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_momentum_is_refused_but_with_sgd(optimizer):
    assert TrainConfig(optimizer="sgd", momentum=0.9).check().momentum == 0.9
    with pytest.raises(InputError, match="Momentum is sgd's"):
        TrainConfig(optimizer=optimizer, momentum=0.9).check()


def test_what_is_solved_at_once_knows_no_steps():
    with pytest.raises(InputError, match="solved at once and knows no steps"):
        TrainConfig(head="linear-svm", steps_per_epoch=10).check()


def test_another_optimizer_brings_its_rates_and_sgd_its_momentum():
    usual = TrainConfig()
    plain = with_optimizer(usual, "sgd")
    assert (plain.optimizer, plain.momentum, plain.learning_rate, plain.fine_tune_rate) == ("sgd", 0.9, 0.03, 0.003)
    assert with_optimizer(plain, "adam") == usual
    assert with_optimizer(replace(plain, momentum=0.5), "sgd").momentum == 0.5  # it is that already
    assert with_optimizer(usual, "rmsprop") == replace(usual, optimizer="rmsprop")
    assert with_optimizer(replace(usual, fine_tune_rate=1e-4), "sgd").fine_tune_rate == 0.001  # what was advised counts
    assert with_optimizer(TrainConfig(learning_rate=1.0, fine_tune_rate=0.1), "sgd").check().learning_rate == 1.0
    assert with_head(plain, "flatten-fc").learning_rate == 0.001


def test_a_run_of_before_these_settings_reads_as_adam_at_the_usual_size():
    new = ("optimizer", "momentum", "image_size", "steps_per_epoch", "monitor", "ask_mirror")
    old = {name: value for name, value in TrainConfig().to_json().items() if name not in new}
    config = TrainConfig.from_json(old)
    assert [getattr(config, name) for name in new] == ["adam", 0.0, 0, 0, "val_loss", False]


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


def test_thawing_from_a_block_that_the_base_does_not_have_is_refused_with_those_it_has():
    config = TrainConfig(strategy=FINE_TUNE, thaw_from="block99")
    with pytest.raises(
        InputError, match=r"thaw_from must be one of stage1, .*, stage7\. Received: thaw_from='block99'"
    ):
        config.check()
    with pytest.raises(InputError, match=r"conv1, conv2, conv3, conv4, conv5\. Received: thaw_from='stage5'"):
        replace(config, base="resnet50", thaw_from="stage5").check()
    assert replace(config, thaw_from="stage5").check().thaw_from == "stage5"


def test_fine_tuning_must_be_told_from_where():
    with pytest.raises(InputError, match=r"thaw_from must be one of .*Received: thaw_from=''"):
        TrainConfig(strategy=FINE_TUNE).check()


@pytest.mark.parametrize("strategy", [FEATURE_EXTRACTION, FROM_SCRATCH])
def test_a_block_is_refused_where_nothing_is_thawed_from_it(strategy):
    with pytest.raises(InputError, match=f"Only the strategy fine-tune .*strategy='{strategy}', thaw_from='stage5'"):
        TrainConfig(strategy=strategy, thaw_from="stage5").check()


def test_random_weights_are_refused_where_the_base_shall_be_used():
    with pytest.raises(InputError, match=r"initial must be one of base\. Received: initial='random'"):
        TrainConfig(initial=RANDOM).check()
    assert TrainConfig(strategy=FROM_SCRATCH, initial=RANDOM).check().initial == RANDOM


@pytest.mark.parametrize(("strategy", "initial"), [(FEATURE_EXTRACTION, "base"), (FROM_SCRATCH, "base")])
def test_the_benchmark_network_is_refused_where_it_would_have_to_know_something(strategy, initial):
    with pytest.raises(InputError, match=f"benchmark-cnn has learned nothing yet.*Received: strategy='{strategy}'"):
        TrainConfig(base=BENCHMARK_CNN, strategy=strategy, initial=initial).check()


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.name)
def test_the_usual_settings_of_every_strategy_and_base_are_in_range(strategy, row):
    config = usual_config(strategy, row.name)
    assert config.check() is config
    assert (config.base, config.strategy) == (row.name, strategy)
    if strategy == FINE_TUNE:
        names = [block.name for block in row.blocks]
        thawed = len(names) - names.index(config.thaw_from)
        assert thawed == pytest.approx(THAWED_SHARE * len(names), abs=0.5)


def test_the_usual_settings_of_feature_extraction_are_the_defaults_and_a_final_model():
    assert usual_config(FEATURE_EXTRACTION) == TrainConfig(final="validation")
    assert (usual_config(FINE_TUNE).final, usual_config(FROM_SCRATCH).final) == ("none", "none")
    assert TrainConfig.from_json({"schema": 1}).final == "none"  # what an earlier version wrote
    with pytest.raises(InputError, match="final must be one of none, validation, all"):
        TrainConfig(final="test").check()


def test_the_usual_settings_of_the_benchmark_network_begin_with_random_weights():
    assert usual_config(FROM_SCRATCH, BENCHMARK_CNN).check().initial == RANDOM
    assert usual_config(FROM_SCRATCH).initial == "base"


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


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("optimizer", 3),
        ("monitor", None),
        ("image_size", "224; rm"),
        ("image_size", True),
        ("momentum", "0.9"),
        ("steps_per_epoch", 1.5),
        ("class_weights", 1),
        ("ask_mirror", "yes"),
        ("unknown", 2),
    ],
)
def test_a_value_of_another_type_is_damage(name, value):
    with pytest.raises(ValueError, match=f"The setting {name} is damaged or unknown"):
        TrainConfig.from_json({**TrainConfig().to_json(), name: value})


def test_a_whole_number_may_stand_for_a_share():
    assert TrainConfig.from_json({**TrainConfig().to_json(), "dropout": 0}).check().dropout == 0


@pytest.mark.parametrize("value", [None, [], "adam", 3])
def test_what_is_no_object_is_no_config(value):
    with pytest.raises(ValueError, match="Settings are a JSON object"):
        TrainConfig.from_json(value)


def test_a_config_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        TrainConfig().epochs = 2
