"""Train a head in plain numpy, by the recipe of `fitting`: Keras spends more time around a small step than in it.

The same layers (`heads.build_head`), optimizers (`numpy_optimizers`), decoupled weight decay, early stopping and best
weights kept. Only the random numbers differ, so a head from here is as good as one from there with another seed. A test
holds single steps equal.
"""

import math
from collections.abc import Callable, Iterator
from itertools import islice, pairwise

import numpy as np

from core.models.config import VAL_ACCURACY, TrainConfig
from core.models.heads import head_named
from core.search.numpy_optimizers import EPSILON, Weights, optimizer_for
from core.training.fitting import class_weights
from core.training.rows import LabelledFeatures


def fit_quickly(
    config: TrainConfig,
    train: LabelledFeatures,
    validation: LabelledFeatures,
    n_classes: int,
    hopeless: Callable[[int, float], bool],
) -> Weights:
    """Train a head until what the config monitors no longer gets better.

    Args:
        config: The settings; the head is one that is searched.
        train: What it learns from.
        validation: What early stopping looks at.
        hopeless: Called after each epoch with its number, from 0, and its validation loss, which is a number; may
            raise. When it says so, the training ends.

    Returns:
        The weights of the best epoch; the first ones when the loss was never a number.
    """
    rng = np.random.default_rng(config.seed)
    weights = first_weights(config, train.width, n_classes, rng)
    optimizer, counts = optimizer_for(weights, config), _counts(config, train.class_ids, n_classes)
    best, kept, waited = (-math.inf,), [each.copy() for each in weights], 0
    batches = _batches(len(train.class_ids), config.batch_size, rng)
    steps = config.steps_per_epoch or math.ceil(len(train.class_ids) / config.batch_size)
    for epoch in range(config.epochs):
        for rows in islice(batches, steps):
            ids = train.class_ids[rows]
            found = gradients(weights, train.features[rows], ids, counts[ids], config.dropout, rng)
            optimizer.step(weights, found)
        answers = probabilities(weights, validation.features)
        loss = _loss(answers, validation.class_ids)
        if not math.isfinite(loss):
            break
        waited += 1
        if (good := _goodness(config, loss, answers, validation.class_ids)) > best:
            best, kept, waited = good, [each.copy() for each in weights], 0
        if waited >= config.patience or hopeless(epoch, loss):
            break
    return kept


def _batches(n: int, size: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """Row numbers, int64 (up to size,), without an end: all n in another order, then all in another."""
    while True:
        order = rng.permutation(n)
        for start in range(0, n, size):
            yield order[start : start + size]


def _goodness(config: TrainConfig, loss: float, answers: np.ndarray, class_ids: np.ndarray) -> tuple[float, ...]:
    """What makes an epoch the best: the higher, the better. Among equal accuracies the loss decides."""
    right = float((answers.argmax(1) == class_ids).mean())
    return (right, -loss) if config.monitor == VAL_ACCURACY else (-loss,)


def first_weights(config: TrainConfig, width: int, n_classes: int, rng: np.random.Generator) -> Weights:
    """As Keras' layers begin: uniform by Glorot, nothing added."""
    widths = (width, config.units, n_classes) if head_named(config.head).hidden_layer else (width, n_classes)
    weights = []
    for inputs, outputs in pairwise(widths):
        limit = math.sqrt(6 / (inputs + outputs))
        weights += [rng.uniform(-limit, limit, (inputs, outputs)).astype(np.float32), np.zeros(outputs, np.float32)]
    return weights


def probabilities(weights: Weights, features: np.ndarray) -> np.ndarray:
    """What a head says: float32 (n, n_classes)."""
    for layer in range(0, len(weights) - 2, 2):
        features = np.maximum(features @ weights[layer] + weights[layer + 1], 0)
    scores = features @ weights[-2] + weights[-1]
    with np.errstate(all="ignore"):  # a rate that is too high ends in numbers that are none
        powers = np.exp(scores - scores.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)


def gradients(
    weights: Weights,
    features: np.ndarray,
    class_ids: np.ndarray,
    counts: np.ndarray,
    dropout: float,
    rng: np.random.Generator,
) -> Weights:
    """Of the batch's mean cross-entropy, by each of the weights.

    Args:
        features: float32 (n, width).
        class_ids: int64 (n,).
        counts: float32 (n,): what each photo counts.
        dropout: Share of each layer's inputs that is hidden at random.
    """
    with np.errstate(all="ignore"):
        inputs = [_hide(features, dropout, rng)]
        for layer in range(0, len(weights) - 2, 2):
            hidden = np.maximum(inputs[-1] @ weights[layer] + weights[layer + 1], 0)
            inputs.append(_hide(hidden, dropout, rng))
        error = probabilities(weights[-2:], inputs[-1])
        error[np.arange(len(class_ids)), class_ids] -= 1
        error *= counts[:, None] / len(class_ids)
        found: Weights = []
        for layer in range(len(weights) - 2, -1, -2):
            found = [inputs[layer // 2].T @ error, error.sum(0), *found]
            if layer:
                # Where an input is above nothing it was neither hidden nor cut off, and hiding others enlarged it.
                error = (error @ weights[layer].T) * (inputs[layer // 2] > 0) / (1 - dropout)
        return found


def _hide(values: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    if not share:
        return values
    return values * ((rng.random(values.shape, np.float32) >= share) / np.float32(1 - share))


def _counts(config: TrainConfig, class_ids: np.ndarray, n_classes: int) -> np.ndarray:
    """What a photo of each class counts: float32 (n_classes,)."""
    found = class_weights(config, class_ids, n_classes) or {}
    return np.array([found.get(index, 1.0) for index in range(n_classes)], np.float32)


def _loss(answers: np.ndarray, class_ids: np.ndarray) -> float:
    given = answers[np.arange(len(class_ids)), class_ids].astype(np.float64)
    return float(-np.log(np.clip(given, EPSILON, 1)).mean())
