"""Quick judges of features: how well a linear map, or the nearest neighbours, tell the classes apart.

A linear probe on frozen features is the usual measure of what a network already sees (G. Alain and Y. Bengio,
"Understanding intermediate layers using linear classifier probes", 2016). Here it is ridge regression onto the class
indicators: solved in closed form, hundreds of times as fast as a head in Keras and within a point of it (docs/log.md).

Features are float32 (n, width), of `unit`; class ids are int (n,).
"""

import numpy as np

RIDGE = 0.1  # for features of length 1; between 0.03 and 0.3 hardly anything changes (docs/log.md)
NEIGHBOURS = 5


def unit(features: np.ndarray) -> np.ndarray:
    """The same directions with length 1: float32 (n, width)."""
    features = np.asarray(features, np.float32)
    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)


def principal_components(features: np.ndarray, at_most: int) -> np.ndarray:
    """The coordinates along the directions in which the features differ most: float32 (n, at most `at_most`)."""
    centred = features - features.mean(0)
    _, directions = np.linalg.eigh(centred.T @ centred)  # ascending; (width, width) however many photos there are
    return centred @ directions[:, ::-1][:, : min(at_most, len(features) - 1)]


def fit_linear(features: np.ndarray, class_ids: np.ndarray, n_classes: int) -> tuple[np.ndarray, np.ndarray]:
    """Ridge regression onto the class indicators.

    Returns:
        Weights, float32 (width, n_classes), and what is added, float32 (n_classes,): the highest score is the answer.
    """
    wanted = np.eye(n_classes, dtype=np.float32)[class_ids]
    middle, share = features.mean(0), wanted.mean(0)
    x, y = features - middle, wanted - share
    if len(x) < x.shape[1]:  # the smaller of two systems with the same solution
        weights = x.T @ np.linalg.solve(x @ x.T + RIDGE * np.eye(len(x), dtype=np.float32), y)
    else:
        weights = np.linalg.solve(x.T @ x + RIDGE * np.eye(x.shape[1], dtype=np.float32), x.T @ y)
    return weights, share - middle @ weights


def linear_answers(features: np.ndarray, class_ids: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """What a linear map that has not seen a photo's fold, of `grouped_folds`, says of it: int64 (n,), class ids."""
    answers = np.zeros(len(class_ids), np.int64)
    for number in np.unique(fold):
        seen, unseen = fold != number, fold == number
        weights, bias = fit_linear(features[seen], class_ids[seen], int(class_ids.max()) + 1)
        answers[unseen] = (features[unseen] @ weights + bias).argmax(1)
    return answers


def neighbour_answers(features: np.ndarray, class_ids: np.ndarray, groups: list[str]) -> np.ndarray:
    """What the NEIGHBOURS nearest other photos are, by cosine: int64 (n,), class ids; those of a group don't count."""
    alike = features @ features.T
    _, group = np.unique(groups, return_inverse=True)
    alike[group[:, None] == group[None]] = -np.inf
    nearest = np.argpartition(-alike, min(NEIGHBOURS, len(class_ids) - 1), axis=1)[:, :NEIGHBOURS]
    likeness = np.take_along_axis(alike, nearest, 1)
    weight = np.where(np.isinf(likeness), 0, np.maximum(likeness, 1e-6))  # more for the more alike: there are no ties
    votes = np.stack([(weight * (class_ids[nearest] == k)).sum(1) for k in range(int(class_ids.max()) + 1)], axis=1)
    return votes.argmax(1)
