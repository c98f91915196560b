"""Which base is recommended: of those that are level the one that computes least, several only when surely better."""

import time
from dataclasses import replace

import numpy as np
import pytest

from core.advice import bake_off as trying
from core.advice.advice_words import recommendation, seconds_by_advice
from core.advice.bake_off import Tried, bake_off, photos_for, ranked
from core.advice.quadrants import START_S
from core.advice.record import BaseTrial, recommended_alone
from core.engine.features import PhotoFeatures
from core.evaluation.metrics import mcnemar_exact, wilson_interval
from core.jobs.job import Job
from core.models.catalogue import BUILT_IN, CATALOGUE, base_model
from core.models.config import TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from tests.core.advices import LITE0, LITE1, some_advice

N = 200
PAIR = "efficientnet-lite0+efficientnet-lite1"


def tried(name, wrong, cost=1.0, rate=50.0):
    """A base that was wrong on these photos of N, by number."""
    right = np.ones(N, bool)
    right[list(wrong)] = False
    interval = wilson_interval(int(right.sum()), N)
    trial = BaseTrial(name, name, float(right.mean()), interval, N, rate, 10.0, 1.0, multiply_adds_g=cost)
    return Tried(trial, PhotoFeatures([], np.zeros((0, 1), np.float32)), right)


def recommended(alone, several=()):
    return [trial.base for trial in ranked(list(alone), list(several)) if trial.recommended]


def test_of_those_that_are_level_the_one_that_computes_least_is_recommended_however_quick_it_seemed():
    poor, light, heavy = tried("poor", range(60), 0.1), tried("light", range(14), 0.4, 10.0), tried("heavy", range(10))
    assert [trial.base for trial in ranked([poor, light, heavy], [])] == ["heavy", "light", "poor"]
    assert recommended([poor, light, heavy]) == ["light"]
    assert recommended([poor, heavy]) == ["heavy"]


def test_a_base_is_surely_worse_by_the_photos_on_which_it_and_the_best_differ_though_intervals_overlap():
    heavy, light = tried("heavy", range(10)), tried("light", range(16), 0.4)  # 6 and 0 differ: p = 0.031
    assert light.trial.interval[1] > heavy.trial.interval[0]
    assert recommended([light, heavy]) == ["heavy"]
    scattered = tried("light", range(6, 22), 0.4)  # 12 and 6 differ: p = 0.24
    assert recommended([scattered, heavy]) == ["light"]


def test_several_are_recommended_only_when_better_by_more_than_chance_on_the_same_photos():
    light, heavy = tried("light", range(24), 0.4), tried("heavy", range(20))
    assert recommended([light, heavy], [tried("light+heavy", range(12))]) == ["light+heavy"]  # 8 and 0: p = 0.008
    assert recommended([light, heavy], [tried("light+heavy", range(15))]) == ["light"]  # 5 and 0: p = 0.06
    assert recommended([light, heavy], [tried("light+heavy", range(15, 27))]) == ["light"]  # 15 and 7
    both = [tried("light+heavy", range(14)), tried("light+heavy+more", range(12))]
    assert mcnemar_exact(6, 0) < 0.05 < 2 * mcnemar_exact(6, 0)
    assert recommended([light, heavy], both) == ["light+heavy+more"]
    both[0] = tried("light+heavy", range(13))
    assert recommended([light, heavy], both) == ["light+heavy"]  # the third one adds no more than chance would


def test_where_more_than_a_head_learns_one_alone_is_recommended():
    trials = ranked([tried("light", range(24), 0.4), tried("heavy", range(20))], [tried("light+heavy", range(5))])
    assert recommended_alone(trials).base == "light"
    assert recommended_alone([replace(LITE1, recommended=True), LITE0]).base == LITE1.base  # as an older version chose


def test_light_bases_look_at_more_photos():
    assert photos_for([base_model(BUILT_IN)]) == 1000
    assert photos_for([base_model("vgg19")]) == 307
    assert photos_for(list(CATALOGUE)) == 300


@pytest.fixture
def played(monkeypatch):
    """Two bases, each of which sees two of three classes apart, and none of what the other sees."""
    ids = np.repeat([0, 1, 2], 30)
    photos = [LabelledPhoto(f"{n}.jpg", "abc"[k], "", f"{n:064x}") for n, k in enumerate(ids)]
    rng = np.random.default_rng(0)
    rows = {
        name: np.eye(3, dtype=np.float32)[np.where(ids == 1, other, ids)] + rng.normal(0, 0.1, (90, 3))
        for name, other in (("efficientnet-lite0", 0), ("efficientnet-lite1", 2))
    }
    asked = []

    def known_of(base, some, places, job):
        asked.append(base.name)
        return PhotoFeatures(some, rows[base.name].astype(np.float32))

    class Quick:
        def run(self, photos, output):
            time.sleep(1e-3)

    monkeypatch.setattr(trying, "features_of", known_of)
    monkeypatch.setattr(trying, "engine_of", lambda base, places: Quick())
    return photos, asked


def test_the_two_best_are_tried_side_by_side_on_what_each_has_said(played, tmp_path):
    photos, asked = played
    trials = bake_off([base_model(name) for name in PAIR.split("+")], photos, None, Job(tmp_path))
    together = next(trial for trial in trials if trial.is_several)
    assert asked == PAIR.split("+")  # nothing is computed anew
    assert (together.base, together.title) == (PAIR, "EfficientNet-Lite0 + EfficientNet-Lite1")
    assert together is trials[0]
    assert together.recommended
    assert together.accuracy == 1.0
    assert together.gained - together.lost == round(90 * (1 - max(trial.accuracy for trial in trials[1:])))
    assert together.multiply_adds_g == 0.983
    assert together.photos_per_second < min(trial.photos_per_second for trial in trials[1:])
    words = recommendation(some_advice(bake_off=trials))
    assert f"Side by side they were right on {together.gained} photos where " in words
    assert "more than chance would do (McNemar's test, p = " in words
    assert "The plan trains more than a head, which takes one alone: EfficientNet-Lite0." in recommendation(
        some_advice(bake_off=trials, quadrant=3)
    )


def test_what_was_recommended_by_an_older_version_is_told_as_it_was():
    old = some_advice(bake_off=[LITE1, replace(LITE0, recommended=True)])
    assert "it was the quickest of them when they were tried and is recommended" in recommendation(old)
    new = [LITE1, replace(LITE0, recommended=True, multiply_adds_g=0.384)]
    assert "it computes the least for a photo and is recommended" in recommendation(some_advice(bake_off=new))
    pair = replace(LITE1, base=PAIR, title="Both")
    assert "Side by side, Both reached 95 %: not more than" in recommendation(some_advice(bake_off=[*new, pair]))


def test_the_time_of_several_is_that_of_one_after_the_other():
    advice = some_advice(bake_off=[LITE1, replace(LITE0, recommended=True)])  # 60 and 100 photos a second
    assert seconds_by_advice(TrainConfig(base=PAIR), advice, 75) == pytest.approx(START_S + 75 / 37.5)
    assert seconds_by_advice(TrainConfig(base=f"{PAIR}+vgg16"), advice, 75) is None
    tried_too = some_advice(bake_off=[replace(LITE1, base=PAIR, photos_per_second=25.0), LITE0, LITE1])
    assert seconds_by_advice(TrainConfig(base=PAIR), tried_too, 75) == START_S + 3
