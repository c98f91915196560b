"""What a classifier got right, from labels and probabilities alone. Written in numpy rather than taken from
scikit-learn, which takes two seconds to import and may not be in the web process; a test holds the two equal."""

import math
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from core.base.records import LEFT_OUT, Record

Z95 = 1.959964  # standard normal quantile of a two-sided 95 % interval


@dataclass(frozen=True)
class ClassMetrics(Record):
    """How well one class is told from the others.

    Args:
        precision: Share of right answers among those that name the class, 0..1; 0 where none does.
        recall: Share of right answers among its photos, 0..1.
        f1: Harmonic mean of both.
        n: Its photos.
    """

    precision: float
    recall: float
    f1: float
    n: int

    @property
    def recall_interval(self) -> tuple[float, float]:
        """95 % interval of the recall by Wilson's score."""
        return wilson_interval(round(self.recall * self.n), self.n)


@dataclass(frozen=True)
class Metrics(Record):
    """What was right on a set of photos: the "test" part of report.json.

    Args:
        n: Photos.
        accuracy: Share that is right, 0..1.
        accuracy_interval: Its 95 % interval by Wilson's score.
        log_loss: Mean of -ln(probability given to the true class).
        kappa: Cohen's, -1..1.
        top2_accuracy: Share whose true class is among the two most probable, 0..1.
        per_class: By class name.
        confusion: Photos by true class (row) and answer (column).
        balanced_accuracy: Mean of the recalls of the classes that have photos, 0..1; None as written before there
            was this, as is the next.
        worst_class: The name of the one with the lowest recall.
    """

    n: int
    accuracy: float
    accuracy_interval: tuple[float, float]
    log_loss: float
    kappa: float
    top2_accuracy: float
    per_class: dict[str, ClassMetrics]
    confusion: list[list[int]]
    balanced_accuracy: float | None = field(default=None, metadata=LEFT_OUT)
    worst_class: str | None = field(default=None, metadata=LEFT_OUT)

    @classmethod
    def from_json(cls, value: Any) -> Self:
        """As they are written; ValueError also for what no photos can have given, as a stranger's zip may say."""
        found = super().from_json(value)
        rows = found.per_class.values()
        shares = (found.accuracy, *found.accuracy_interval, *(s for row in rows for s in (row.recall, row.precision)))
        counts = (found.n, *(row.n for row in rows), *(n for row in found.confusion for n in row))
        sides = {len(found.confusion), len(rows), *map(len, found.confusion)}
        if not all(0 <= share <= 1 for share in shares) or min(counts) < 0 or len(sides) > 1:
            raise ValueError("No photos can have given these numbers.")
        return found

    @property
    def n_right(self) -> int:
        """How many photos are right."""
        return round(self.n * self.accuracy)

    @property
    def likely(self) -> str:
        """The accuracy on new photos in words, such as "likely between 87 and 98 %"."""
        return likely_between(self.accuracy_interval)


def likely_between(interval: tuple[float, float]) -> str:
    """An interval of a share in words, such as "likely between 87 and 98 %"."""
    low, high = interval
    return f"likely between {100 * low:.0f} and {100 * high:.0f} %"


def wilson_interval(right: int, n: int) -> tuple[float, float]:
    """The 95 % interval of a share, by Wilson's score (E. B. Wilson, 1927): honest for small n and near 0 or 1.

    Args:
        right: Successes, 0..n.
        n: Trials, 0 or more.

    Returns:
        Lower and upper bound, 0..1; (0, 1) when nothing was tried.
    """
    if n == 0:
        return 0.0, 1.0
    share = right / n
    centre = share + Z95**2 / (2 * n)
    margin = Z95 * math.sqrt(share * (1 - share) / n + Z95**2 / (4 * n**2))
    scale = 1 + Z95**2 / n
    return max(0.0, (centre - margin) / scale), min(1.0, (centre + margin) / scale)


