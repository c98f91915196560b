"""Near-copies of training photos in the test part: only photos that were put there by hand can be that."""

from typing import Any

import numpy as np

from core.base.subsets import TEST
from core.base.words import counted, percent
from core.evaluation.metrics import wilson_interval
from core.photos.labelled_photo import LabelledPhoto, groups_of


def leak_report(photos: dict[str, list[LabelledPhoto]], right: np.ndarray) -> dict[str, Any] | None:
    """How many test photos have a near-copy in another part, and the score without them.

    Args:
        photos: By part.
        right: bool (test photos,), whether each was answered rightly.

    Returns:
        JSON values: leaked (photos), and of the others n, accuracy and accuracy_interval, the last two None where no
        other is left; None when there is no leak.
    """
    seen = {group for part, own in photos.items() if part != TEST for group in groups_of(own)}
    fresh = np.array([group not in seen for group in groups_of(photos[TEST])], bool)
    if fresh.all():
        return None
    n, n_right = int(fresh.sum()), int(right[fresh].sum())
    return {
        "leaked": int((~fresh).sum()),
        "n": n,
        "accuracy": n_right / n if n else None,
        "accuracy_interval": list(wilson_interval(n_right, n)) if n else None,
    }


def leak_in_words(report: dict[str, Any]) -> str:
    """What the test is worth without near-copies; "" when there are none."""
    leak = report.get("near_copies_across")
    if leak is None:
        return ""
    photos = f"{counted(leak['leaked'], 'test photo')} {'has' if leak['leaked'] == 1 else 'have'}"
    said = f"{photos} a near-copy among the photos that taught or steered the model."
    if not leak["n"]:
        return f"{said} No other is left, so this test says nothing about new photos."
    low, high = leak["accuracy_interval"]
    right = round(leak["accuracy"] * leak["n"])
    return (
        f"{said} Without them {right:,} of {leak['n']:,} are right ({percent(leak['accuracy'])}, likely between "
        f"{100 * low:.0f} and {100 * high:.0f} %)."
    )
