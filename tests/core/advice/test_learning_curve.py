import numpy as np
import pytest

from core.advice.learning_curve import SHARES, _power_law, learning_curve


def overlapping(counts, width=30, seed=0):
    """Classes whose clouds overlap, so that more photos help to find the border."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(size=(len(counts), width))
    classes = np.repeat(np.arange(len(counts)), counts)
    return (middles[classes] + 2.2 * rng.normal(size=(len(classes), width))).astype(np.float32), classes


def test_more_photos_bring_more_and_the_curve_goes_on():
    features, classes = overlapping([200, 200, 200])
    labels, groups = ["a", "b", "c"], [str(i) for i in range(600)]
    curve = learning_curve(features, classes, groups, labels, seed=0)
    assert [round(point.per_class) for point in curve.points] == [20, 40, 80, 160, 400]
    assert [point.measured for point in curve.points] == [True] * len(SHARES) + [False]
    accuracy = [point.accuracy for point in curve.points]
    assert accuracy == sorted(accuracy)
    assert accuracy[3] > accuracy[0] + 0.05
    assert all(low <= value <= high for value, (low, high) in ((p.accuracy, p.interval) for p in curve.points))
    assert learning_curve(features, classes, groups, labels, seed=0) == curve


def test_what_it_foretells_comes_true():
    features, classes = overlapping([400, 400], seed=3)
    half = np.concatenate([np.arange(0, 400, 2), np.arange(400, 800, 2)])
    groups = [str(i) for i in range(800)]
    foretold = learning_curve(features[half], classes[half], [groups[i] for i in half], ["a", "b"], 0).points[-1]
    came = learning_curve(features, classes, groups, ["a", "b"], 0).points
    assert foretold.per_class == pytest.approx(400)
    at_320 = came[3]
    assert at_320.accuracy == pytest.approx(foretold.accuracy, abs=0.025)


def test_the_class_that_lacks_photos_is_named():
    features, classes = overlapping([40, 200, 200], seed=1)
    curve = learning_curve(features, classes, [str(i) for i in range(440)], ["rare", "b", "c"], seed=0)
    first = curve.lacks[0]
    assert (first.label, first.photos, first.helps) == ("rare", 40, True)
    assert first.gain > max(lack.gain for lack in curve.lacks[1:])


def test_classes_that_are_told_apart_already_lack_nothing():
    rng = np.random.default_rng(0)
    classes = np.repeat([0, 1], 60)
    features = (np.eye(20)[classes] * 9 + rng.normal(size=(120, 20))).astype(np.float32)
    curve = learning_curve(features, classes, [str(i) for i in range(120)], ["a", "b"], seed=0)
    assert [lack.helps for lack in curve.lacks] == [False, False]
    assert curve.points[-1].accuracy == 1


def test_the_power_law_is_found_again_and_never_leaves_0_to_1():
    n = np.array([10.0, 20, 40, 80])
    assert _power_law(n, 0.05 + 0.9 * n**-0.5, 200) == pytest.approx(0.05 + 0.9 * 200**-0.5, abs=0.005)
    assert _power_law(n, np.array([0.2, 0.1, 0.05, 0.025]), 160) == pytest.approx(0.0125, abs=0.003)
    assert _power_law(n, np.array([0.1, 0.11, 0.12, 0.13]), 200) == pytest.approx(0.12, abs=0.01)  # it grew: by chance
    assert _power_law(n, np.zeros(4), 200) == 0
