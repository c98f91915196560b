"""Answering only when sure enough: what that costs, what it saves, and which mistakes must not happen.

Every function takes the table of `read_answers`; a threshold is the least sureness, 0..1, at which an answer is given.
"""

import json
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.base.files import value_of
from core.base.words import counted, percent
from core.evaluation.metrics import wilson_interval
from core.projects.project import Project

# Of the costly mistakes: how many may remain
SHARES = {0.0: "none of them", 0.05: "at most 5 %", 0.1: "at most 10 %", 0.25: "at most 25 %"}

Costly = tuple[str, str]  # true class, and what it must not be taken for
COSTLY = "costly"  # the project's setting: JSON, a list of such pairs


@dataclass(frozen=True)
class Share:
    """A counted share with its doubt: `n` among `of`."""

    n: int
    of: int

    @property
    def value(self) -> float:
        """0..1; 0.0 of nothing."""
        return self.n / self.of if self.of else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Its 95 % interval by Wilson's score."""
        return wilson_interval(self.n, self.of)


def answered_and_right(answers: pd.DataFrame, threshold: float) -> tuple[Share, Share]:
    """How often it answers with this threshold, of all photos; and how often it is right then, of those answered."""
    given = answers["sure"].to_numpy() >= threshold
    n = int(given.sum())
    return Share(n, len(answers)), Share(int(answers["right"].to_numpy()[given].sum()), n)


def threshold_curve(answers: pd.DataFrame, thresholds: np.ndarray) -> pd.DataFrame:
    """`answered_and_right` of at least one answer at many thresholds, float (n,), ascending.

    Returns:
        Columns threshold, answered (share of all), right, low, high (share of those answered and its 95 % interval,
        NaN where nothing is answered).
    """
    rows = []
    for threshold in thresholds:
        answered, right = answered_and_right(answers, float(threshold))
        low, high = right.interval if answered.n else (math.nan, math.nan)
        rows.append((threshold, answered.value, right.value if answered.n else math.nan, low, high))
    return pd.DataFrame(rows, columns=["threshold", "answered", "right", "low", "high"])


def costly_pairs(project: Project) -> list[Costly]:
    """The confusions that the user marked as costly, in the order of marking."""
    try:
        return [(str(truth), str(answer)) for truth, answer in value_of(project.setting(COSTLY, "[]"))]
    except (ValueError, TypeError):  # written by another version
        return []


def keep_costly_pairs(project: Project, pairs: list[Costly]) -> None:
    """Keep them with the project; each once."""
    project.keep_setting(COSTLY, json.dumps(list(dict.fromkeys(pairs))))


def costly_mistakes(answers: pd.DataFrame, pairs: list[Costly]) -> pd.DataFrame:
    """The photos whose answer is one of the costly mistakes."""
    index = pd.MultiIndex.from_arrays([answers["truth"].astype(str), answers["answer"].astype(str)])
    return answers[index.isin(pairs) & ~answers["right"].to_numpy()]


def threshold_for(answers: pd.DataFrame, pairs: list[Costly], share: float) -> float:
    """The lowest threshold at which at most this share of the costly mistakes is still made.

    Args:
        answers: Of the validation photos; no threshold may be chosen on the test photos.
        share: 0..1 of those made without a threshold; 0.0 lets none pass.

    Returns:
        0.0 when there is nothing to avoid; just above 1 when a mistake was made with all sureness there is.
    """
    sure = np.sort(costly_mistakes(answers, pairs)["sure"].to_numpy())[::-1]
    may_remain = math.floor(share * len(sure))
    if may_remain >= len(sure):
        return 0.0
    return float(np.nextafter(sure[may_remain], np.float32(2)))


def remaining(answers: pd.DataFrame, pairs: list[Costly], threshold: float) -> Share:
    """The costly mistakes still made with a threshold, among the photos with which they can be made."""
    at_risk = answers["truth"].isin({truth for truth, _ in pairs})
    made = costly_mistakes(answers, pairs)["sure"].to_numpy() >= threshold
    return Share(int(made.sum()), int(at_risk.sum()))


def answering_in_words(answers: pd.DataFrame, threshold: float) -> str:
    """How often it answers with this threshold, and how often it is right then."""
    answered, right = answered_and_right(answers, threshold)
    if not answered.n:
        return "So sure it never is: it would not answer at all."
    return (
        f"It answers on **{percent(answered.value)}** of the photos ({answered.n:,} of {answered.of:,}) and is "
        f"right on **{percent(right.value)}** of these; {_likely(right)}. "
        f"On {answered.of - answered.n:,} it says “not sure”."
    )


def threshold_in_words(validation: pd.DataFrame, pairs: list[Costly], share: float, least: float) -> str:
    """The threshold that was chosen, and what it leaves of the costly mistakes on the validation photos.

    Args:
        share: Of the costly mistakes, how many may remain; one of SHARES.
        least: Of `threshold_for`.
    """
    before, after = (remaining(validation, pairs, threshold) for threshold in (0.0, least))
    if before.n == 0:
        return (
            f"Among {counted(before.of, 'validation photo')} with which it could happen, none was taken so: "
            f"no threshold is needed. {_doubt(before)}"
        )
    if after.n == before.n:
        return (
            f"Of {counted(before.n, 'costly mistake')} on the validation photos none has to go for this: "
            "no threshold is needed. Choose a smaller share above."
        )
    if least > 1:
        return "One of the costly mistakes is made with all sureness there is: no threshold avoids it."
    return (
        f"Answer only when at least **{100 * least:.1f} %** sure: on the validation photos that leaves {after.n:,} of "
        f"{counted(before.n, 'costly mistake')} ({SHARES[share]} may remain)."
    )


def threshold_outcome_in_words(test: pd.DataFrame, pairs: list[Costly], least: float) -> str:
    """What the threshold does on the test photos, with its doubt; arguments as for `threshold_in_words`."""
    answered, right = answered_and_right(test, least)
    before, after = (remaining(test, pairs, threshold) for threshold in (0.0, least))
    silent = Share(answered.of - answered.n, answered.of)
    return (
        f"On the {counted(silent.of, 'test photo')} it then says “not sure” on **{percent(silent.value)}** "
        f"({silent.n:,}), {_likely(silent)}, and is right on {percent(right.value)} of the others. "
        f"**{counted(after.n, 'costly mistake')}** of {before.n:,} remain. {_doubt(after)}"
    )


def _likely(share: Share) -> str:
    low, high = share.interval
    return f"likely {100 * low:.0f} to {100 * high:.0f} %"


def _doubt(share: Share) -> str:
    """How often it may happen all the same, which few photos can't rule out."""
    if not share.of:
        return "No photo was judged with which it could happen, so nothing is known of it."
    return (
        f"Only {counted(share.of, 'photo')} could show it: in truth it may happen on up to "
        f"{percent(share.interval[1])} of such photos."
    )
