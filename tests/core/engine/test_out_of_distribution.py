from dataclasses import replace

import numpy as np
import pytest

from core.base.errors import RunError
from core.engine.out_of_distribution import FAR_WEIGHT, USUAL, OutOfDistributionDetector, combined, evened
from core.training.detector_fitting import calibrated, calibrated_in_folds, fit_detector

WIDTH = 24


def drawn(n, centre, seed, spread=0.3):
    """Features of n photos around a class's centre: float32 (n, WIDTH)."""
    return np.maximum(np.random.default_rng(seed).normal(centre, spread, (n, WIDTH)), 0).astype(np.float32)


CENTRES = {"a": np.eye(WIDTH)[0] * 3 + 1, "b": np.eye(WIDTH)[1] * 3 + 1}
STRANGE = np.eye(WIDTH)[9] * 3 + 1


@pytest.fixture(scope="module")
def features():
    return np.concatenate([drawn(100, centre, seed) for seed, centre in enumerate(CENTRES.values())])


@pytest.fixture(scope="module")
def novelty(features):
    labels = ["a"] * 100 + ["b"] * 100
    return calibrated_in_folds(features, labels, [str(i) for i in range(200)], seed=0)


def test_a_share_x_of_photos_like_the_own_is_refused_at_x(novelty):
    fresh = np.concatenate([drawn(500, centre, 50 + seed) for seed, centre in enumerate(CENTRES.values())])
    scores = novelty.in_distribution_score(fresh)
    assert np.mean(scores <= 0.05) == pytest.approx(0.05, abs=0.03)
    assert np.mean(scores <= 0.5) == pytest.approx(0.5, abs=0.1)
    assert scores.max() <= 1


def test_photos_of_another_kind_look_strange(novelty):
    assert (novelty.in_distribution_score(drawn(200, STRANGE, 7)) <= 0.05).mean() > 0.97


def test_no_share_is_below_what_so_many_photos_can_tell(novelty):
    assert novelty.in_distribution_score(drawn(20, STRANGE, 8)).min() == pytest.approx(1 / 201)
    few = calibrated(novelty, novelty.readings(drawn(9, CENTRES["a"], 3)))
    assert few.in_distribution_score(drawn(20, STRANGE, 8)).min() == pytest.approx(1 / 10)


def test_near_copies_do_not_vouch_for_each_other(features):
    """Each photo is here twice. Its copy lies so close that new photos would all look far, were copies compared."""
    twice, labels = np.repeat(features, 2, axis=0), list(np.repeat(["a"] * 100 + ["b"] * 100, 2))
    together = calibrated_in_folds(twice, labels, [str(i // 2) for i in range(400)], seed=0)
    apart = calibrated_in_folds(twice, labels, [str(i) for i in range(400)], seed=0)
    assert together.usual[0, 2] > apart.usual[0, 2]
    fresh = drawn(300, CENTRES["a"], 60)
    assert (together.in_distribution_score(fresh) <= 0.05).mean() <= 0.09


def test_far_from_the_nearest_photos_counts_only_beyond_what_is_usual():
    usual = np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 0.5]])
    readings = np.array([[1.0, 4.0, 0.5], [1.0, 4.0, 2.0]])
    assert combined(readings, usual) == pytest.approx([3.0, 3.0 + FAR_WEIGHT * (4 - USUAL)])


def test_the_distance_is_mahalanobis_and_the_claim_a_ridge_regression(features):
    """Held against a plain computation of both."""
    labels = ["a"] * 100 + ["b"] * 100
    known, asked = fit_detector(features, labels), drawn(5, STRANGE, 9)
    even = evened(features).astype(np.float64)
    z = (even - even.mean(0)) / (even.std(0) + 1e-6 * even.std())
    q = (evened(asked).astype(np.float64) - even.mean(0)) / (even.std(0) + 1e-6 * even.std())
    means = np.stack([z[:100].mean(0), z[100:].mean(0)])
    within = (z - means.repeat(100, axis=0)).T @ (z - means.repeat(100, axis=0)) / 200
    covariance = 0.7 * within + (0.3 * np.trace(within) / WIDTH + 1e-6) * np.eye(WIDTH)
    distances = [[(x - m) @ np.linalg.inv(covariance) @ (x - m) for m in means] for x in q]
    members = np.repeat(np.eye(2), 100, axis=0)
    weights = np.linalg.inv(z.T @ z + 0.3 * 200 * np.eye(WIDTH)) @ z.T @ (members - 0.5)
    readings = known.readings(asked)
    assert readings[:, 0] == pytest.approx(-(q @ weights + 0.5).max(1), abs=1e-4)
    assert readings[:, 1] == pytest.approx(np.min(distances, axis=1), rel=1e-3)
    alike = np.sort(evened(asked) @ evened(features).T, axis=1)[:, -5:].mean(1)
    assert readings[:, 2] == pytest.approx(-alike, abs=1e-5)


def test_a_value_that_never_changes_and_a_class_of_one_photo_are_no_trouble():
    features = drawn(21, CENTRES["a"], 1)
    features[:, 5] = 0
    known = calibrated_in_folds(features, ["a"] * 20 + ["b"], [str(i) for i in range(21)], seed=0)
    assert np.isfinite(known.in_distribution_score(drawn(10, STRANGE, 2))).all()
    assert np.isfinite(known.in_distribution_score(np.zeros((1, WIDTH), np.float32))).all()


def test_it_comes_back_from_disk_with_the_same_answers(novelty, tmp_path):
    novelty.save(tmp_path / "novelty.npz")
    asked = np.concatenate([drawn(50, CENTRES["b"], 11), drawn(50, STRANGE, 12)])
    again = OutOfDistributionDetector.load(tmp_path / "novelty.npz")
    assert again.in_distribution_score(asked) == pytest.approx(novelty.in_distribution_score(asked), abs=0.02)
    assert OutOfDistributionDetector.load(tmp_path / "none.npz") is None


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 no zip", None])
def test_a_damaged_file_is_said_in_words(novelty, tmp_path, damage):
    path = tmp_path / "run" / "novelty.npz"
    novelty.save(path)
    path.write_bytes(path.read_bytes()[:-900] if damage is None else damage)
    with pytest.raises(RunError, match="knows of your own photos is damaged"):
        OutOfDistributionDetector.load(path)


def test_a_pickle_in_its_place_is_not_run(novelty, tmp_path):
    path = tmp_path / "novelty.npz"
    values = {**vars(novelty), "share": np.array([{"an": "object"}], object)}
    np.savez(path, **values)
    with pytest.raises(RunError, match="damaged"):
        OutOfDistributionDetector.load(path)


def test_what_is_missing_in_it_is_said_too(novelty, tmp_path):
    values = vars(replace(novelty))
    np.savez(tmp_path / "novelty.npz", **{name: value for name, value in values.items() if name != "photos"})
    with pytest.raises(RunError, match="damaged"):
        OutOfDistributionDetector.load(tmp_path / "novelty.npz")
