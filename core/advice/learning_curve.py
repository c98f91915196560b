"""Would more photos help, and of which class? Answered by learning from fewer of those that are there.

The accuracy is measured at growing shares of the training photos, each time on the same photos that were held out, and
its error is continued by a power law, as is usual for learning curves (C. Cortes et al., "Learning Curves: Asymptotic
Values and Rate of Convergence", 1993; R. Figueroa et al., "Predicting sample size required for classification
performance", 2012). Which class lacks photos is found by taking half of one class away and looking what it costs.
"""

from collections.abc import Callable

import numpy as np

from core.advice.quadrants import photos_in_words
from core.advice.record import CurvePoint, Lack, LearningCurve
from core.evaluation.folds import grouped_folds
from core.evaluation.probe import fit_linear, principal_components, unit

SHARES = (0.1, 0.2, 0.4, 0.8)  # of all photos; 0.8 is what a fold leaves to learn from
ROUNDS = 4  # times the folds
WIDTH = 256  # the features' strongest directions: enough for a probe, and a fit takes milliseconds
POWERS = np.linspace(0.1, 1.5, 29)
MOST_CLASSES = 12  # whose lack is measured: those with the most mistakes


def learning_curve(
    features: np.ndarray,
    class_ids: np.ndarray,
    groups: list[str],
    class_names: list[str],
    seed: int,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> LearningCurve:
    """Measure it.

    Args:
        features: float32 (n, width).
        class_ids: int (n,), indices into `class_names`.
        groups: Of each photo, equal for near-copies.
        class_names: Names of the classes, by id.
        seed: Of the folds and of what is taken away.
        on_progress: Called with how many rounds are done, and of how many; may raise to stop.
    """
    rows = principal_components(unit(features), WIDTH)
    rng = np.random.default_rng(seed)
    held_out = _held_out(class_ids, groups, seed)
    found = []
    for done, unseen in enumerate(held_out, 1):
        found.append(_round(rows, class_ids, unseen, rng))
        on_progress(done, len(held_out) + 1)  # the last is what classes lack
    accuracy = np.array(found)  # (rounds, SHARES)
    mean_per_class = len(class_ids) / len(class_names)
    points = []
    for k, share in enumerate(SHARES):
        mean, error = accuracy[:, k].mean(), accuracy[:, k].std(ddof=1) / np.sqrt(len(accuracy))
        points.append(CurvePoint(share * mean_per_class, float(mean), _around(mean, 1.96 * error), True))
    points.append(_continued(accuracy, mean_per_class, rng))
    lacks = _lacks(rows, class_ids, class_names, held_out, rng)
    return LearningCurve(points, lacks, photos_in_words(lacks))


def _held_out(class_ids: np.ndarray, groups: list[str], seed: int) -> list[np.ndarray]:
    """Numbers of the photos that each round holds out."""
    rounds = (grouped_folds(class_ids, groups, seed + number) for number in range(ROUNDS))
    return [np.flatnonzero(fold == k) for fold in rounds for k in np.unique(fold)]


def _round(rows: np.ndarray, class_ids: np.ndarray, unseen: np.ndarray, rng: np.random.Generator) -> list[float]:
    """Accuracy on the held-out photos at each of SHARES."""
    seen = np.setdiff1d(np.arange(len(class_ids)), unseen)
    order = rng.permutation(seen)
    # within each class the first ones of the order, so that every share has every class and holds the smaller ones
    rank = np.zeros(len(class_ids), np.int64)
    for k in np.unique(class_ids):
        own = order[class_ids[order] == k]
        rank[own] = np.arange(len(own))
    size = np.bincount(class_ids[seen], minlength=int(class_ids.max()) + 1)
    found = []
    for share in SHARES:
        chosen = seen[rank[seen] < np.maximum(1, np.round(share / SHARES[-1] * size[class_ids[seen]]))]
        found.append(float(_right(rows, class_ids, chosen, unseen).mean()))
    return found


def _right(rows: np.ndarray, class_ids: np.ndarray, seen: np.ndarray, unseen: np.ndarray) -> np.ndarray:
    weights, bias = fit_linear(rows[seen], class_ids[seen], int(class_ids.max()) + 1)
    return (rows[unseen] @ weights + bias).argmax(1) == class_ids[unseen]


def _continued(accuracy: np.ndarray, mean_per_class: float, rng: np.random.Generator) -> CurvePoint:
    """Twice as many photos as there are now, by the power law; its interval from resampled rounds."""
    n = np.array(SHARES) * mean_per_class
    target = 2 * mean_per_class
    found = []
    for _ in range(200):
        again = accuracy[rng.integers(0, len(accuracy), len(accuracy))].mean(0)
        found.append(_power_law(n, 1 - again, target))
    best = 1 - _power_law(n, 1 - accuracy.mean(0), target)
    low, high = np.quantile(1 - np.array(found), [0.025, 0.975])
    return CurvePoint(target, float(best), (float(min(low, best)), float(max(high, best))), False)


def _power_law(n: np.ndarray, error: np.ndarray, target: float) -> float:
    """`a + b * n ** -c` with a, b >= 0 through the errors, at the target; the larger numbers of photos weigh more."""
    weight = np.sqrt(n / n.max())
    best, at_target = np.inf, float(error[-1])
    for power in POWERS:
        falling = n**-power
        design = np.stack([np.ones_like(n), falling], axis=1) * weight[:, None]
        (a, b), *_ = np.linalg.lstsq(design, error * weight, rcond=None)
        if a < 0:  # more photos than ever would bring errors below zero: only the falling part then
            a, b = 0.0, float((falling * error * weight**2).sum() / (falling**2 * weight**2).sum())
        if b < 0:  # the error grew by chance: level
            a, b = float((error * weight**2).sum() / (weight**2).sum()), 0.0
        miss = float((((a + b * falling - error) * weight) ** 2).sum())
        if miss < best - 1e-12:
            best, at_target = miss, float(a + b * target**-power)
    return min(max(at_target, 0.0), 1.0)


def _lacks(
    rows: np.ndarray,
    class_ids: np.ndarray,
    class_names: list[str],
    held_out: list[np.ndarray],
    rng: np.random.Generator,
) -> list[Lack]:
    wrong = np.zeros(len(class_names))
    whole = []
    for unseen in held_out:
        right = _right(rows, class_ids, np.setdiff1d(np.arange(len(class_ids)), unseen), unseen)
        whole.append(right)
        wrong += np.bincount(class_ids[unseen][~right], minlength=len(class_names))
    lacks = []
    for k in np.argsort(-wrong, kind="stable")[:MOST_CLASSES]:
        gains = []
        for unseen, right in zip(held_out, whole, strict=True):
            seen = np.setdiff1d(np.arange(len(class_ids)), unseen)
            own = seen[class_ids[seen] == k]
            gone = rng.choice(own, len(own) // 2, replace=False)
            fewer = _right(rows, class_ids, np.setdiff1d(seen, gone), unseen)
            gains.append(_class_mean(right, class_ids[unseen]) - _class_mean(fewer, class_ids[unseen]))
        gain, error = float(np.mean(gains)), float(np.std(gains, ddof=1) / np.sqrt(len(gains)))
        lacks.append(Lack(class_names[k], int((class_ids == k).sum()), gain, gain > 2 * error and gain > 0.002))
    return sorted(lacks, key=lambda lack: -lack.gain)


def _class_mean(right: np.ndarray, class_ids: np.ndarray) -> float:
    """Accuracy with every class counting the same, or a rare one could never be worth its photos."""
    return float(np.mean([right[class_ids == k].mean() for k in np.unique(class_ids)]))


def _around(mean: float, margin: float) -> tuple[float, float]:
    return float(max(0.0, mean - margin)), float(min(1.0, mean + margin))
