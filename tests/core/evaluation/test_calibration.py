import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from core.evaluation.calibration import (
    HIGHEST,
    LOWEST,
    calibration_error,
    fit_calibration,
    fit_temperature,
    reliability,
    with_temperature,
)
from core.evaluation.metrics import log_loss


def over_sure(n, n_classes, factor, seed):
    """Labels drawn from true probabilities, and answers whose scores are that much too large."""
    rng = np.random.default_rng(seed)
    scores = 1.5 * rng.normal(size=(n, n_classes))
    true = np.exp(scores) / np.exp(scores).sum(1, keepdims=True)
    truth = (true.cumsum(1) > rng.random((n, 1))).argmax(1)
    return with_temperature(true, 1 / factor).astype(np.float32), truth


def test_a_temperature_of_two_takes_the_square_root_of_the_odds():
    # 0.9 : 0.1 is 9 : 1, its root 3 : 1
    assert with_temperature(np.array([[0.9, 0.1]], np.float32), 2.0) == pytest.approx(np.array([[0.75, 0.25]]))


@pytest.mark.parametrize("temperature", [0.1, 0.7, 1.0, 3.0, 10.0])
def test_a_temperature_never_changes_an_answer_and_leaves_probabilities(temperature):
    probabilities, _ = over_sure(500, 7, 2.0, seed=1)
    probabilities[0] = [1, 0, 0, 0, 0, 0, 0]  # the logarithm of nothing
    scaled = with_temperature(probabilities, temperature)
    assert (scaled.argmax(1) == probabilities.argmax(1)).all()
    assert scaled.sum(1) == pytest.approx(np.ones(500))
    assert np.isfinite(scaled).all()
    if temperature == 1.0:
        assert scaled == pytest.approx(probabilities, abs=1e-6)


@pytest.mark.parametrize(("factor", "seed"), [(0.5, 0), (1.0, 1), (1.6, 2), (3.0, 3)])
def test_the_temperature_that_was_hidden_in_the_answers_is_found(factor, seed):
    assert fit_temperature(*over_sure(6000, 5, factor, seed)) == pytest.approx(factor, rel=0.06)


def test_the_temperature_is_the_one_that_scipy_finds():
    probabilities, truth = over_sure(400, 3, 2.0, seed=5)

    def loss(t):
        return 400 * log_loss(truth, with_temperature(probabilities, t)) + np.log(t) ** 2 / (2 * 0.2**2)

    found = minimize_scalar(loss, bounds=(LOWEST, HIGHEST), method="bounded")
    assert fit_temperature(probabilities, truth) == pytest.approx(found.x, rel=1e-3)


def test_the_fewer_the_photos_the_less_they_move_the_temperature():
    # 99 % sure and right 19 times of 20: by the photos alone ln(99) / ln(19)
    counts = (20, 200, 2000, 20_000)
    found = [fit_temperature(np.tile([0.99, 0.01], (n, 1)), (np.arange(n) % 20 == 0).astype(int)) for n in counts]
    assert found == sorted(found)
    assert 1 < found[0] < 1.2
    assert found[-1] == pytest.approx(np.log(99) / np.log(19), rel=0.01)


def test_without_a_mistake_there_is_nothing_to_fit():
    probabilities, truth = np.array([[0.9, 0.1], [0.2, 0.8]], np.float32), np.array([0, 1])
    assert fit_temperature(probabilities, truth) is None
    assert fit_calibration((probabilities, truth), (probabilities, truth)) is None


def test_the_calibration_error_is_the_one_counted_by_hand():
    sure = np.array([0.95, 0.95, 0.95, 0.95, 0.55, 0.55])
    right = np.array([True, True, True, False, True, False])
    bins = reliability(sure, right)
    assert bins["n"].tolist() == [2, 4]
    assert bins["right"].tolist() == [0.5, 0.75]
    assert bins["sure"].tolist() == pytest.approx([0.55, 0.95])
    assert (bins["low"] < bins["right"]).all()
    assert (bins["right"] < bins["high"]).all()
    assert calibration_error(bins) == pytest.approx((2 * 0.05 + 4 * 0.20) / 6)


def test_a_bin_holds_its_upper_edge_and_certainty_is_in_the_last():
    bins = reliability(np.array([2 / 15, 2 / 15 + 1e-6, 1.0, 0.999]), np.array([True] * 4))
    assert bins["n"].tolist() == [1, 1, 2]


def test_what_is_fitted_on_some_photos_mends_others():
    found = fit_calibration(over_sure(1000, 4, 2.5, seed=6), over_sure(3000, 4, 2.5, seed=7))
    assert found.n_validation == 1000
    assert found.temperature == pytest.approx(2.5, rel=0.15)
    assert found.ece_before > 0.1
    assert found.ece_after < 0.03
