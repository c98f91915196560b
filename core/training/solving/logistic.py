"""Multinomial logistic regression on features, stored as an ordinary Keras head.

Few photos can't say much, so a penalty on the weights' squares holds them back. How strong it is, is chosen by the log
loss of a stratified, grouped cross-validation of the training photos: each is answered by weights that have seen
neither it nor a near-copy nor a view of it. So the validation photos choose nothing, and stay what tells how sure the
answers may be. In the same way it is decided whether the features count compressed (`core.models.compression`), as
usual, or as they are, where that is better by more than chance.

Near the optimum the loss is nearly a quadratic whose axes are the features' principal ones, so the weights are looked
for along these, each scaled by the curvature that is to be expected (D. Böhning, "Multinomial logistic regression
algorithm", 1992): L-BFGS is there after some ten steps, and needs no more values a class than there are photos.
"""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import keras
import numpy as np
from scipy.optimize import minimize
from threadpoolctl import threadpool_limits

from core.base.events import FOLDED
from core.base.threads import in_threads
from core.evaluation.folds import grouped_folds
from core.models.compression import compressed
from core.models.config import TrainConfig
from core.models.head_building import build_head
from core.runs.report import WORST, Epoch, score_of_epoch
from core.training.fitting import OnAttempt
from core.training.rows import LabelledFeatures
from core.training.solving.scores import evaluated, log_losses

PENALTIES = (300.0, 100.0, 30.0, 10.0, 3.0, 1.0, 0.3, 0.1)  # on features scaled together to a variance of 1
COMPARED_AT = 3.0  # the penalty for that; the best lies near, with few photos below and with many above
RISES = 2  # worse tries one after the other, after which a weaker penalty is not tried any more
BEYOND_CHANCE = 2.0  # standard errors of the mean difference between two ways to take the features
TOLERANCE = 1e-6  # of the loss, relative
MOST_STEPS = 200
ABSENT = -20.0  # the score, a clear no, of a class that has no photo to learn from, as in a fold it can happen
NO_ROOM = 1e-7  # of the greatest variance: along such a direction the photos don't differ

Weights = tuple[np.ndarray, np.ndarray]  # float32 (width, n_classes), and what is added, float32 (n_classes,)


def fit_logistic(
    config: TrainConfig,
    train: LabelledFeatures,
    validation: LabelledFeatures,
    n_classes: int,
    on_attempt: OnAttempt = lambda *_: False,
) -> keras.Model:
    """Fit weights for each penalty and keep the best by cross-validation.

    Args:
        config: `seed`, `class_weights` and `monitor` are used.
        train: What it learns from, of at least two classes; `groups` stay on one side of a fold.
        validation: What each attempt is told on, too; it chooses nothing.
        on_attempt: Called after each penalty; True from it ends the search, and it may raise to stop.

    Returns:
        A head with the best weights.
    """
    head = build_head(config, train.width, n_classes)
    began, best = time.monotonic(), WORST
    with threadpool_limits(1, "blas"):  # folds are fitted side by side, always to the same bits
        squeezed, tries = _way(config, train, n_classes)
        lowest, rises = np.inf, 0
        for number, (weights, answers) in enumerate(tries.path(PENALTIES), 1):
            layer = _layer(tries.coordinates.undone(weights), squeezed)
            told = _scores(layer, validation.features)
            judged = *evaluated(answers, train.class_ids), *evaluated(told, validation.class_ids)
            seconds = round((time.monotonic() - began) / number, 4)  # of one attempt, on average
            attempt = Epoch(number, FOLDED, *judged, seconds)
            score = score_of_epoch(attempt, config.monitor)
            if score < best:
                best = score
                head.get_layer("probabilities").set_weights(layer)
            rises = rises + 1 if attempt.loss > lowest else 0
            lowest = min(lowest, attempt.loss)
            if on_attempt(attempt, len(PENALTIES)) or rises == RISES:
                break
    return head


