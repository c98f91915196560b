"""Near-copies of training photos among the test photos: only photos that were put there by hand can be that."""

from dataclasses import dataclass

import numpy as np

from core.base.records import Record
from core.base.subsets import TEST
from core.base.words import counted, percent
from core.evaluation.metrics import likely_between, wilson_interval
from core.photos.labelled_photo import LabelledPhoto, groups_of


@dataclass(frozen=True)
class NearCopiesAcross(Record):
    """Test photos that have a near-copy in another subset, and the score without them.

    Args:
        leaked: How many have one.
        n: How many have none.
        accuracy: Of those that have none, 0..1; None where no photo is left.
        accuracy_interval: Its 95 % interval by Wilson's score; None where no photo is left.
    """

    leaked: int
    n: int
    accuracy: float | None
    accuracy_interval: tuple[float, float] | None


def near_copies_across(photos: dict[str, list[LabelledPhoto]], right: np.ndarray) -> NearCopiesAcross | None:
    """How many test photos have a near-copy in another subset; None when none has.

    Args:
        right: bool (test photos,), whether each was answered rightly.
    """
    seen = {group for subset, own in photos.items() if subset != TEST for group in groups_of(own)}
    fresh = np.array([group not in seen for group in groups_of(photos[TEST])], bool)
    if fresh.all():
        return None
    n, n_right = int(fresh.sum()), int(right[fresh].sum())
    accuracy, interval = (n_right / n, wilson_interval(n_right, n)) if n else (None, None)
    return NearCopiesAcross(int((~fresh).sum()), n, accuracy, interval)


def leak_in_words(leak: NearCopiesAcross | None) -> str:
    """What the test is worth without near-copies; "" when there are none."""
    if leak is None:
        return ""
    photos = f"{counted(leak.leaked, 'test photo')} {'has' if leak.leaked == 1 else 'have'}"
    words = f"{photos} a near-copy among the photos that taught or steered the model."
    if leak.accuracy is None or leak.accuracy_interval is None:
        return f"{words} No other is left, so this test says nothing about new photos."
    return (
        f"{words} Without them {round(leak.accuracy * leak.n):,} of {leak.n:,} are right ({percent(leak.accuracy)}, "
        f"{likely_between(leak.accuracy_interval)})."
    )
