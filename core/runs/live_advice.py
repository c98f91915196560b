"""What the curves of a training say, in words, and what to do about it: the same epochs always give the same advice.

Losses are compared with that of guessing, the natural logarithm of the number of classes: it is the measure that two
classes and a hundred have in common.
"""

import math
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean
from typing import NamedTuple

from core.base.events import TRIES
from core.models.config import FINE_TUNE, FROM_SCRATCH, VAL_ACCURACY, VAL_LOSS
from core.runs.report import Epoch, Report, score_of

RATE_TOO_HIGH, OVER_FITTING, UNDER_FITTING = "rate-too-high", "over-fitting", "under-fitting"
CONVERGED, CLASS_IGNORED = "converged", "class-ignored"
NOTHING, SLOW, STUCK = "", "slow", "stuck"  # the two kinds of under-fitting

WILD = 3.0  # times the loss of guessing: who knows nothing has 1, so this much takes being sure and wrong
JUMP = 0.2  # of the loss of guessing, in one epoch: dropout alone makes training losses jitter by 0.08
JUMPS = 2  # within two windows; one can be an odd batch
RISE = 0.05  # of the loss of guessing: few validation photos make the mean of a window jitter by 0.04
RISE_SHARE = 0.1  # of the best validation loss: where that is large, its jitter is too
LOW = 0.5  # of the way from guessing to always right: a model below it is of little use
STILL_FALLING = 0.01  # of the loss of guessing, over a window: nobody would wait for less
STILL_RISING = 0.01  # of the way from guessing to always right, likewise, where accuracy is monitored
NO_EPOCH = Epoch(0, "", math.inf, 0.0, math.inf, 0.0, 0.0)  # worse than any
MIN_IN_TEST = 3  # photos of a class in the test: good models too miss one of one, or two of two


@dataclass(frozen=True)
class Hint:
    """One thing that the curves or the report say, of one of the five kinds above, and what to do about it."""

    kind: str
    sentence: str
    do: str


class _Pace(NamedTuple):
    window: int  # epochs that are taken together
    hold: int  # epochs in a row that must agree before the advice changes


# The epochs of a head are short and many, and stop after eight without progress; those with thawed blocks are at most
# eight, of which the falling rate makes each calmer than the one before, and stop after three.
USUAL, SHORT = _Pace(window=5, hold=2), _Pace(window=3, hold=1)

MORE_PHOTOS = "More photos of each class help most, then varied photos (augmentation)"
WORDS: dict[str, tuple[str, str, dict[str, str]]] = {  # kind, sentence, and what to do by phase, "" for all others
    RATE_TOO_HIGH: (
        RATE_TOO_HIGH,
        "Its steps are too large to find a good place: the loss shoots up or jumps (the learning rate is too high).",
        {
            FINE_TUNE: "Train again with a learning rate of the thawed blocks that is three to ten times smaller.",
            "": "Train again with a learning rate that is three to ten times smaller.",
        },
    ),
    OVER_FITTING: (
        OVER_FITTING,
        "On the photos that it learns from it still gets better, on the validation photos worse: it learns by heart "
        "(over-fitting).",
        {
            FINE_TUNE: f"{MORE_PHOTOS}, fewer thawed blocks, or a smaller learning rate for them.",
            FROM_SCRATCH: f"{MORE_PHOTOS}; or leave the base model frozen, which needs fewer photos.",
            "": f"{MORE_PHOTOS}, more dropout or a simpler head.",
        },
    ),
    SLOW: (
        UNDER_FITTING,
        "It gets better, but slowly: many photos are still wrong, also of those that it learns from (under-fitting).",
        {"": "Give it more epochs, or train again with a larger learning rate."},
    ),
    STUCK: (
        UNDER_FITTING,
        "It gets no better, and many photos are still wrong, also of those that it learns from (under-fitting).",
        {
            FINE_TUNE: "Train again with more thawed blocks, or with a larger learning rate for them.",
            FROM_SCRATCH: "Train again from the base model's weights, or with another learning rate.",
            "": "Train again with a learning rate ten times as large; then try a larger head, or let blocks of the "
            "base model learn too (fine-tuning).",
        },
    ),
    CONVERGED: (
        CONVERGED,
        "Nothing was gained for some epochs: it has learned what these photos teach it (converged).",
        {
            FINE_TUNE: "More epochs would not help. More photos may.",
            FROM_SCRATCH: "More epochs would not help. More photos may.",
            "": "More epochs would not help. More photos may, or letting the base model learn too (fine-tuning).",
        },
    ),
}