def refit_logistic(
    config: TrainConfig,
    number: int,
    train: LabelledFeatures,
    validation: LabelledFeatures,
    everything: LabelledFeatures,
    n_classes: int,
) -> keras.Model:
    """The weights of one try once more, from more photos: with the same penalty, the features taken in the same way.

    Args:
        number: Of the try, 1 for the first.
        train: What had decided both, in folds; `validation` had decided nothing.
        everything: What it learns from now.
    """
    head, counts = build_head(config, everything.width, n_classes), _counts(config, everything.class_ids)
    with threadpool_limits(1, "blas"):
        squeezed, _ = _way(config, train, n_classes)
        coordinates = _Coordinates.of(compressed(everything.features) if squeezed else everything.features)
        start = np.zeros((coordinates.rows.shape[1], n_classes), np.float32), np.zeros(n_classes, np.float32)
        weights = _fit(coordinates.rows, everything.class_ids, counts, PENALTIES[number - 1], start)
        head.get_layer("probabilities").set_weights(_layer(coordinates.undone(weights), squeezed))
    return head


def _way(config: TrainConfig, train: LabelledFeatures, n_classes: int) -> tuple[bool, "_Tries"]:
    """Whether the features count compressed, and what tries penalties on them."""
    rows = [str(row) for row in range(len(train.class_ids))]
    groups = rows if train.groups is None or len(np.unique(train.groups)) == 1 else train.groups.tolist()
    fold, counts = grouped_folds(train.class_ids, groups, config.seed), _counts(config, train.class_ids)

    def tries(features: np.ndarray) -> tuple["_Tries", np.ndarray]:
        """They, and the log loss of each row."""
        found = _Tries(_Coordinates.of(features), train.class_ids, counts, fold, n_classes)
        return found, log_losses(next(found.path((COMPARED_AT,)))[1], train.class_ids)

    (squeezed, low), (plain, high) = tries(compressed(train.features)), tries(train.features)
    gain = low - high
    if gain.mean() > BEYOND_CHANCE * gain.std() / np.sqrt(len(set(groups))):  # rows of a group are no news
        return False, plain
    return True, squeezed


@dataclass(frozen=True)
class _Coordinates:
    """Features along their principal axes, the widest first, in units in which they all vary by 1 on average.

    Args:
        rows: float32 (n, r), r at most n and at most the width.
        middle: float32 (width,).
        axes: float32 (width, r), from features less their middle to the rows.
    """

    rows: np.ndarray
    middle: np.ndarray
    axes: np.ndarray

    @classmethod
    def of(cls, features: np.ndarray) -> "_Coordinates":
        """Those of features, float32 (n, width)."""
        middle = features.mean(0)
        centred = features - middle
        scale = max(float(np.sqrt(np.square(centred).mean())), 1e-6)
        centred /= scale
        wide = len(centred) < centred.shape[1]
        squares, axes = np.linalg.eigh(centred @ centred.T if wide else centred.T @ centred)
        kept = squares > NO_ROOM * max(squares[-1], 1e-12)
        squares, axes = squares[kept][::-1], axes[:, kept][:, ::-1]
        if wide:
            axes = centred.T @ axes / np.sqrt(squares)
        return cls(centred @ axes, middle, axes / np.float32(scale))

    def undone(self, weights: Weights) -> Weights:
        """The weights for features as they came."""
        kernel = self.axes @ weights[0]
        return kernel, weights[1] - self.middle @ kernel


