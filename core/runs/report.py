"""The report of a run, `report.json`: how it was trained, and what its model got right."""

import math
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from core.base.events import EPOCH, FOLDED, Event
from core.base.records import LEFT_OUT, JsonObject, Record, key
from core.base.subsets import TEST
from core.base.words import counted, percent
from core.evaluation.calibration import Calibration, temperature_of
from core.evaluation.final_model import FinalModel
from core.evaluation.leaks import NearCopiesAcross
from core.evaluation.metrics import Metrics
from core.evaluation.rare_classes import balanced_accuracy, beside_accuracy, is_uneven
from core.models.config import CROSS_VALIDATION, CROSS_VALIDATION_WORDS, TEST_PART, VAL_ACCURACY, VAL_LOSS

HOW_EVALUATED = {
    TEST_PART: "The test photos took no part in the training and were used once, for this.",
    CROSS_VALIDATION: CROSS_VALIDATION_WORDS,
}
Score = tuple[float, float]  # how good an epoch is by what is monitored, the lower the better
WORST: Score = (math.inf, math.inf)
GOES_ON = "goes-on"  # event; epoch: the number of the last that stands when a worker goes on where another died


@dataclass(frozen=True)
class Epoch(Record):
    """One pass over the training photos, or as many steps as the run's config says, or one try of what has no epochs.

    Args:
        number: Counted from 1 through all phases.
        phase: What learned: "head", "fine-tune", "from-scratch", or one of TRIES; "" in runs from before there were
            phases.
        loss: On the training photos, as are the others without `val_`; those stand for the validation photos. Of a try
            that is "cross-validated" each training photo is answered by what has not seen it.
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


@dataclass(frozen=True)
class Seconds(Record):
    """Where the time of a run went; `evaluate` is all that is neither features nor fit."""

    features: float
    fit: float
    evaluate: float
    total: float


@dataclass(frozen=True)
class SetAside(Record):
    """A photo that could not be used, and the reason in words."""

    path: str
    why: str


@dataclass(frozen=True)
class EngineParity(Record):
    """How alike the saved model answers on the engine and in Keras, on so many photos.

    `same_top1` is the share with the same answer, 0..1; `same_but_for_ties` the same, where two answers that are almost
    as probable count as one.
    """

    photos: int
    max_abs_difference: float
    same_top1: float
    same_but_for_ties: float


@dataclass(frozen=True)
class FineTuning(Record):
    """What only a fine-tuning has to tell.

    Args:
        activations: Those at the boundary were "cached", or "recomputed" in every epoch.
        kept: The phase whose weights were kept.
        stitched_max_abs_difference: Between the two halves that were trained and the model that was put together.
        learned_share: What was learned of the kept weights, above 0 and at most 1; the rest is what they began with.
    """

    thaw_from: str
    activations: str
    kept: str
    stitched_max_abs_difference: float
    learned_share: float = field(default=1.0, metadata=LEFT_OUT)


@dataclass(frozen=True)
class FromScratch(Record):
    """What only a training from scratch has to tell: which weights the network began with."""

    initial: str


@dataclass(frozen=True, kw_only=True)
class Report(Record):
    """All of `report.json`; base, strategy and head as in `TrainConfig`.

    Args:
        class_names: In the order of the model's outputs.
        best_epoch: Number of the epoch whose weights were kept.
        photos: How many, by subset.
        notes: What the user was told during the run.
        estimate: How the model was evaluated, "test" or "cross-validation".
        test: Of the tested model, with the temperature of `calibration`.
        calibration: None where nothing was fitted.
        near_copies_across: None where no test photo has a near-copy in another subset.
        device: What learned, such as "2 processor cores" or "GPU: NVIDIA H200"; "" in runs from before that was kept.
        final: The model that is taken away; None where that is the tested one.
    """

    schema: int = 1
    class_names: list[str] = field(metadata=key("classes"))
    base: str
    strategy: str
    head: str
    seconds: Seconds
    epochs: list[Epoch]
    best_epoch: int
    photos: dict[str, int]
    set_aside: list[SetAside]
    notes: list[str]
    estimate: str
    test: Metrics
    calibration: Calibration | None
    near_copies_across: NearCopiesAcross | None
    engine_parity: EngineParity
    fine_tuning: FineTuning | None = field(default=None, metadata=LEFT_OUT)
    from_scratch: FromScratch | None = field(default=None, metadata=LEFT_OUT)
    device: str = field(default="", metadata=LEFT_OUT)
    final: FinalModel | None = field(default=None, metadata=LEFT_OUT)

    @classmethod
    def from_json(cls, value: Any) -> "Report":
        """A report as it is written today, or as an earlier version wrote it; ValueError when it is neither."""
        found = super().from_json(upgraded(value) if isinstance(value, dict) else value)
        if found.estimate not in HOW_EVALUATED or found.test.per_class.keys() != set(found.class_names):
            raise ValueError("No run can have reported this.")
        return found

    @property
    def temperature(self) -> float:
        """What the tested model's scores are divided by; 1.0 changes nothing."""
        return temperature_of(self.calibration)

    @property
    def test_taught(self) -> bool:
        """Whether the test photos taught the model that is taken away: then none of its photos can judge it."""
        return self.final is not None and TEST in self.final.subsets

    @property
    def how_in_words(self) -> str:
        """How the figures came about, and which model they are of where that isn't the one that is taken away."""
        return f"{HOW_EVALUATED[self.estimate]} {self.whose_figures}".rstrip()

    @property
    def whose_figures(self) -> str:
        """Which models the figures are of, where that isn't the one that is taken away, a sentence; else ""."""
        if self.estimate == CROSS_VALIDATION:
            return f"The model itself learned in the same way, from {'all' if self.final else 'most'} of them."
        if self.final is None:
            return ""
        return (
            "These figures are those of the model that was tested; the one that you take away was then "
            f"{self.final.in_words}."
        )

    @property
    def about_model(self) -> str:
        """The same, to stand beside the model where there are no figures."""
        if self.final is None:
            return ""
        if self.estimate == CROSS_VALIDATION:
            return f"This model learned from all {counted(self.final.photos, 'photo')}, as those did that were judged."
        return f"After the test this model was {self.final.in_words}; the figures on Results are from the test."

    @property
    def photos_in_words(self) -> str:
        """What `test` counts, such as "60 test photos"."""
        return photos_in_words(self.test, self.estimate)

    @property
    def accuracy_in_words(self) -> str:
        """The accuracy with its doubt and how it was found, in sentences of Markdown."""
        low, high = self.test.accuracy_interval
        return (
            f"That is **{percent(self.test.accuracy)}**; on new photos like these likely between "
            f"**{100 * low:.0f} and {100 * high:.0f} %** (95 % interval by Wilson). {self.how_in_words}"
        )

    @property
    def outcome_in_words(self) -> str:
        """The shortest that can be said of it, such as "98 % of 60 test photos right"."""
        right = f"{percent(self.test.accuracy)} of {self.photos_in_words} right"
        return f"{right}, {percent(balanced_accuracy(self.test))} by class" if is_uneven(self.test) else right

    @property
    def device_in_words(self) -> str:
        """ "Device that learned: 2 processor cores"; "" where that isn't known."""
        return f"Device that learned: {self.device}" if self.device else ""

    @property
    def right_in_words(self) -> str:
        """How many are right, with what the count alone would hide: "600 of 606 photos right; with each class ..."."""
        right = f"{self.test.n_right:,} of {self.photos_in_words} right"
        return "; ".join(filter(None, (right, beside_accuracy(self.test))))