def advice_on(epochs: list[Epoch], n_classes: int, monitor: str = VAL_LOSS) -> Hint | None:
    """What the curves, oldest epoch first, say so far; None while they say nothing or are too short to.

    Only the last phase counts, since with thawed blocks the losses begin anew. There are 2 classes or more.

    Args:
        monitor: What the best epoch is chosen by, as in `TrainConfig`: whether something was gained goes by that.
    """
    epochs = _last_phase(epochs)
    if not epochs:
        return None
    phase = epochs[-1].phase
    if not all(math.isfinite(loss) for loss in (epochs[-1].loss, epochs[-1].val_loss)):
        return _in_words(RATE_TOO_HIGH, phase)
    pace = SHORT if phase == FINE_TUNE else USUAL
    watch, settled, before, agreed = _Watch(n_classes, pace.window, monitor), NOTHING, NOTHING, 0
    for epoch in epochs:
        symptom = watch.see(epoch)
        agreed, before = (agreed + 1 if symptom == before else 1), symptom
        if agreed >= pace.hold:
            settled = symptom
    return _in_words(settled, phase) if settled else None


def last_word(epochs: list[Epoch], n_classes: int, monitor: str = VAL_LOSS) -> Hint | None:
    """As `advice_on`, of a training that has ended; also after few epochs, that it was still getting better then."""
    found, last = advice_on(epochs, n_classes, monitor), _last_phase(epochs)[-USUAL.window :]
    if found is None and last and _ended_better(last, n_classes, monitor):
        return Hint(
            UNDER_FITTING,
            "It ended while it was still getting better (under-fitting).",
            "Train again with more epochs, or with a larger learning rate.",
        )
    return found


def _ended_better(last: list[Epoch], n_classes: int, monitor: str) -> bool:
    """Whether the last of these epochs is the best of them, and clearly better than the first."""
    first, best = last[0], last[-1]
    scores = [score_of(monitor, epoch.val_loss, epoch.val_accuracy) for epoch in last]
    fell, rose = first.val_loss - best.val_loss, best.val_accuracy - first.val_accuracy
    return scores[-1] == min(scores) and _is_a_gain(fell, rose, n_classes, monitor)


def _is_a_gain(fell: float, rose: float, n_classes: int, monitor: str) -> bool:
    """Whether anybody would wait for so much less loss, or where it is monitored for so much more accuracy."""
    is_right_more_often = monitor == VAL_ACCURACY and rose > STILL_RISING * (1 - 1 / n_classes)
    return fell > STILL_FALLING * math.log(n_classes) or is_right_more_often


def after_run(report: Report, monitor: str = VAL_LOSS) -> list[Hint]:
    """What a finished run's curves and test say. That it learned too little explains why it ignores classes."""
    word, ignored = last_word(report.epochs, len(report.class_names), monitor), _ignored_classes(report)
    if word is not None and word.kind in (RATE_TOO_HIGH, UNDER_FITTING):
        return [word]
    return [each for each in (ignored, word) if each is not None]


def _ignored_classes(report: Report) -> Hint | None:
    rows = report.test.per_class.items()
    ignored = [name for name, row in rows if row.n >= MIN_IN_TEST and row.recall == 0]
    if not ignored:
        return None
    return Hint(
        CLASS_IGNORED,
        f"Not one photo of {' nor of '.join(ignored)} was recognised (a class is ignored).",
        "See what they were taken for. More photos of such a class help, and so does letting rare classes count more "
        "(class weights). If you too can hardly tell it from another, make the two one class.",
    )