def differing(first: np.ndarray, second: np.ndarray) -> tuple[int, int]:
    """On how many photos only the first was right, and only the second: what `mcnemar_exact` takes; bool (n,) each."""
    return int((first & ~second).sum()), int((second & ~first).sum())


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """How often chance alone would make two equally good classifiers differ at least so much on the same photos.

    The exact, two-sided form of Q. McNemar's test (Psychometrika 12, 1947): photos on which both are right or both are
    wrong say nothing, and each of the others is a fair coin's toss.

    Args:
        only_first: Photos on which only the first is right, 0 or more.
        only_second: Photos on which only the second is.

    Returns:
        The p-value, above 0 and at most 1; 1.0 when there is no such photo.
    """
    tosses = only_first + only_second
    as_few = sum(math.comb(tosses, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * as_few / 2**tosses)  # whole numbers until here: exact, also for thousands of photos


def confusion_matrix(truth: np.ndarray, answers: np.ndarray, n_classes: int) -> np.ndarray:
    """Counts of photos: int64 (n_classes, n_classes), row = true class, column = answer; both int (n,), class ids."""
    matrix = np.zeros((n_classes, n_classes), np.int64)
    np.add.at(matrix, (truth, answers), 1)
    return matrix


def cohen_kappa(confusion: np.ndarray) -> float:
    """Agreement beyond chance, -1..1 (Cohen, 1960); 0.0 where chance alone explains everything."""
    total = confusion.sum()
    observed = np.trace(confusion) / total
    expected = (confusion.sum(0) @ confusion.sum(1)) / total**2
    return float((observed - expected) / (1 - expected)) if expected < 1 else 0.0


def log_loss(truth: np.ndarray, probabilities: np.ndarray) -> float:
    """Mean of -ln(probability given to the true class), 0 or more.

    Args:
        truth: int (n,).
        probabilities: float (n, n_classes), rows summing to 1.
    """
    given = probabilities[np.arange(len(truth)), truth].astype(np.float64)
    return float(-np.log(np.clip(given, np.finfo(np.float32).eps, 1)).mean())


def classification_metrics(truth: np.ndarray, probabilities: np.ndarray, class_names: list[str]) -> Metrics:
    """What these probabilities got right.

    Args:
        truth: int (n,), n at least 1.
        probabilities: float (n, len(class_names)).
    """
    answers = probabilities.argmax(1)
    confusion = confusion_matrix(truth, answers, len(class_names))
    right, n = int(np.trace(confusion)), len(truth)
    two_best = np.argsort(-probabilities, axis=1)[:, :2]
    per_class = {name: _class_metrics(confusion, i) for i, name in enumerate(class_names)}
    return Metrics(
        n=n,
        accuracy=right / n,
        accuracy_interval=wilson_interval(right, n),
        log_loss=log_loss(truth, probabilities),
        kappa=cohen_kappa(confusion),
        top2_accuracy=float((two_best == truth[:, None]).any(1).mean()),
        per_class=per_class,
        confusion=confusion.tolist(),
        balanced_accuracy=averages(per_class)["macro"]["recall"],
        worst_class=worst_class(per_class),
    )


def averages(per_class: dict[str, ClassMetrics]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 over the classes that have photos: "macro" counts each alike, "weighted" by those."""
    present = [row for row in per_class.values() if row.n]
    weights = {"macro": [1] * len(present), "weighted": [row.n for row in present]}
    return {
        kind: {
            name: float(np.average([getattr(row, name) for row in present], weights=weight))
            for name in ("precision", "recall", "f1")
        }
        for kind, weight in weights.items()
    }


def worst_class(per_class: dict[str, ClassMetrics]) -> str:
    """The class with photos of which the smallest share is found; of equals the one with most photos, then the first.

    There must be one with photos.
    """
    return min((name for name, row in per_class.items() if row.n), key=lambda name: _found(per_class[name]))


def _found(row: ClassMetrics) -> tuple[float, int]:
    return row.recall, -row.n


def _class_metrics(confusion: np.ndarray, index: int) -> ClassMetrics:
    hit, answered, present = confusion[index, index], confusion[:, index].sum(), confusion[index].sum()
    precision = hit / answered if answered else 0.0
    recall = hit / present if present else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return ClassMetrics(float(precision), float(recall), float(f1), int(present))
