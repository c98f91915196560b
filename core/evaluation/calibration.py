"""Is what it calls 90 % sure right nine times out of ten? How far off it is, and one number that corrects it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from core.base.records import Record
from core.base.words import counted, percent
from core.evaluation.final_model import FinalModel
from core.evaluation.metrics import log_loss, wilson_interval

BINS = 15  # as in the paper, so that the numbers compare
LOWEST, HIGHEST = 0.1, 10.0  # temperatures: beyond them a photo is answered with 0 % and 100 %, or with all alike
# Of ln(temperature) around 0, before any photo was seen: 95 % of models lie between 0.67 and 1.5. Hundreds of
# validation photos of a good model hold one or two mistakes; without this, these few would decide (docs/log.md).
SPREAD = 0.2
GOLDEN = (math.sqrt(5) - 1) / 2
STEPS = 24  # of golden section: ln(100) * 0.618 ** 24 is 0.00005, far below what the photos can tell


@dataclass(frozen=True)
class Calibration(Record):
    """A temperature that was fitted, and what it does.

    Args:
        temperature: LOWEST..HIGHEST.
        ece_before: Expected calibration error on the test photos without it, 0..1.
        ece_after: The same with it.
        n_validation: Photos that it was fitted on.
    """

    temperature: float
    ece_before: float
    ece_after: float
    n_validation: int

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """As it is written; ValueError also for a temperature by which nothing can be divided."""
        found = super().from_json(value)
        if not 0 < found.temperature < math.inf:
            raise ValueError("A temperature is a number above 0.")
        return found


def with_temperature(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """The same answers with other probabilities: softmax(ln(p) / temperature), of which the largest stays the largest.

    Args:
        probabilities: float (n, n_classes), rows summing to 1.
        temperature: Above 0; above 1 the answers become less sure, below 1 surer.

    Returns:
        float64 (n, n_classes), rows summing to 1.
    """
    given = np.maximum(probabilities.astype(np.float64), np.finfo(np.float32).tiny)
    scores = np.log(given) / temperature
    powers = np.exp(scores - scores.max(1, keepdims=True))
    return powers / powers.sum(1, keepdims=True)


def temperature_of(calibration: Calibration | None) -> float:
    """The temperature of a report's `calibration`; 1, which changes nothing, where there is none."""
    return calibration.temperature if calibration else 1.0


def fit_temperature(probabilities: np.ndarray, truth: np.ndarray) -> float | None:
    """The temperature with the lowest log loss on photos that the model did not learn from.

    C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, "On Calibration of Modern Neural Networks", ICML 2017, section 4.2,
    with a normal prior on ln(temperature), so that few photos move it little. The loss is convex in 1 / temperature and
    has one valley, of which golden section finds the lowest point.

    Args:
        probabilities: float (n, n_classes), of the validation photos.
        truth: int (n,), class ids.

    Returns:
        LOWEST..HIGHEST; None when there is no mistake among the photos: nothing then says what is too sure.
    """
    if (probabilities.argmax(1) == truth).all():
        return None

    def loss(ln_temperature: float) -> float:
        likelihood = len(truth) * log_loss(truth, with_temperature(probabilities, math.exp(ln_temperature)))
        return likelihood + (ln_temperature / SPREAD) ** 2 / 2

    return math.exp(_lowest_between(math.log(LOWEST), math.log(HIGHEST), loss))


