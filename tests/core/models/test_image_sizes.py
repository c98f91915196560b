"""The size at which a network sees photos: what is usual and possible, and what is built."""

from dataclasses import replace

import pytest

from core.base.errors import InputError
from core.models.building import starting_base
from core.models.catalogue import BUILT_IN, CATALOGUE
from core.models.config import BENCHMARK_CNN, FINE_TUNE, FROM_SCRATCH, RANDOM, TrainConfig, usual_config
from core.models.image_sizes import image_size_of, image_sizes, work_of_size

BENCHMARK = usual_config(FROM_SCRATCH, BENCHMARK_CNN)


@pytest.mark.parametrize("name", [BENCHMARK_CNN, *(row.name for row in CATALOGUE)])
def test_the_sizes_that_a_page_offers_are_those_that_settings_take(name):
    sizes, usual = image_sizes(name), usual_config(FROM_SCRATCH, name)
    assert image_size_of(usual) == sizes.usual
    for size in (sizes.least, sizes.usual, sizes.most):
        assert image_size_of(replace(usual, image_size=size).check()) == size
    for size in (sizes.least - 1, sizes.most + 1):
        with pytest.raises(InputError, match=f"takes photos of {sizes.least} to {sizes.most} pixels a side"):
            replace(usual, image_size=size).check()


def test_what_can_be_chosen_is_said_in_words():
    assert image_sizes("inceptionv3").in_words.startswith("Usually 299, at least 75, at most 600.")


def test_the_work_grows_with_the_number_of_pixels():
    assert work_of_size(TrainConfig()) == work_of_size(TrainConfig(image_size=224)) == 1
    assert work_of_size(TrainConfig(image_size=448)) == 4
    assert work_of_size(replace(BENCHMARK, image_size=64)) == 0.25


@pytest.mark.parametrize(
    ("config", "side", "map_side"),
    [
        (BENCHMARK, 128, 4),
        (replace(BENCHMARK, image_size=32), 32, 1),
        (replace(BENCHMARK, image_size=75), 75, 2),
        (replace(usual_config(FROM_SCRATCH, BUILT_IN), initial=RANDOM, image_size=96), 96, 3),
    ],
)
def test_a_run_begins_with_a_network_of_its_size(config, side, map_side):
    base = starting_base(config.check())
    assert base.input_shape == (None, side, side, 3)
    assert base.output_shape[1:3] == (map_side, map_side)


def test_the_blocks_that_thaw_are_the_same_at_every_size():
    usual = usual_config(FINE_TUNE)
    assert replace(usual, image_size=96).check().base_row().blocks == usual.base_row().blocks
