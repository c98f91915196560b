from dataclasses import replace

import pytest

from core.models.config import TrainConfig, usual_config
from core.models.planned_epochs import planned_steps, with_planned_epochs

TUNED = replace(usual_config("fine-tune"), batch_size=64)


def shown(config, n_photos, n_classes=4):
    """How many photos the planned epochs of thawed blocks show, in both views."""
    counts = {str(i): n_photos // n_classes for i in range(n_classes)}
    return 2 * 0.7 * n_photos * with_planned_epochs(config, counts).fine_tune_epochs


def test_steps_grow_with_the_root_of_the_photos():
    assert planned_steps(TUNED, 1600, 4) == 563  # 900 * 40 photos in batches of 64
    assert planned_steps(TUNED, 6400, 4) == pytest.approx(2 * 563, abs=1)
    assert planned_steps(replace(TUNED, batch_size=32), 1600, 4) == 1125


def test_many_classes_need_more_steps_than_their_photos_alone():
    assert planned_steps(TUNED, 400, 100) == 625  # 400 photos of each class
    assert planned_steps(TUNED, 400, 4) == 282


def test_few_photos_are_shown_more_often_and_many_less():
    passes = [shown(TUNED, n) / n for n in (100, 1000, 10_000)]
    assert passes == sorted(passes, reverse=True)
    assert passes[0] > 50
    assert passes[2] == pytest.approx(4 * 2 * 0.7 * 2, rel=0.5)
    assert with_planned_epochs(TUNED, {"a": 500_000, "b": 500_000}).fine_tune_epochs == 4  # the fewest


def test_views_and_steps_of_an_epoch_leave_the_steps_in_all_as_they_are():
    counts = {"a": 500, "b": 500}
    both, alone = TUNED, replace(TUNED, augment="none")
    epochs = [with_planned_epochs(each, counts).fine_tune_epochs for each in (both, alone)]
    assert epochs[1] == pytest.approx(2 * epochs[0], abs=1)
    in_steps = with_planned_epochs(replace(TUNED, steps_per_epoch=10), counts)
    assert in_steps.fine_tune_epochs * 10 == pytest.approx(planned_steps(TUNED, 700, 2), abs=10)


def test_from_nothing_takes_longer_and_waits_for_a_quarter_of_it():
    counts = {"a": 500, "b": 500}
    begun = with_planned_epochs(usual_config("from-scratch"), counts)
    nothing = with_planned_epochs(usual_config("from-scratch", "benchmark-cnn"), counts)
    assert nothing.epochs == pytest.approx(3 * begun.epochs, abs=3)
    assert nothing.patience == -(-nothing.epochs // 4)


def test_a_head_has_its_own_epochs():
    assert with_planned_epochs(TrainConfig(), {"a": 500, "b": 500}) == TrainConfig()
