"""The model that is taken away, where it isn't the one that was tested: trained alike from more photos."""

import math
from dataclasses import dataclass
from typing import Any

from core.base.records import Record
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.base.words import counted


@dataclass(frozen=True)
class FinalModel(Record):
    """What a report says of it.

    Args:
        subsets: The parts that taught it, such as ["train", "validation"].
        photos: How many photos these are.
        steps: The optimizer's, as many as the tested model's; 0 of a head that is solved at once.
        temperature: What its scores are divided by.
        n_calibration: Photos that this was fitted on, which had not taught what answered them; 0 where it is none.
        seconds: That it took more.
    """

    subsets: list[str]
    photos: int
    steps: int
    temperature: float
    n_calibration: int
    seconds: float

    @classmethod
    def from_json(cls, value: Any) -> "FinalModel":
        """As it is written; ValueError also for what no training can have come to."""
        found = super().from_json(value)
        if not (0 < found.temperature < math.inf and {TRAIN} <= set(found.subsets) <= {TRAIN, VALIDATION, TEST}):
            raise ValueError("A temperature is a number above 0, and a part one of three.")
        return found

    @property
    def in_words(self) -> str:
        """How it was trained, after "was" or "was then"."""
        more = "the validation and test photos" if TEST in self.subsets else "the validation photos"
        return f"trained once more in the same way, with {more} as well ({counted(self.photos, 'photo')} in all)"
