"""Asking about mirror images is advised where it helps by more than chance, and nowhere else."""

from dataclasses import replace

import numpy as np
import pytest

from core.advice.mirror_images import mirror_in_words, try_mirror_images
from core.advice.record import AdvisedPlan, MirrorTrial
from core.engine.features import PhotoFeatures
from core.models.config import TrainConfig
from core.photos.labelled_photo import LabelledPhoto

N, WIDTH, CLASSES = 400, 24, 4


def looks(noise: float, seed: int) -> tuple[PhotoFeatures, np.ndarray]:
    """What a base says of photos, and of their mirror images: both their class's place, and noise of their own."""
    rng, class_ids = np.random.default_rng(seed), np.arange(N) % CLASSES
    photos = [LabelledPhoto(f"/nowhere/{i}.jpg", f"class {class_ids[i]}", "", f"{i:064x}") for i in range(N)]
    places = rng.normal(0, 1, (CLASSES, WIDTH))[class_ids]
    rows, mirrored = (places + rng.normal(0, noise, (N, WIDTH)) for _ in range(2))
    return PhotoFeatures(photos, rows.astype(np.float32)), mirrored.astype(np.float32)


def test_two_looks_at_a_strange_photo_see_more_than_one():
    trial = try_mirror_images(*looks(noise=3.0, seed=1), seed=0)
    assert trial.helps
    assert trial.n == N
    assert trial.accuracy_with_mirror > trial.accuracy + 0.05
    assert "more than chance, so it is advised. An answer then takes about twice as long." in mirror_in_words(trial)


def test_where_one_look_is_enough_or_the_mirror_image_says_the_same_it_is_not_advised():
    known, mirrored = looks(noise=0.5, seed=1)
    assert not try_mirror_images(known, mirrored, seed=0).helps
    known, _ = looks(noise=3.0, seed=1)
    same = try_mirror_images(known, known.rows, seed=0)
    assert (same.accuracy, same.p, same.helps) == (same.accuracy_with_mirror, 1.0, False)
    assert "that could be chance" in mirror_in_words(same)


def test_where_it_harms_beyond_doubt_it_is_not_advised():
    known, mirrored = looks(noise=1.0, seed=2)
    trial = try_mirror_images(known, -3 * mirrored, seed=0)
    assert trial.p < 0.001
    assert trial.accuracy_with_mirror < trial.accuracy
    assert not trial.helps


@pytest.mark.parametrize("asks", [False, True])
def test_the_plan_knows_and_an_older_one_says_nothing_of_it(asks):
    plan = AdvisedPlan.of(replace(TrainConfig(), ask_mirror=asks))
    assert plan.ask_mirror is asks
    assert ("ask_mirror" in plan.to_json()) is asks
    assert AdvisedPlan.from_json(plan.to_json()) == plan
    assert MirrorTrial.from_json(MirrorTrial(10, 0.5, 0.6, 0.2).to_json()).p == 0.2
