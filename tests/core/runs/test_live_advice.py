"""The advice on real curves, recorded from runs on the demo (4 classes), and on made ones.

curves.json: by settings, an epoch a line: phase, loss, accuracy, validation loss, validation accuracy.
"""

import json
import math
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import numpy as np
import pytest

from core.base.events import EPOCH
from core.evaluation.metrics import ClassMetrics
from core.runs.live_advice import advice_on, after_run, last_word
from core.runs.report import Epoch, epochs_of
from tests.core.reports import a_report, metrics_of

NAMES = ("phase", "loss", "accuracy", "val_loss", "val_accuracy")
CURVES = {
    settings: [Epoch(number, seconds=0.1, **dict(zip(NAMES, row, strict=True))) for number, row in enumerate(rows, 1)]
    for settings, rows in json.loads(Path(__file__).with_name("curves.json").read_text()).items()
}


def made(losses, val_losses, accuracies=(0.9,), val_accuracies=(0.9,), phase="head"):
    """Epochs with these values; the last accuracy goes on."""
    return [
        Epoch(
            number + 1,
            phase,
            loss,
            accuracies[min(number, len(accuracies) - 1)],
            val_loss,
            val_accuracies[min(number, len(val_accuracies) - 1)],
            seconds=0.1,
        )
        for number, (loss, val_loss) in enumerate(zip(losses, val_losses, strict=True))
    ]


def kind(advice):
    return advice.kind if advice else ""


def kinds_as_it_goes(epochs, n_classes=4):
    """What is said after each epoch."""
    return [kind(advice_on(epochs[:n], n_classes)) for n in range(1, len(epochs) + 1)]


@pytest.mark.parametrize(
    ("settings", "last"),
    [
        ("usual", "converged"),
        ("rate of 1", "rate-too-high"),
        ("two epochs", "under-fitting"),
        ("huge head, rate of 0.03", "over-fitting"),
        ("rate of 0.000001", "under-fitting"),
        ("fine-tuned", ""),
        ("fine-tuned, rate of 0.1", "rate-too-high"),
        ("from scratch", "under-fitting"),
        ("from scratch, rate of 0.3", "rate-too-high"),
    ],
)
def test_the_last_word_on_real_curves(settings, last):
    assert kind(last_word(CURVES[settings], 4)) == last


def test_a_good_run_is_left_alone_until_nothing_more_is_gained():
    said = kinds_as_it_goes(CURVES["usual"])
    assert set(said) == {"", "converged"}
    assert said.index("converged") == 21  # after epoch 22 of 43


def test_a_rate_that_is_too_high_is_told_after_six_of_eleven_epochs_and_never_taken_back():
    said = kinds_as_it_goes(CURVES["rate of 1"])
    assert said == [""] * 5 + ["rate-too-high"] * 6


def test_a_huge_head_first_jumps_then_learns_by_heart():
    said = [each for each, _ in groupby(kinds_as_it_goes(CURVES["huge head, rate of 0.03"])) if each]
    assert said == ["rate-too-high", "over-fitting", "rate-too-high", "over-fitting"]


def test_slow_learning_is_told_from_none():
    slow, stuck = advice_on(CURVES["from scratch"], 4), advice_on(CURVES["rate of 0.000001"], 4)
    assert slow.kind == stuck.kind == "under-fitting"
    assert slow.do == "Give it more epochs, or train again with a larger learning rate."
    assert stuck.do.startswith("Train again with a learning rate ten times as large")


def test_what_to_do_goes_by_what_was_trained():
    head, tail = advice_on(CURVES["rate of 1"], 4), advice_on(CURVES["fine-tuned, rate of 0.1"], 4)
    assert head.sentence == tail.sentence
    assert head.do == "Train again with a learning rate that is three to ten times smaller."
    assert "of the thawed blocks" in tail.do


@pytest.mark.parametrize("settings", CURVES)
def test_nothing_is_said_after_few_epochs_and_no_advice_flickers(settings):
    said = kinds_as_it_goes(CURVES[settings])
    phases = [epoch.phase for epoch in CURVES[settings]]
    for phase in set(phases):
        assert set(said[phases.index(phase) :][:2]) == {""}
    spells = [len(list(same)) for _, same in groupby(said)]
    assert all(length >= 2 for length in spells[:-1])


def test_the_same_epochs_always_give_the_same_advice_and_the_future_does_not_change_the_past():
    epochs = CURVES["huge head, rate of 0.03"]
    assert kinds_as_it_goes(epochs) == kinds_as_it_goes(epochs)
    assert kinds_as_it_goes(epochs)[:20] == kinds_as_it_goes(epochs[:20])


def test_the_thawed_blocks_begin_anew():
    epochs = CURVES["fine-tuned"]
    first = next(number for number, epoch in enumerate(epochs) if epoch.phase == "fine-tune")
    assert kind(advice_on(epochs[:first], 4)) == "converged"
    assert advice_on(epochs[: first + 1], 4) is None


