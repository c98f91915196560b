"""How similar photos are to what the base model learned from, as a number in 0..1, measured on the photos themselves.

The size-similarity matrix of the article asks whether a data set is "similar" to ImageNet and leaves that to common
sense. Two things can be measured instead:

- *familiar*: how surely the base model's own ImageNet head answers on these photos. A network answers a picture unlike
  its training pictures with many small probabilities (D. Hendrycks and K. Gimpel, "A Baseline for Detecting
  Misclassified and Out-of-Distribution Examples in Neural Networks", 2017). Measured as one minus the mean entropy of
  its answers, over the entropy of not knowing at all, in relation to what photos of ImageNet itself reach.
- *sorted*: how well its features tell the user's classes apart without any training of the base: the accuracy of a
  linear probe and of the nearest neighbours, each cross-validated, above what guessing would reach.

The similarity is their product: a base model is near to a data set when it knows such pictures *and* sees the
difference that matters. The calibration is in docs/log.md, the command in benchmarks/similarity.py.
"""

from dataclasses import dataclass

import numpy as np

from core.advice.record import SimilarityParts
from core.evaluation.folds import grouped_folds
from core.evaluation.probe import linear_answers, neighbour_answers, unit

SURENESS_ON_IMAGENET = 0.754  # of EfficientNet-Lite0 on 200 photos of 200 ImageNet classes
RESAMPLES = 400  # of the photos, for the interval (B. Efron's bootstrap, 1979)


@dataclass(frozen=True)
class Similarity:
    """What was measured.

    Args:
        value: 0 (nothing in common) to 1 (as ImageNet's own photos).
        by_photo: float32 (n,), how surely the head answers on each, as `familiar` but not cut at 1.
    """

    value: float
    parts: SimilarityParts
    by_photo: np.ndarray


def measure_similarity(
    features: np.ndarray, class_ids: np.ndarray, groups: list[str], top: tuple[np.ndarray, np.ndarray], seed: int
) -> Similarity:
    """Measure it.

    Args:
        features: float32 (n, width), the base's pooled features of the photos.
        class_ids: int (n,), indices; at least two classes.
        groups: Of each photo, equal for near-copies.
        top: The base's ImageNet head: weights, float32 (width, 1000), and bias, float32 (1000,).
        seed: Of the folds and the resampling.
    """
    answers = imagenet_answers(features, top)
    by_photo = (1 - _entropy(answers) / np.log(answers.shape[1])) / SURENESS_ON_IMAGENET  # 0: it could be anything
    rows = unit(features)
    probed = linear_answers(rows, class_ids, grouped_folds(class_ids, groups, seed)) == class_ids
    near = neighbour_answers(rows, class_ids, groups) == class_ids
    measured = np.stack([by_photo, probed, near], axis=1)  # (n, 3)
    chance = float(np.bincount(class_ids).max() / len(class_ids))
    rng = np.random.default_rng(seed)
    again = rng.integers(0, len(class_ids), (RESAMPLES, len(class_ids)))
    values = [_value(*measured[chosen].mean(0), chance) for chosen in again]
    sureness, probe_accuracy, neighbour_accuracy = measured.mean(0)
    parts = SimilarityParts(
        interval=(float(np.quantile(values, 0.025)), float(np.quantile(values, 0.975))),
        familiar=float(np.clip(sureness, 0, 1)),
        kinds=float(np.exp(_entropy(answers.mean(0)[None])[0])),
        probe_accuracy=float(probe_accuracy),
        neighbour_accuracy=float(neighbour_accuracy),
        chance=chance,
        n=len(class_ids),
    )
    return Similarity(_value(sureness, probe_accuracy, neighbour_accuracy, chance), parts, by_photo)


def imagenet_answers(features: np.ndarray, top: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """What the base's own head says: probabilities, float32 (n, 1000)."""
    weights, bias = top
    scores = np.asarray(features, np.float32) @ weights + bias
    scores = np.exp(scores - scores.max(1, keepdims=True))
    return scores / scores.sum(1, keepdims=True)


def _entropy(probabilities: np.ndarray) -> np.ndarray:
    return -(probabilities * np.log(np.maximum(probabilities, 1e-12))).sum(1)


def _value(sureness: float, probed: float, near: float, chance: float) -> float:
    skill = ((probed + near) / 2 - chance) / (1 - chance)
    return float(np.clip(sureness, 0, 1) * np.clip(skill, 0, 1))
