"""Does an exported model answer as the app does? What was found, as `export.json` has it, the rule, and the words."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from core.base.records import LEFT_OUT, JsonObject, Record
from core.base.words import counted, percent
from core.exports.formats import ExportFormat

SAME_NEEDED = 0.99  # of the photos
NEAR_TIE = 0.02  # of probability: two classes this close may change places
MOST_LOST = 0.02  # of the test photos, that rounding to 8 bits may turn from right to wrong


@dataclass(frozen=True)
class Difference(Record):
    """Photos with the same answer, and the largest difference of a probability."""

    same: int
    largest_difference: float


@dataclass(frozen=True)
class RightAnswers(Record):
    """Of the run's n test photos, how many the app and how many the export answers rightly.

    `learned_from` says whether these taught the model: then they tell what rounding costs, and not how good it is.
    """

    n: int
    here: int
    exported: int
    learned_from: bool = field(default=False, metadata=LEFT_OUT)


@dataclass(frozen=True, kw_only=True)
class Comparison(Difference):
    """How an exported model answers beside the app; its own `same` and `largest_difference` are to what the app says.

    Args:
        precision: Of the export's weights.
        drawn: Whether both were asked about drawn pictures, as no photo was there.
        photos: How many they were asked about.
        passed: Whether it may be given out.
    """

    precision: str
    drawn: bool
    photos: int
    test: RightAnswers
    passed: bool


@dataclass(frozen=True, kw_only=True)
class ExportResult(Record):
    """What came of an export, `words` for the user and the zip's size in bytes.

    The comparison is None of a recipe; of a model its fields stand beside the others in JSON.
    """

    schema: int = 1
    format: str
    comparison: Comparison | None = None
    words: str
    bytes: int

    @classmethod
    def from_json(cls, value: Any) -> "ExportResult":
        """As `to_json` gave it; ValueError for anything else."""
        compared = isinstance(value, dict) and "photos" in value
        return super().from_json({**value, "comparison": value} if compared else value)

    def to_json(self) -> JsonObject:
        """JSON values."""
        value = super().to_json()
        comparison = value.pop("comparison") or {}
        return {**value, **comparison}


@dataclass(frozen=True)
class Answers:
    """What was answered about the same photos.

    Args:
        here: By the app: float (n, classes), rows summing to 1.
        export: By the exported model, in a process of its own.
        truth: int (n,), class indices of the photos that judge the run, -1 of all others.
        learned_from: As of `RightAnswers`.
    """

    here: np.ndarray
    export: np.ndarray
    truth: np.ndarray
    learned_from: bool = False


def verdict(export_format: ExportFormat, answers: Answers, drawn: bool) -> Comparison:
    """What the comparison found; `drawn` as in `Comparison`.

    An export passes when it answers as the app does, a calibrated one when it gets about as many test photos right.
    """
    counts = answers.truth >= 0
    test = RightAnswers(
        n=int(counts.sum()),
        here=int((answers.here.argmax(1) == answers.truth)[counts].sum()),
        exported=int((answers.export.argmax(1) == answers.truth)[counts].sum()),
        learned_from=answers.learned_from,
    )
    found = _difference(answers.here, answers.export)
    if export_format.calibrated:
        passed = test.n > 0 and test.here - test.exported <= max(1, MOST_LOST * test.n)
    else:
        alike = _same_but_for_ties(answers.here, answers.export, NEAR_TIE) >= SAME_NEEDED
        passed = alike and found.largest_difference <= export_format.most_different
    return Comparison(
        precision=export_format.precision,
        drawn=drawn,
        photos=len(answers.export),
        **vars(found),
        test=test,
        passed=bool(passed),
    )


def _difference(ours: np.ndarray, theirs: np.ndarray) -> Difference:
    same = int((ours.argmax(1) == theirs.argmax(1)).sum())
    return Difference(same, float(np.nan_to_num(np.abs(ours - theirs), nan=1.0).max()))


def _same_but_for_ties(ours: np.ndarray, theirs: np.ndarray, tie: float) -> float:
    return float((theirs[np.arange(len(theirs)), ours.argmax(1)] >= theirs.max(1) - tie).mean())


def in_words(export_format: ExportFormat, found: Comparison, here: str = "here") -> str:
    """One sentence or two on what was found; `here` is what the app is called where this is read."""
    what = "drawn picture" if found.drawn else "photo"
    n, test = found.photos, found.test
    same = (
        f"the same as {here} on {found.same:,} of {counted(n, what)}, "
        f"largest difference {_small(found.largest_difference)}"
    )
    if export_format.calibrated:
        share = percent(test.exported / test.n) if test.n else "none"
        accuracy = (
            f"it got {test.exported:,} of {counted(test.n, 'photo' if test.learned_from else 'test photo')} right "
            f"({share}){', which had taught it' if test.learned_from else ''}; {here} it gets {test.here:,} right."
        )
        if not found.passed:
            return f"Rounded to 8 bits this model is not fit to be taken away: {accuracy} Take 16 bits instead."
        return f"It answers {same}. Rounded to 8 bits, {accuracy}"
    if not found.passed:
        return f"The exported model answers too differently: {same}. So it is not kept. Another format may do."
    drawn = " The photos themselves are no longer where they were." if found.drawn else ""
    return f"It answers {same}.{drawn}"


def _small(difference: float) -> str:
    return f"{difference:.3f}" if difference >= 0.001 else "below 0.001"
