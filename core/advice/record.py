"""Advice: what was measured on photos, and what to train by it, as `advise --json` prints it and a project keeps it."""

from dataclasses import asdict, dataclass, field

from core.base.records import LEFT_OUT, Record
from core.evaluation.metrics import mcnemar_exact
from core.models.catalogue import BESIDE
from core.models.config import USUAL_SIZE, TrainConfig

CHANCE = 0.05  # a p-value below which a difference is called more than chance, as is the custom


@dataclass(frozen=True)
class PhotosPerClass(Record):
    """How many there are in the smallest class and in the middle one."""

    min: int
    median: float


@dataclass(frozen=True)
class AdvisedPlan(Record):
    """The settings that advice is about; each as in `TrainConfig`."""

    base: str
    strategy: str
    thaw_from: str
    head: str
    learning_rate: float
    epochs: int
    fine_tune_rate: float
    fine_tune_epochs: int
    initial: str
    augment: str
    class_weights: bool
    ask_mirror: bool = field(default=False, metadata=LEFT_OUT)
    image_size: int = field(default=USUAL_SIZE, metadata=LEFT_OUT)

    @classmethod
    def of(cls, config: TrainConfig) -> "AdvisedPlan":
        """Those of a run's settings that advice is about."""
        return cls.from_json(asdict(config))


@dataclass(frozen=True)
class SimilarityParts(Record):
    """What the similarity was made from.

    Args:
        interval: 95 % of resamplings of the photos give a similarity in it.
        familiar: How surely the base's own head answers, 0..1, where 1 is as on ImageNet's photos.
        kinds: How widely it answers: the effective number of ImageNet classes, 1..1000 (exponential of the entropy of
            the mean answer).
        probe_accuracy: Of the linear probe, 0..1.
        neighbour_accuracy: Of the nearest neighbours, 0..1.
        chance: Accuracy of always saying the commonest class.
        n: Photos it was measured on.
    """

    interval: tuple[float, float]
    familiar: float
    kinds: float
    probe_accuracy: float
    neighbour_accuracy: float
    chance: float
    n: int


@dataclass(frozen=True)
class Examples(Record):
    """The photos that the base model knows best and least, by content; on the command line by name."""

    familiar: list[str]
    strange: list[str]


@dataclass(frozen=True)
class BaseTrial(Record):
    """What a linear probe reached on one base model's features: a line of the bake-off.

    Args:
        accuracy: On photos that the probe had not seen, 0..1.
        interval: 95 % interval of that by Wilson's score.
        photos_per_second: Through the engine, decoding included; of several side by side, of one after the other.
        megabytes: Of its weights.
        recommended: Whether it is the one to start from. Of those alone that are not surely worse than the best, the
            one that computes least; several side by side only where they are surely better than the best one alone.
        multiply_adds_g: What one photo costs, as in the catalogue; 0 in what an older version wrote, which recommended
            the one that was quickest when it was measured.
        gained: Photos that it got right and the best one alone did not; 0 for that one.
        lost: The other way round. Both 0 where an older version tried it, unless it is of several.
    """

    base: str
    title: str
    accuracy: float
    interval: tuple[float, float]
    n: int
    photos_per_second: float
    megabytes: float
    seconds: float
    recommended: bool = False
    multiply_adds_g: float = field(default=0.0, metadata=LEFT_OUT)
    gained: int = field(default=0, metadata=LEFT_OUT)
    lost: int = field(default=0, metadata=LEFT_OUT)

    @property
    def is_several(self) -> bool:
        """Whether it is of several base models side by side."""
        return BESIDE in self.base

    @property
    def p_value(self) -> float:
        """How likely chance alone would make it and the best one alone as unlike (McNemar's exact test)."""
        return mcnemar_exact(self.gained, self.lost)

    def is_level_with(self, best: "BaseTrial") -> bool:
        """Whether it may be as good as the best one alone: no more photos between them than chance would make.

        Where that wasn't counted: their intervals overlap.
        """
        if self.gained or self.lost:
            return self.p_value >= CHANCE
        return self.interval[1] >= best.interval[0]


def recommended_of(trials: list[BaseTrial]) -> BaseTrial:
    """The base to start from where it stays as it is."""
    return next(trial for trial in trials if trial.recommended)


def recommended_alone(trials: list[BaseTrial]) -> BaseTrial:
    """The one base to start from where more than a head learns, which several side by side can't do."""
    chosen, alone = recommended_of(trials), [trial for trial in trials if not trial.is_several]
    return least_of_level(alone) if chosen.is_several else chosen


