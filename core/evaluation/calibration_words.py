"""How far what a model calls sure can be trusted, in sentences of Markdown."""

import pandas as pd

from core.base.words import counted, percent
from core.evaluation.calibration import Calibration, calibration_error
from core.evaluation.metrics import wilson_interval


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


def temperature_in_words(calibration: Calibration) -> str:
    """What the temperature does to the probabilities, and whether it was a gain."""
    before, after = calibration.ece_before, calibration.ece_after
    what = "less sure" if calibration.temperature > 1 else "surer"
    lead = f"All its probabilities, here and wherever it answers, were made {what} by one number (temperature "
    lead += f"{calibration.temperature:.2f}), fitted on {counted(calibration.n_validation, 'validation photo')}. "
    lead += f"As the network gave them, they would be off by {100 * before:.1f} instead of {100 * after:.1f} points on "
    lead += "the test photos. The answers stay the same."
    return lead if after < before else f"{lead} Here that is no gain, which validation photos could not tell."
