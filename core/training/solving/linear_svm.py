"""The linear support vector machine on features, stored as an ordinary Keras head.

One machine a class, each against the rest, finds the widest margin (scikit-learn's LinearSVC). Its scores become
probabilities by a softmax with one temperature, which the validation photos choose (C. Guo et al., "On Calibration of
Modern Neural Networks", 2017); that changes no answer. The features' scaling, the machines and the temperature are all
linear, so they are one layer.
"""

import time

import keras
import numpy as np
from sklearn.svm import LinearSVC

from core.base.events import SVM
from core.models.config import TrainConfig
from core.models.head_building import build_head
from core.runs.report import WORST, Epoch, score_of
from core.training.fitting import OnAttempt
from core.training.rows import LabelledFeatures
from core.training.solving.scores import evaluated, log_losses

STRENGTHS = (1e-5, 1e-4, 1e-3, 1e-2, 1e-1)  # LinearSVC's C, for features scaled to unit variance (docs/log.md)
SHARPNESSES = np.logspace(-1.5, 2, 80)  # a step is a tenth; the loss is flat around its lowest point
MOST_ITERATIONS = 2000
ABSENT = -1.0  # the score, a clear no, of a class that has no photo to learn from, as in a fold it can happen


def fit_svm(
    config: TrainConfig,
    train: LabelledFeatures,
    validation: LabelledFeatures,
    n_classes: int,
    on_attempt: OnAttempt = lambda *_: False,
) -> keras.Model:
    """Fit a machine for each strength of the margin and keep the best one by what is monitored.

    Args:
        config: `seed`, `class_weights` and `monitor` are used.
        train: What it learns from, of at least two classes.
        validation: What chooses the strength and the temperature.
        on_attempt: Called after each strength; True from it ends the search, and it may raise to stop.

    Returns:
        A head with the best machine as its only layer; its softmax is as sure as it is right on the validation photos.
    """
    head = build_head(config, train.width, n_classes)
    began, best = time.monotonic(), WORST
    for number, strength in enumerate(STRENGTHS, 1):
        weights, bias = _machines(config, strength, train, n_classes)
        sharpness = _sharpness(validation.features @ weights + bias, validation.class_ids)
        layer = [sharpness * weights, sharpness * bias]
        scores = (rows.features @ layer[0] + layer[1] for rows in (train, validation))
        judged = [evaluated(own, rows.class_ids) for own, rows in zip(scores, (train, validation), strict=True)]
        seconds = round((time.monotonic() - began) / number, 4)  # of one attempt, on average
        attempt = Epoch(number, SVM, *judged[0], *judged[1], seconds)
        score = score_of(config.monitor, attempt.val_loss, attempt.val_accuracy)
        if score < best:
            best = score
            head.get_layer("probabilities").set_weights(layer)
        if on_attempt(attempt, len(STRENGTHS)):
            break
    return head


def refit_svm(
    config: TrainConfig,
    number: int,
    train: LabelledFeatures,
    validation: LabelledFeatures,
    everything: LabelledFeatures,
    n_classes: int,
) -> keras.Model:
    """The machine of one try once more, from more photos, by the temperature that suited it.

    That is the one of the machine that had learned from `train` alone: it has to be found on photos that are new to it.

    Args:
        number: Of the try, 1 for the first.
        train: What it had learned from, and `validation` what had chosen its temperature.
        everything: What it learns from now.
    """
    strength = STRENGTHS[number - 1]
    weights, bias = _machines(config, strength, train, n_classes)
    sharpness = _sharpness(validation.features @ weights + bias, validation.class_ids)
    head = build_head(config, everything.width, n_classes)
    layer = _machines(config, strength, everything, n_classes)
    head.get_layer("probabilities").set_weights([sharpness * values for values in layer])
    return head


def _machines(
    config: TrainConfig, strength: float, rows: LabelledFeatures, n_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """What they make of features as they are: weights and what is added, as of `_margins`."""
    middle, scale = rows.features.mean(0), rows.features.std(0) + 1e-6
    weights, bias = _margins(config, strength, (rows.features - middle) / scale, rows.class_ids, n_classes)
    weights = weights / scale[:, None]
    return weights, bias - middle @ weights


def _margins(
    config: TrainConfig, strength: float, features: np.ndarray, class_ids: np.ndarray, n_classes: int
) -> tuple[np.ndarray, np.ndarray]:
    """The machines: weights, float32 (width, n_classes), and what is added, float32 (n_classes,)."""
    machine = LinearSVC(
        C=strength,
        class_weight="balanced" if config.class_weights else None,
        random_state=config.seed,
        max_iter=MOST_ITERATIONS,
    )
    machine.fit(features, class_ids)
    coefficients, added = machine.coef_, machine.intercept_
    if len(machine.classes_) == 2:  # one machine tells two classes apart: what is for one is against the other
        coefficients, added = np.concatenate([-coefficients, coefficients]), np.concatenate([-added, added])
    weights = np.zeros((features.shape[1], n_classes), np.float32)
    bias = np.full(n_classes, ABSENT, np.float32)
    weights[:, machine.classes_], bias[machine.classes_] = coefficients.T, added
    return weights, bias


def _sharpness(scores: np.ndarray, class_ids: np.ndarray) -> float:
    """By how much to multiply scores, float (n, n_classes), so that their softmax is as sure as it is right."""
    losses = [float(log_losses(sharpness * scores, class_ids).mean()) for sharpness in SHARPNESSES]
    return float(SHARPNESSES[int(np.argmin(losses))])