@dataclass(frozen=True)
class _Tries:
    """Tries penalties on rows of features.

    Args:
        class_ids: int64 (n,).
        counts: float32 (n,), what each row counts.
        fold: int64 (n,).
    """

    coordinates: _Coordinates
    class_ids: np.ndarray
    counts: np.ndarray
    fold: np.ndarray
    n_classes: int

    def path(self, penalties: Iterable[float]) -> Iterator[tuple[Weights, np.ndarray]]:
        """For each penalty the weights, and what weights that have not seen its fold say of each row, (n, n_classes).

        Each begins where that with the penalty before it ended.
        """
        rows, n_classes = self.coordinates.rows, self.n_classes
        unseen = [self.fold == number for number in (*np.unique(self.fold), -1)]  # the last ones see all
        nothing = np.zeros((rows.shape[1], n_classes), np.float32), np.zeros(n_classes, np.float32)
        found = [nothing for _ in unseen]
        for penalty in penalties:

            def fit(k: int, penalty: float = penalty, before: list[Weights] = found) -> Weights:
                seen = np.where(unseen[k], np.float32(0), self.counts)
                return _fit(rows, self.class_ids, seen, penalty, before[k])

            found = list(in_threads(fit, range(len(unseen)), os.cpu_count() or 2))
            answers = np.zeros((len(rows), n_classes), np.float32)
            for own, (weights, added) in zip(unseen, found, strict=True):
                answers[own] = rows[own] @ weights + added
            yield found[-1], answers


def _fit(rows: np.ndarray, class_ids: np.ndarray, counts: np.ndarray, penalty: float, start: Weights) -> Weights:
    """The weights with the lowest sum of log losses, each as often as it counts, and of the penalty.

    Args:
        rows: float32 (n, r), along axes that are at right angles.
        counts: float32 (n,), 0 for what is not seen.
        start: Where to begin.
    """
    n_classes, n = len(start[1]), np.arange(len(rows))
    curved = (1 - 1 / n_classes) / n_classes * counts  # of a row's loss, where nothing is known yet
    steps = 1 / np.sqrt(np.append(curved @ np.square(rows) + penalty, curved.sum()))[:, None]  # (r + 1, 1)

    def loss_and_slope(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = (steps * flat.reshape(len(steps), n_classes)).astype(np.float32)
        scores = rows @ weights[:-1] + weights[-1]
        scores -= scores.max(1, keepdims=True)
        powers = np.exp(scores)
        sums = powers.sum(1)
        lost = counts @ (np.log(sums) - scores[n, class_ids]) + penalty / 2 * np.square(weights[:-1]).sum()
        wrong = powers / sums[:, None]
        wrong[n, class_ids] -= 1
        wrong *= counts[:, None]
        slope = np.concatenate([rows.T @ wrong + penalty * weights[:-1], wrong.sum(0)[None]])
        return float(lost), (steps * slope).ravel()

    first = np.concatenate([start[0], start[1][None]]) / steps
    options = {"maxiter": MOST_STEPS, "ftol": TOLERANCE, "gtol": 0.0}
    found = minimize(loss_and_slope, first.ravel(), jac=True, method="L-BFGS-B", options=options)
    weights = (steps * found.x.reshape(first.shape)).astype(np.float32)
    absent = np.bincount(class_ids, counts, n_classes) == 0
    weights[:-1, absent], weights[-1, absent] = 0, ABSENT
    return weights[:-1], weights[-1]


def _counts(config: TrainConfig, class_ids: np.ndarray) -> np.ndarray:
    """What each row counts: float32 (n,); all classes alike where the config says so."""
    found = np.bincount(class_ids)
    each = len(class_ids) / ((found > 0).sum() * np.maximum(found, 1)) if config.class_weights else np.ones(len(found))
    return each[class_ids].astype(np.float32)


def _layer(weights: Weights, squeezed: bool) -> list[np.ndarray]:
    """The weights of the head's layer, which is given the features as they are, and then compressed."""
    halves = [np.zeros_like(weights[0]), weights[0]]
    return [np.concatenate(halves if squeezed else halves[::-1]), weights[1]]


def _scores(layer: list[np.ndarray], features: np.ndarray) -> np.ndarray:
    """What a layer says before its softmax: float32 (n, n_classes)."""
    width = features.shape[1]
    return features @ layer[0][:width] + compressed(features) @ layer[0][width:] + layer[1]
