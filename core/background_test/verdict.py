"""What the background test found, as `plate-test.json` keeps it, and says: does the answer depend on the background?

The middle of each photo is put onto the edge of a photo of another class. What the model then says goes by the middle
or by the edge, and the two are counted against each other. Hiding half of a photo is shown too, but decides nothing: a
picture with a blank half is like nothing that the model has seen, and it may call all of them the same (docs/log.md).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from core.base.records import Record
from core.base.words import counted, percent
from core.evaluation.metrics import mcnemar_exact, wilson_interval

SIGNIFICANT = 0.05
BACKGROUND, MIDDLE, BOTH, UNCLEAR = "background", "middle", "both", "unclear"
WORDS = {
    BACKGROUND: "**The answer depends on the background.** On the edge of another photo, most are taken for that one's "
    "class. On photos with other backgrounds this model will probably err more than the test says. Add photos of each "
    "class in front of many backgrounds, the same ones for all classes, and train again.",
    MIDDLE: "**The answer goes by the middle of the photos**, where the object usually is, more than by the "
    "background.",
    BOTH: "**Neither side wins.** Middle and edge have about as much say in the answer. That is as it should be where "
    "the object fills the photo. Where it doesn't, the background gives the class away as well as the object does, and "
    "photos with other backgrounds may be answered wrongly.",
    UNCLEAR: "**This can't be told**: also of the whole photos too few are answered right.",
}


@dataclass(frozen=True)
class SwappedPhoto(Record):
    """One photo, and what was answered to it in each form.

    Args:
        truth: Its class.
        whole: Answer to the whole photo.
        middle: To its middle alone.
        edge: To its edge alone.
        joined: To its middle on another photo's edge.
        other: Class of that photo.
        edge_of: SHA-256 of that photo.
    """

    sha256: str
    truth: str
    whole: str
    middle: str
    edge: str
    joined: str
    other: str
    edge_of: str


@dataclass(frozen=True, kw_only=True)
class BackgroundTest(Record):
    """All that was asked, a row for each photo that could be read."""

    schema: int = 1
    fill: list[float]  # the colour of what was hidden: RGB, 0..255
    rows: list[SwappedPhoto]


@dataclass(frozen=True)
class Verdict:
    """How many photos were answered how, and what follows.

    Args:
        kind: "background": the answer depends on it; "middle": it doesn't; "both": neither wins; "unclear".
        whole: So many right when all is seen.
        middle: With the middle alone.
        edge: With the edge alone.
        by_middle: On the edge of a photo of another class, so many keep their class.
        by_edge: So many get that other class.
        p_value: How often chance alone would set the last two at least so far apart.
    """

    kind: str
    n: int
    whole: int
    middle: int
    edge: int
    by_middle: int
    by_edge: int
    p_value: float


def judge(rows: Sequence[SwappedPhoto]) -> Verdict:
    """Apply the rule to one photo or more.

    A model that is no better on whole photos than the commonest class as the answer to all (lower end of Wilson's
    interval) tells nothing. Else the side wins by whose class more of the joined photos are called, if chance alone
    would do that less than once in twenty times (McNemar's exact test). Where the edge wins, the answer depends on the
    background.
    """
    n = len(rows)
    right = {seen: sum(getattr(row, seen) == row.truth for row in rows) for seen in ("whole", "middle", "edge")}
    by_middle = sum(row.joined == row.truth for row in rows)
    by_edge = sum(row.joined == row.other for row in rows)
    p_value = mcnemar_exact(by_middle, by_edge)
    chance = max(Counter(row.truth for row in rows).values()) / n
    if wilson_interval(right["whole"], n)[0] <= chance:
        kind = UNCLEAR
    elif p_value >= SIGNIFICANT:
        kind = BOTH
    else:
        kind = MIDDLE if by_middle > by_edge else BACKGROUND
    return Verdict(kind, n, **right, by_middle=by_middle, by_edge=by_edge, p_value=p_value)


def numbers_in_words(verdict: Verdict) -> str:
    """The counts in two sentences."""
    names = ("by_middle", "by_edge", "whole", "middle", "edge")
    told = {name: f"{getattr(verdict, name):,} ({percent(getattr(verdict, name) / verdict.n)})" for name in names}
    return (
        f"The middle of each of {counted(verdict.n, 'photo')} was put on the edge of a photo of another class: "
        f"{told['by_middle']} kept their class, and {told['by_edge']} were taken for the class of the edge. "
        f"Of the same photos {told['whole']} are answered right when whole, {told['middle']} with the edge hidden, and "
        f"{told['edge']} with the middle hidden."
    )
