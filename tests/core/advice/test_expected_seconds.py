from dataclasses import replace

import pytest

from core.advice.quadrants import START_S, TRAINING_SHARE, expected_seconds, plan_for
from core.models.config import TrainConfig, usual_config

COUNTS = {"apple": 60, "pear": 40}


def test_a_head_alone_takes_one_look_at_each_photo():
    assert expected_seconds(TrainConfig(), 200, 50.0) == START_S + 4


def test_mirrored_photos_are_seen_twice_an_epoch():
    plain = TrainConfig(strategy="fine-tune", thaw_from="stage6", fine_tune_epochs=3)
    mirrored = TrainConfig(strategy="fine-tune", thaw_from="stage6", fine_tune_epochs=3, augment="auto")
    learning = [expected_seconds(plan, 100, 50.0) - START_S - 2 for plan in (plain, mirrored)]
    assert learning[1] == pytest.approx(2 * learning[0])


def test_varied_training_photos_are_looked_at_once_for_each_view():
    varied = TrainConfig(augment="mirror=1,rotation=10,views=4")
    assert expected_seconds(varied, 200, 50.0) == pytest.approx(START_S + 4 * (1 + 4 * TRAINING_SHARE))
    assert expected_seconds(TrainConfig(augment="rotation=0"), 200, 50.0) == START_S + 4


def test_steps_an_epoch_take_as_long_as_the_photos_that_they_show():
    plan = TrainConfig(strategy="fine-tune", thaw_from="stage6", fine_tune_epochs=3, batch_size=10, augment="auto")
    whole, tenth = (expected_seconds(each, 100, 50.0) for each in (plan, replace(plan, steps_per_epoch=14)))
    assert tenth == pytest.approx(whole)  # 70 photos in two views are 14 steps of 10
    assert expected_seconds(replace(plan, steps_per_epoch=7), 100, 50.0) - START_S - 2 == pytest.approx(
        (whole - START_S - 2) / 2
    )


def test_photos_of_half_the_size_take_a_quarter_of_the_time():
    assert expected_seconds(TrainConfig(image_size=112), 200, 50.0) == START_S + 1
    assert expected_seconds(TrainConfig(image_size=224), 200, 50.0) == START_S + 4


@pytest.mark.parametrize("n", [100, 5000])
def test_the_more_learns_the_longer_it_takes(n):
    seconds = [
        expected_seconds(plan, n, 100.0)
        for plan in (plan_for(4, COUNTS), plan_for(3, COUNTS), usual_config("from-scratch"))
    ]
    assert seconds == sorted(seconds)
    assert seconds[0] < seconds[1] < seconds[2]