@pytest.mark.parametrize("n_classes", [2, 10, 100])
def test_learning_by_heart_is_seen_with_any_number_of_classes(n_classes):
    guessing = math.log(n_classes)
    falling = guessing * 0.9 ** np.arange(30)
    turning = guessing * (0.5 + 0.02 * np.abs(np.arange(30) - 12))
    assert kinds_as_it_goes(made(falling, turning), n_classes)[12] == ""
    assert kind(advice_on(made(falling, turning), n_classes)) == "over-fitting"
    both_fall = made(falling, falling * 1.1)
    assert "over-fitting" not in kinds_as_it_goes(both_fall, n_classes)


def test_when_both_losses_rise_it_is_not_learning_by_heart():
    rising = np.concatenate([np.linspace(0.9, 0.3, 10), np.linspace(0.3, 0.9, 15)])
    assert "over-fitting" not in kinds_as_it_goes(made(rising, rising + 0.1))


def test_learning_by_heart_counts_until_half_of_the_rise_is_gone():
    losses = np.linspace(0.3, 0.1, 40)
    rise = np.concatenate([np.linspace(0.9, 0.4, 10), np.full(10, 0.55), np.full(10, 0.46), np.full(10, 0.41)])
    said = kinds_as_it_goes(made(losses, rise))
    assert said[19] == "over-fitting"
    assert said[29] == "over-fitting"  # 0.06 above its best would not be enough to begin with
    assert said[39] == "converged"
    never_high = np.concatenate([rise[:10], np.full(20, 0.46)])
    assert "over-fitting" not in kinds_as_it_goes(made(losses[:30], never_high))


def test_a_loss_that_jumps_up_and_down_is_a_rate_too_high_and_one_jump_is_not():
    calm = list(np.linspace(1.2, 0.4, 20))
    once, often = calm.copy(), calm.copy()
    once[10] += 0.6
    for number in (8, 11, 14, 17):
        often[number] += 0.6
    assert "rate-too-high" not in kinds_as_it_goes(made(once, calm))
    assert kind(advice_on(made(often, calm), 4)) == "rate-too-high"


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_a_rate_too_high_at_once(value):
    assert kind(advice_on(made([1.0, value], [1.0, 1.0]), 4)) == "rate-too-high"
    assert kind(advice_on(made([1.0, 1.0], [1.0, value]), 4)) == "rate-too-high"


def test_no_epochs_and_epochs_from_before_there_were_phases():
    assert advice_on([], 4) is None
    assert last_word([], 4) is None
    events = [{"event": EPOCH, **epoch.to_json()} for epoch in CURVES["usual"]]
    for event in events:
        del event["phase"]
    assert kind(advice_on(epochs_of(events), 4)) == "converged"


def test_a_run_that_ended_with_its_best_epoch_but_gained_next_to_nothing_is_not_told_to_go_on():
    assert last_word(made([0.2, 0.2, 0.2], [0.2, 0.199, 0.198]), 4) is None
    assert last_word(made([0.9, 0.7], [0.9, 0.7]), 4).do.startswith("Train again with more epochs")


def report_with(epochs, recalls, n=9):
    per_class = {name: ClassMetrics(1.0, recall, recall, n) for name, recall in recalls.items()}
    test = replace(metrics_of(list(recalls)), per_class=per_class)
    return a_report(list(recalls), epochs=epochs, test=test)


def test_a_class_that_was_never_recognised_is_named():
    recalls = {"bee": 0.0, "butterfly": 1.0, "ladybird": 0.0, "snail": 0.9}
    said = after_run(report_with(CURVES["usual"], recalls))
    assert [advice.kind for advice in said] == ["class-ignored", "converged"]
    assert said[0].sentence == "Not one photo of bee nor of ladybird was recognised (a class is ignored)."
    assert [advice.kind for advice in after_run(report_with(CURVES["usual"], recalls, n=2))] == ["converged"]


def test_that_a_run_learned_too_little_explains_why_it_ignores_classes():
    recalls = {"bee": 0.0, "butterfly": 1.0, "ladybird": 0.0, "snail": 0.0}
    said = after_run(report_with(CURVES["from scratch, rate of 0.3"], recalls))
    assert [advice.kind for advice in said] == ["rate-too-high"]


def test_while_the_monitored_accuracy_grows_nobody_says_that_nothing_was_gained():
    growing = made([0.3] * 14, [0.5] * 14, val_accuracies=[0.7 + 0.02 * number for number in range(14)])
    assert kind(advice_on(growing, 4)) == "converged"
    assert advice_on(growing, 4, "val_accuracy") is None
    assert kind(last_word(growing, 4, "val_accuracy")) == "under-fitting"  # it ended while it was getting better
    still = made([0.3] * 14, [0.5] * 14, val_accuracies=[0.9] * 14)
    assert kind(advice_on(still, 4, "val_accuracy")) == "converged"


def test_over_fitting_is_counted_from_the_epoch_that_is_kept():
    losses = [0.5 - 0.03 * number for number in range(16)]
    rising = [0.4 + 0.03 * number for number in range(16)]
    growing = [0.7 + 0.01 * number for number in range(16)]
    assert kind(advice_on(made(losses, rising, val_accuracies=growing), 4)) == "over-fitting"
    assert advice_on(made(losses, rising, val_accuracies=growing), 4, "val_accuracy") is None
    falling = growing[::-1]
    assert kind(advice_on(made(losses, rising, val_accuracies=falling), 4, "val_accuracy")) == "over-fitting"
