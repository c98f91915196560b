"""What it means to answer only when sure enough, in sentences of Markdown."""

import pandas as pd

from core.base.words import counted, percent
from core.evaluation.thresholds import Costly, Share, answered_and_right, remaining

# Of the costly mistakes: how many may remain
SHARES = {0.0: "none of them", 0.05: "at most 5 %", 0.1: "at most 10 %", 0.25: "at most 25 %"}


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
        validation: Of `read_answers`.
        pairs: The costly mistakes.
        share: Of them, how many may remain; one of SHARES.
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
