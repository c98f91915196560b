"""The epochs of a training: each is an event in `events.jsonl`, and stands in the report once it has ended."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core.base.events import EPOCH, Event
from core.base.records import Record, key


@dataclass(frozen=True)
class Epoch(Record):
    """One pass over the training photos, or one try of a linear SVM.

    Args:
        number: Counted from 1 through all phases.
        phase: What learned: "head", "fine-tune", "from-scratch" or "svm"; "" in runs from before there were phases.
        loss: On the training photos, as are the others without `val_`; those stand for the validation photos.
        accuracy: Share of right answers, 0..1.
        seconds: How long it took.
    """

    number: int = field(metadata=key("epoch"))
    phase: str
    loss: float
    accuracy: float
    val_loss: float
    val_accuracy: float
    seconds: float

    @classmethod
    def from_json(cls, value: Any) -> "Epoch":
        """An epoch as it is written today, or from before there were phases."""
        return super().from_json({"phase": "", **value} if isinstance(value, dict) else value)


def epochs_of(events: Iterable[Event]) -> list[Epoch]:
    """The epochs among a job's events, oldest first."""
    return [Epoch.from_json(event) for event in events if event["event"] == EPOCH]


def best_epoch(epochs: list[Epoch]) -> int:
    """The number of the epoch whose weights are kept: the lowest validation loss, the first of equals.

    Args:
        epochs: At least one.
    """
    return min(epochs, key=lambda epoch: epoch.val_loss).number