def upgraded(value: JsonObject) -> JsonObject:
    """The JSON object of an old report with what was added since.

    Before there was cross-validation, the test photos evaluated every run; before near ties were told from real
    differences, each difference counted.
    """
    added = {"notes": [], "estimate": TEST_PART, "calibration": None, "near_copies_across": None}
    parity = value.get("engine_parity")
    if isinstance(parity, dict):
        parity = {"same_but_for_ties": parity.get("same_top1"), **parity}
    return {**added, **value, "engine_parity": parity}


def photos_in_words(test: Metrics, estimate: str) -> str:
    """What the metrics count: "1 test photo", "48 photos"."""
    return counted(test.n, "test photo" if estimate == TEST_PART else "photo")


def unevaluated_in_words(test: Metrics) -> str:
    """Which classes the metrics leave out; "" when they leave out none."""
    missing = [name for name, row in test.per_class.items() if row.n == 0]
    if not missing:
        return ""
    return (
        f"No photo of {', '.join(missing)} was judged, so these numbers say nothing about it. "
        "More photos of it that differ from each other would help."
    )


def epochs_of(events: Iterable[Event]) -> list[Epoch]:
    """The epochs among a job's events, oldest first, without those that were done again as it was gone on with."""
    epochs: list[Epoch] = []
    for event in events:
        if event["event"] == EPOCH:
            with suppress(ValueError):  # a damaged line
                epochs.append(Epoch.from_json(event))
        elif event["event"] == GOES_ON and isinstance(event.get("epoch"), int):
            epochs = [epoch for epoch in epochs if epoch.number <= event["epoch"]]
    return epochs


def score_of(monitor: str, val_loss: float, val_accuracy: float) -> Score:
    """How good weights are, the lower the better.

    Args:
        monitor: "val_loss" or "val_accuracy"; of equal accuracies that with the lower loss is better.
    """
    return (-val_accuracy, val_loss) if monitor == VAL_ACCURACY else (val_loss, 0.0)


def score_of_epoch(epoch: Epoch, monitor: str) -> Score:
    """That by which its weights are kept: on the validation photos; of a cross-validated try on the training ones."""
    if epoch.phase == FOLDED:
        return score_of(monitor, epoch.loss, epoch.accuracy)
    return score_of(monitor, epoch.val_loss, epoch.val_accuracy)


def best_score(epochs: Iterable[Epoch], monitor: str) -> Score:
    """That of the best epoch; WORST without any."""
    return min((score_of_epoch(epoch, monitor) for epoch in epochs), default=WORST)


def best_epoch(epochs: list[Epoch], monitor: str = VAL_LOSS) -> int:
    """The number of the epoch whose weights are kept: the best by what is monitored, the first of equals."""
    return min(epochs, key=lambda epoch: score_of_epoch(epoch, monitor)).number
