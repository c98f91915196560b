"""Photos that judge a model but were learned from: how many there are, and the score without them."""

from dataclasses import dataclass

import numpy as np

from core.base.records import Record
from core.base.words import counted
from core.evaluation.metrics import Metrics, classification_metrics
from core.evaluation.rare_classes import right_in_words


@dataclass(frozen=True)
class LearnedFrom(Record):
    """How many of the photos that judge taught or steered the model, and what it got right on the others.

    Args:
        equal: Files that it learned from as they are.
        near_copies: Others that show nearly the same as one it learned from.
        not_compared: Photos it learned from of which isn't known how they look: near-copies of them aren't found.
        without: What is right of the photos that are neither; None where there are no others.
    """

    equal: int
    near_copies: int
    not_compared: int
    without: Metrics | None

    @property
    def n(self) -> int:
        """How many were learned from in all."""
        return self.equal + self.near_copies


def learned_from(
    alike: tuple[np.ndarray, np.ndarray], not_compared: int, judged: tuple[np.ndarray, np.ndarray], names: list[str]
) -> LearnedFrom:
    """Count them, and judge on the others.

    Args:
        alike: Twice bool (n,): whether a photo is a file that was learned from, and whether a near-copy of one.
        not_compared: As in `LearnedFrom`.
        judged: Their true classes, int (n,), and the probabilities answered, float (n, len(names)).
        names: Of the model's classes, in the order of its outputs.
    """
    equal, near = alike
    fresh = ~(equal | near)
    truth, probabilities = judged
    without = classification_metrics(truth[fresh], probabilities[fresh], names) if fresh.any() else None
    return LearnedFrom(int(equal.sum()), int((near & ~equal).sum()), not_compared, without)


def judged_in_words(test: Metrics, learned: LearnedFrom | None, noun: str) -> list[str]:
    """Sentences on how many are right, that on photos the model had not seen first; `noun` is "test photo", say."""
    everything = right_in_words(test, counted(test.n, noun))
    if learned is None or learned.n == 0:
        return [everything]
    return [known_in_words(test, learned, noun), f"With them {everything}"]


def known_in_words(test: Metrics, learned: LearnedFrom, noun: str) -> str:
    """How many of the photos taught or steered the model, and the score without them."""
    kinds = [
        f"{learned.equal:,} as the same file" if learned.equal else "",
        f"{learned.near_copies:,} as a near-copy" if learned.near_copies else "",
    ]
    was = "was" if learned.n == 1 else "were"
    counts = f"{learned.n:,} of {counted(test.n, noun)} {was} learned from ({', '.join(filter(None, kinds))})."
    if learned.without is None:
        return f"{counts} No other is left, so this says nothing about new photos."
    return f"{counts} Without them {right_in_words(learned.without, f'{learned.without.n:,}')}"


def not_compared_in_words(learned: LearnedFrom | None) -> str:
    """What could not be looked for; "" where all was."""
    if learned is None:
        return "Which photos it learned from is not known any more, so whether these are among them can't be told."
    if not learned.not_compared:
        return ""
    photos = counted(learned.not_compared, "photo")
    return f"{photos} that it learned from can't be found any more: of these only equal files were recognised."
