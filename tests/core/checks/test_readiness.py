from dataclasses import replace

import pytest

from core.base.errors import InputError
from core.checks.readiness import problems, refuse_unready, setting_warnings, warnings
from core.models.config import TrainConfig, usual_config, with_head
from core.models.heads import LINEAR_SVM, head_names


@pytest.mark.parametrize(
    ("counts", "words"),
    [
        ({}, "There are no photos yet"),
        ({"only": 100}, "only one class, only. A classifier needs at least two"),
        ({"a": 4, "b": 50, "c": 0}, "still test honestly: a (4), c (0). Each class needs at least 5"),
    ],
)
def test_what_cannot_be_learned_is_refused_with_what_to_do(counts, words):
    (said,) = problems(counts)
    assert words in said
    with pytest.raises(InputError) as refusal:
        refuse_unready(counts)
    assert str(refusal.value) == said


def test_five_photos_in_two_classes_are_enough_to_begin():
    assert problems({"a": 5, "b": 5}) == []
    refuse_unready({"a": 5, "b": 5})


@pytest.mark.parametrize(
    ("config", "n", "words"),
    [
        (TrainConfig(head="fc", units=8000), 20, "8,000 units for 20 photos: it will know them by heart"),
        (TrainConfig(learning_rate=0.5), 1000, "A learning rate of 0.5 is very high"),
        (
            replace(usual_config("from-scratch"), image_size=448),
            500,
            "32 photos of 448 x 448 pixels a step take about 4 times the usual memory",
        ),
        (TrainConfig(batch_size=4096), 20, "4,096 photos a step are more than there are"),
    ],
)
def test_settings_that_are_rarely_meant_are_warned_about(config, n, words):
    (said,) = setting_warnings(config.check(), n)
    assert words in said


def test_steps_that_never_show_all_photos_are_warned_about():
    few = TrainConfig(epochs=10, steps_per_epoch=2, batch_size=32)  # 640 in all
    assert setting_warnings(few, 900) == []  # 630 of them are learned from
    assert "show 640 photos at most, of about 1,400 to learn from" in setting_warnings(few, 2000)[0]


def test_the_usual_settings_give_no_warning_where_photos_are_few_or_many():
    usual = [with_head(TrainConfig(), head) for head in head_names()]
    assert [setting_warnings(config, n) for config in usual for n in (60, 50_000)] == [[]] * 2 * len(usual)
    assert setting_warnings(TrainConfig(head=LINEAR_SVM, units=8000, learning_rate=1.0), 64) == []
    assert setting_warnings(TrainConfig(image_size=600), 500) == []  # the engine sees one photo after the other
    assert setting_warnings(replace(usual_config("from-scratch"), image_size=448, batch_size=8), 500) == []


def test_enough_photos_in_balance_give_no_warning():
    assert warnings({"a": 50, "b": 100}) == []


def test_few_photos_and_classes_out_of_balance_are_warned_about():
    few, unbalanced = warnings({"a": 49, "b": 1000, "c": 60})
    assert few.startswith("Fewer than 50 photos: a (49).")
    assert unbalanced.startswith("b has 1,000 photos, a only 49: the model may favour b.")
