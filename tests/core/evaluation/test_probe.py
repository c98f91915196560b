import numpy as np
import pytest
from sklearn.linear_model import Ridge

from core.evaluation.folds import grouped_folds
from core.evaluation.probe import RIDGE, fit_linear, linear_answers, neighbour_answers, unit


def clouds(n_per_class, n_classes=3, width=40, spread=0.3, seed=0):
    """Features around one direction for each class, and the classes."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(n_classes, width))
    class_ids = np.repeat(np.arange(n_classes), n_per_class)
    return (middles[class_ids] + spread * rng.normal(size=(len(class_ids), width))).astype(np.float32), class_ids


def names(n):
    return [str(i) for i in range(n)]


def test_unit_keeps_the_direction_and_survives_nothing():
    rows = unit(np.array([[3, 4], [0, 0]], np.float16))
    assert rows.dtype == np.float32
    assert rows.tolist() == [[pytest.approx(0.6), pytest.approx(0.8)], [0, 0]]


@pytest.mark.parametrize("n_per_class", [8, 60])  # fewer and more photos than features: two ways to one solution
def test_the_linear_map_is_ridge_regression(n_per_class):
    features, class_ids = clouds(n_per_class)
    rows = unit(features)
    weights, bias = fit_linear(rows, class_ids, 3)
    reference = Ridge(alpha=RIDGE).fit(rows, np.eye(3)[class_ids])
    assert np.allclose(rows @ weights + bias, reference.predict(rows), atol=1e-4)


def test_answers_come_from_photos_that_were_not_seen():
    rng = np.random.default_rng(0)
    features, class_ids = rng.normal(size=(200, 400)).astype(np.float32), rng.integers(0, 2, 200)
    fold = grouped_folds(class_ids, names(200), 0)
    right = (linear_answers(unit(features), class_ids, fold) == class_ids).mean()
    assert 0.35 < right < 0.65  # noise, which a map that had seen it would know by heart
    features, class_ids = clouds(40)
    assert (
        linear_answers(unit(features), class_ids, grouped_folds(class_ids, names(120), 0)) == class_ids
    ).mean() > 0.97


def test_near_copies_do_not_count_as_neighbours():
    rng = np.random.default_rng(0)
    pictures, class_ids = rng.normal(size=(60, 200)), rng.integers(0, 2, 60)
    twice = unit(np.concatenate([pictures, pictures + 1e-3]))
    both = np.concatenate([class_ids, class_ids])
    fooled = neighbour_answers(twice, both, names(120)) == both
    honest = neighbour_answers(twice, both, names(60) * 2) == both
    assert fooled.mean() > 0.9
    assert honest.mean() < 0.75


def test_neighbours_tell_clouds_apart_and_few_photos_are_enough():
    features, class_ids = clouds(10)
    assert (neighbour_answers(unit(features), class_ids, names(30)) == class_ids).all()
    assert neighbour_answers(unit(features[[0, 10]]), np.array([0, 1]), names(2)).tolist() == [1, 0]