def least_of_level(trials: list[BaseTrial]) -> BaseTrial:
    """The one that computes least of those that are not surely worse than the best; of equals the better one."""
    best = max(trials, key=lambda trial: trial.accuracy)
    level = [trial for trial in trials if trial.is_level_with(best)]
    return min(level, key=lambda trial: (trial.multiply_adds_g, -trial.accuracy))


def rate_together(rates: list[float]) -> float:
    """Photos a second when each photo goes through one after the other, of each one's own rate."""
    return round(1 / sum(1 / rate for rate in rates), 1)


@dataclass(frozen=True)
class MirrorTrial(Record):
    """What asking about mirror images, too, brought a linear probe.

    Args:
        n: Photos that it was asked about, and had not seen.
        accuracy: Asked about them as they are, 0..1.
        accuracy_with_mirror: Answering by the mean over the photo and its mirror image, 0..1.
        p: Of McNemar's exact test on the two, above 0 and at most 1.
    """

    n: int
    accuracy: float
    accuracy_with_mirror: float
    p: float

    @property
    def helps(self) -> bool:
        """Whether it is right more often, by more than chance."""
        return self.accuracy_with_mirror > self.accuracy and self.p < CHANCE


@dataclass(frozen=True)
class MissingBase(Record):
    """A base model whose weights are not on this computer; `state` is what could be done, in words."""

    base: str
    title: str
    state: str


@dataclass(frozen=True)
class CurvePoint(Record):
    """Accuracy at one number of photos.

    Args:
        per_class: Photos to learn from, the mean over classes.
        accuracy: Mean over the rounds, 0..1.
        interval: Where 95 % of rounds lie, by their standard error; for a point not measured, of the continued curve.
        measured: False for the one that is continued to.
    """

    per_class: float
    accuracy: float
    interval: tuple[float, float]
    measured: bool


@dataclass(frozen=True)
class Lack(Record):
    """What half of a class's photos bring.

    Args:
        gain: Accuracy, the mean over classes, with all photos of it less that with half of them.
        helps: Whether that is more than chance would do: then as many more may well help too.
    """

    label: str
    photos: int
    gain: float
    helps: bool


@dataclass(frozen=True)
class LearningCurve(Record):
    """Measured points and the one they lead to, what each class lacks, the most first, and that in sentences."""

    points: list[CurvePoint]
    lacks: list[Lack]
    words: list[str]


@dataclass(frozen=True, kw_only=True)
class Advice(Record):
    """All that was measured; docs/advice.md says how.

    Args:
        size: "large" or "small".
        similarity: 0 (nothing in common) to 1 (as ImageNet's own photos).
        similarity_interval: 95 % of resamplings lie in it.
        similar: On which side of the line that is.
        quadrant: 1..4, as the article numbers them.
        reasons: The measured facts behind the quadrant, a sentence each.
        bake_off: The best first.
        photo_side: Of the photos' longer sides the middle one, in pixels; 0 where an older version measured.
        mirror_image: None where left and right tell the classes apart, and where an older version measured.
        measured_on: In a project the `photo_state` of then; None on the command line.
    """

    schema: int = 1
    photos_per_class: PhotosPerClass
    size: str
    similarity: float
    similarity_interval: tuple[float, float]
    similar: bool
    quadrant: int
    plan: AdvisedPlan
    reasons: list[str]
    similarity_parts: SimilarityParts
    examples: Examples
    bake_off: list[BaseTrial]
    not_here: list[MissingBase]
    learning_curve: LearningCurve
    photo_side: int = field(default=0, metadata=LEFT_OUT)
    mirror_image: MirrorTrial | None = field(default=None, metadata=LEFT_OUT)
    seconds: float
    measured_on: str | None = field(default=None, metadata=LEFT_OUT)

    @property
    def recommended(self) -> BaseTrial:
        """The base model to start from, or several of them, where it stays as it is."""
        return recommended_of(self.bake_off)

    @property
    def best(self) -> BaseTrial:
        """The base model with the highest accuracy."""
        return max(self.bake_off, key=lambda trial: trial.accuracy)

    def trial_of(self, base: str) -> BaseTrial | None:
        """How this base did in the bake-off; None where it was not tried."""
        return next((trial for trial in self.bake_off if trial.base == base), None)
