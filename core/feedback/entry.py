"""What the user said of one answer, and how a line of `said.jsonl` keeps it."""

import hashlib
import re
import time
from dataclasses import asdict, dataclass

from core.base.events import Event
from core.base.records import DAMAGE
from core.photos.decoding import SUFFIXES
from core.photos.near_copies import HASH_BYTES

CONTENT = re.compile("[0-9a-f]{64}")
LONGEST_NAME = 255  # characters
ON_DISK = {"label": "said", "in_distribution_score": "typicality"}  # fields that have another name in the file


@dataclass(frozen=True)
class ModelAnswer:
    """What a model answered for a photo.

    Args:
        run: The name of its run.
        probabilities: By class, 0..1.
        in_distribution_score: As in `core.runs.predictor.Prediction`, or None.
        known: Whether it looks like what the model knows; None where that can't be told.
    """

    run: str
    probabilities: dict[str, float]
    in_distribution_score: float | None = None
    known: bool | None = None


@dataclass(frozen=True)
class FeedbackEntry:
    """What the user said of one photo.

    Args:
        name: What the file was called.
        suffix: Of the original as it is kept here, such as ".jpg", or "".
        bytes: Of the original.
        phash: As in `Appearance`, in hex; "" where the project held the photo already, and nothing is kept here.
        taken: As in `Appearance`.
        label: The class that the user gave it, or "" when it was only kept for later.
        answer: The most probable class.
        second: The next one, "" when there is only one class.
        probability: Of the answer, 0..1.
        margin: How much more probable the answer is than the second, 0..1.
        time: When it was said, Unix seconds; the rest is as in `ModelAnswer`.
    """

    sha256: str
    name: str
    suffix: str
    bytes: int
    phash: str
    taken: float | None
    label: str
    answer: str
    second: str
    probability: float
    margin: float
    in_distribution_score: float | None
    known: bool | None
    run: str
    time: float

    @classmethod
    def of(cls, name: str, data: bytes, answer: ModelAnswer, label: str) -> "FeedbackEntry":
        """A new entry, of a photo that is not kept here yet."""
        most_probable = sorted(answer.probabilities.items(), key=lambda each: -each[1])
        (first, probability), (second, next_probability) = (*most_probable, ("", 0.0))[:2]
        return cls(
            sha256=hashlib.sha256(data).hexdigest(),
            name=name[-LONGEST_NAME:],
            suffix="",
            bytes=len(data),
            phash="",
            taken=None,
            label=label,
            answer=first,
            second=second,
            probability=probability,
            margin=probability - next_probability,
            in_distribution_score=answer.in_distribution_score,
            known=answer.known,
            run=answer.run,
            time=time.time(),
        )

    @property
    def was_wrong(self) -> bool:
        """Whether the user gave it another class than the model did."""
        return self.label not in ("", self.answer)

    def to_event(self) -> Event:
        """What the log is given; it adds the time by itself."""
        return {ON_DISK.get(name, name): value for name, value in asdict(self).items() if name != "time"}

    @classmethod
    def from_event(cls, event: Event) -> "FeedbackEntry | None":
        """A line of the log; None for one that another version wrote, or that could lead to a file elsewhere."""
        in_code = {on_disk: name for name, on_disk in ON_DISK.items()}
        try:
            entry = cls(**{in_code.get(name, name): value for name, value in event.items() if name != "event"})
            return entry if entry._is_sound() else None
        except DAMAGE:
            return None

    def _is_sound(self) -> bool:
        """Whether every field is of its kind; one that is no number at all raises one of DAMAGE."""
        float(self.probability), float(self.margin), int(self.bytes), float(self.taken or 0)
        float(self.in_distribution_score or 0)
        texts = (self.name, self.label, self.answer, self.second, self.run)
        return (
            all(isinstance(text, str) for text in texts)
            and len(bytes.fromhex(self.phash)) in (0, HASH_BYTES)
            and CONTENT.fullmatch(self.sha256) is not None
            and self.suffix in ("", *SUFFIXES)
        )