def _last_phase(epochs: list[Epoch]) -> list[Epoch]:
    if epochs and epochs[-1].phase in TRIES:  # attempts side by side, no learning in time
        return []
    return [epoch for epoch in epochs if epoch.phase == epochs[-1].phase]


class _Watch:
    """Looks at one epoch after another."""

    def __init__(self, n_classes: int, window: int, monitor: str) -> None:
        self._n_classes = n_classes
        self._monitor = monitor
        self._guessing = math.log(n_classes)
        self._chance = 1 / n_classes
        self._window = window
        self._seen: list[Epoch] = []
        self._best = NO_EPOCH
        self._lowest: list[float] = [math.inf]  # the lowest validation loss so far, after each epoch
        self._highest: list[float] = [0.0]  # the highest validation accuracy
        self._wild = 0
        self._by_heart = False

    def see(self, epoch: Epoch) -> str:
        """What the curves look like now: one of the kinds, the most urgent, or NOTHING."""
        self._seen.append(epoch)
        self._best = min(self._best, epoch, key=lambda e: score_of(self._monitor, e.val_loss, e.val_accuracy))
        self._lowest.append(min(self._lowest[-1], epoch.val_loss))
        self._highest.append(max(self._highest[-1], epoch.val_accuracy))
        self._wild += epoch.loss > WILD * self._guessing
        if len(self._seen) < self._window:
            return NOTHING
        self._by_heart = self._learns_by_heart()
        if self._steps_are_too_large():
            return RATE_TOO_HIGH
        if self._by_heart:
            return OVER_FITTING
        if len(self._seen) < 2 * self._window:  # a slow start is nothing to speak of
            return NOTHING
        comes_on = self._comes_on()
        if self._is_low("accuracy") and self._is_low("val_accuracy"):
            if comes_on:
                return SLOW
            return RATE_TOO_HIGH if self._wild else STUCK  # one huge step can leave a network dead for good
        return NOTHING if comes_on else CONVERGED

    def _comes_on(self) -> bool:
        """Whether something was gained over the last window."""
        before = -1 - self._window
        fell, rose = self._lowest[before] - self._lowest[-1], self._highest[-1] - self._highest[before]
        return _is_a_gain(fell, rose, self._n_classes, self._monitor)

    def _mean(self, name: str) -> float:
        return fmean(getattr(epoch, name) for epoch in self._seen[-self._window :])

    def _is_low(self, name: str) -> bool:
        return (self._mean(name) - self._chance) / (1 - self._chance) < LOW

    def _steps_are_too_large(self) -> bool:
        """Whether the training loss keeps jumping up, or was so large that the weights have not found back since."""
        lately = [epoch.loss for epoch in self._seen[-2 * self._window :]]
        jumps = sum(after - before > JUMP * self._guessing for before, after in pairwise(lately))
        lost = self._wild > 1 and max(self._mean("loss"), self._mean("val_loss")) > WILD * self._guessing
        return jumps >= JUMPS or lost

    def _learns_by_heart(self) -> bool:
        """Whether the validation loss has risen since the best epoch while the training loss has not.

        Once it has, it counts until half of that rise is gone, so that the advice doesn't come and go.
        """
        rise = self._mean("val_loss") - self._best.val_loss
        enough = max(RISE * self._guessing, RISE_SHARE * self._best.val_loss)
        if self._by_heart:
            return rise > enough / 2
        falls = self._mean("loss") < self._best.loss + STILL_FALLING * self._guessing
        return rise > enough and falls and self._best not in self._seen[-self._window :]


def _in_words(symptom: str, phase: str) -> Hint:
    kind, sentence, do = WORDS[symptom]
    return Hint(kind, sentence, do.get(phase, do[""]))
