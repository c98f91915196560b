"""Where classes are rare, the share that is right says little: who always says "sound" is right on 99 of 100 parts."""

from core.base.words import percent
from core.evaluation.metrics import Metrics, averages, worst_class

UNEVEN = 3  # times as many photos of one class as of another: then the large ones alone make the accuracy
APART = 0.05  # between accuracy and balanced accuracy: more than rounding
NAMED = 3  # classes without a photo, before it only says how many more


def is_uneven(test: Metrics) -> bool:
    """Whether the accuracy alone would hide a class: photos are uneven, or a class is found far less or never."""
    judged = [row for row in test.per_class.values() if row.n]
    if len(judged) < 2:
        return False
    counts = [row.n for row in judged]
    rare = max(counts) >= UNEVEN * min(counts)
    return rare or min(row.recall for row in judged) == 0 or test.accuracy - balanced_accuracy(test) >= APART


def balanced_accuracy(test: Metrics) -> float:
    """Mean of the recalls of the classes that have photos, 0..1, also of metrics from before it was written."""
    return averages(test.per_class)["macro"]["recall"]


def beside_accuracy(test: Metrics) -> str:
    """What belongs into the sentence with the accuracy, as its end without a full stop; "" where that says it all.

    Such as "with each class counted alike 50 % (balanced accuracy), and of crack 0 of 6 were found".
    """
    parts = [_by_class(test)] if is_uneven(test) else []
    unjudged = [name for name, row in test.per_class.items() if row.n == 0]
    if unjudged:
        more = f" and {len(unjudged) - NAMED:,} more" if len(unjudged) > NAMED else ""
        parts.append(f"no photo of {', '.join(unjudged[:NAMED])}{more} was judged")
    return "; ".join(parts)


def _by_class(test: Metrics) -> str:
    worst = worst_class(test.per_class)
    row = test.per_class[worst]
    found = f"{round(row.recall * row.n):,} of {row.n:,} {'was' if row.n == 1 else 'were'} found"
    return (
        f"with each class counted alike {percent(balanced_accuracy(test))} (balanced accuracy), and of {worst} {found}"
    )


def right_in_words(test: Metrics, photos: str) -> str:
    """How many are right, in one sentence with all that belongs to it; `photos` as "606 photos" counts them."""
    beside = beside_accuracy(test)
    ending = f"; {beside}." if beside else "."
    return f"{test.n_right:,} of {photos} right ({percent(test.accuracy)}, {test.likely}){ending}"
