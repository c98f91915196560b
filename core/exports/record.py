"""What is known of an export once it was checked, as `export.json` and `export --json` have it."""

from dataclasses import dataclass
from typing import Any

from core.base.records import JsonObject, Record


@dataclass(frozen=True)
class Difference(Record):
    """Photos with the same answer, and the largest difference of a probability."""

    same: int
    largest_difference: float


@dataclass(frozen=True)
class RightAnswers(Record):
    """Of the run's n test photos, how many the app and how many the export answers rightly."""

    n: int
    here: int
    exported: int


@dataclass(frozen=True)
class Comparison(Record):
    """How an exported model answers beside the app.

    Args:
        precision: Of the export's weights.
        drawn: Whether both were asked about drawn pictures, as no photo was there.
        engine: The precision that the app computes in here.
        photos: How many they were asked about.
        same: On how many of them the answers are the same.
        largest_difference: Of a probability.
        exact: The same two, compared with the app's model computed in 32 bits.
        test: On the run's test photos.
        passed: Whether it may be given out.
    """

    precision: str
    drawn: bool
    engine: str
    photos: int
    same: int
    largest_difference: float
    exact: Difference
    test: RightAnswers
    passed: bool


@dataclass(frozen=True, kw_only=True)
class ExportResult(Record):
    """What came of an export.

    Args:
        format: Its kind.
        comparison: Of a model, the fields of which stand beside the others; None of a recipe.
        words: What to tell the user.
        bytes: Size of the zip.
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