def _lowest_between(low: float, high: float, loss: Callable[[float], float]) -> float:
    """Where a function with one valley is lowest, by golden section (J. Kiefer, 1953)."""
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = loss(left), loss(right)
    for _ in range(STEPS):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = loss(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = loss(right)
    return (low + high) / 2


def reliability(sure: np.ndarray, right: np.ndarray) -> pd.DataFrame:
    """How often the answers of each sureness are right, in 15 equal bins; those without a photo are left out.

    Args:
        sure: float (n,), the probability of each answer, 0..1.
        right: bool (n,).

    Returns:
        A row a bin, in order: n, sure (mean), right (share), low and high (the share's 95 % interval).
    """
    # Guo et al. put a probability of exactly 2/15 into the second bin, not the third: (1/15, 2/15].
    bins = np.clip(np.ceil(np.asarray(sure, np.float64) * BINS).astype(int) - 1, 0, BINS - 1)
    table = pd.DataFrame({"bin": bins, "sure": sure, "right": right}).groupby("bin")
    found = table.agg(n=("right", "size"), sure=("sure", "mean"), right=("right", "mean")).reset_index(drop=True)
    intervals = [wilson_interval(round(row.right * row.n), row.n) for row in found.itertuples()]
    return found.assign(low=[low for low, _ in intervals], high=[high for _, high in intervals])


def calibration_error(bins: pd.DataFrame) -> float:
    """The expected calibration error of the bins of `reliability`, 0..1: how far sure and right are apart on average.

    There is at least one bin.
    """
    return float((bins["n"] * (bins["right"] - bins["sure"]).abs()).sum() / bins["n"].sum())


def fit_calibration(
    validation: tuple[np.ndarray, np.ndarray], test: tuple[np.ndarray, np.ndarray]
) -> Calibration | None:
    """A temperature: fitted on the validation photos, and what it does on the test photos.

    Args:
        validation: Probabilities, float (n, n_classes), and true classes, int (n,).
        test: The same of the test photos, on which it is only evaluated.

    Returns:
        None without a mistake to fit on.
    """
    temperature = fit_temperature(*validation)
    if temperature is None:
        return None
    probabilities, truth = test
    right = probabilities.argmax(1) == truth
    before, after = (
        calibration_error(reliability(each.max(1), right))
        for each in (probabilities, with_temperature(probabilities, temperature))
    )
    return Calibration(temperature, before, after, len(validation[1]))


def calibration_in_words(answers: pd.DataFrame, bins: pd.DataFrame) -> str:
    """How sure it is on average, how often right, and where the two are furthest apart, with doubt.

    Args:
        answers: Of `read_answers`, those that were evaluated; at least one.
        bins: Of `reliability`.
    """
    n, sure = len(answers), float(answers["sure"].mean())
    right = int(answers["right"].sum())
    low, high = wilson_interval(right, n)
    verdict = "too sure of itself" if sure > high else "more careful than it need be" if sure < low else ""
    overall = f"On average it is {percent(sure)} sure and {percent(right / n)} right"
    overall += f": {verdict}." if verdict else f", which agrees, as far as {counted(n, 'photo')} can tell."
    worst = bins.loc[(bins["n"] * (bins["right"] - bins["sure"]).abs()).idxmax()]
    return (
        f"{overall} When it says about {percent(worst['sure'])}, it is right **{percent(worst['right'])}** of the time "
        f"({counted(int(worst['n']), 'photo')}; likely {100 * worst['low']:.0f} to {100 * worst['high']:.0f} %). "
        f"Its sureness is off by {100 * calibration_error(bins):.1f} points on average (expected calibration error)."
    )


def temperature_in_words(calibration: Calibration, final: FinalModel | None = None) -> str:
    """What the temperature does to the probabilities, and whether it was a gain.

    Args:
        final: The model that is taken away, where it isn't the one that this is of.
    """
    where = ", here and wherever it answers," if final is None or final.temperature == calibration.temperature else ""
    before, after = calibration.ece_before, calibration.ece_after
    what = "less sure" if calibration.temperature > 1 else "surer"
    gain = "" if after < before else " Here that is no gain, which validation photos could not tell."
    return (
        f"All its probabilities{where} were made {what} by one number (temperature "
        f"{calibration.temperature:.2f}), fitted on {counted(calibration.n_validation, 'validation photo')}. As the "
        f"network gave them, they would be off by {100 * before:.1f} instead of {100 * after:.1f} points on the test "
        f"photos. The answers stay the same.{gain}"
    )


def final_temperature_in_words(final: FinalModel | None, tested: float) -> str:
    """That the model that is taken away has another temperature than the tested one; "" where it hasn't."""
    if final is None or final.temperature == tested:
        return ""
    if not final.n_calibration:
        return "The model that you take away has no temperature: there was no mistake to find one by."
    return (
        f"The model that you take away has a temperature of its own, {final.temperature:.2f}, fitted on "
        f"{counted(final.n_calibration, 'photo')}, each judged by a model that had not seen it."
    )
