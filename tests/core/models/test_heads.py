"""The heads beyond the pooled ones, each trained, saved and asked as a user's run is."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from core.base.errors import InputError
from core.base.subsets import TEST
from core.engine.engine import FEATURES, PROBABILITIES, Engine
from core.engine.feature_cache import FeatureCache
from core.jobs.job import Job
from core.models.config import TrainConfig, usual_config, with_head
from core.models.head_building import attach, build_head, input_width
from core.models.heads import FLATTEN_FC, LINEAR_SVM, LOGISTIC
from core.photos.decoding import read_pixels
from core.runs.predictions import read_predictions
from core.runs.run import Run
from core.training.fitting import answers_of, fit_head
from core.training.rows import LabelledFeatures, StoredFeatures
from core.training.strategies import extraction
from core.training.training import train_run
from tests.core.conftest import run_photos
from tests.core.shapes import CLASSES

MAP = 7 * 7 * 1280


@pytest.fixture(
    scope="module", params=[pytest.param(head, marks=pytest.mark.slow) for head in (FLATTEN_FC, LINEAR_SVM, LOGISTIC)]
)
def judged(request, shapes, places, tmp_path_factory):
    """A run with this head on drawn shapes, its test part given, and its report."""
    config = TrainConfig(head=request.param, units=32, dropout=0.2, epochs=8, learning_rate=1e-4, test_given=True)
    run = Run.create(tmp_path_factory.mktemp(request.param) / "run", config, run_photos(shapes))
    return run, train_run(run, places)


def test_each_head_learns_shapes_and_its_saved_model_answers_as_keras_does(judged):
    run, report = judged
    assert report.head == run.config().head
    assert report.test.accuracy >= 0.7
    assert report.engine_parity.same_but_for_ties == 1.0
    table = read_predictions(run.predictions_path, TEST)
    pixels = np.stack([read_pixels(path, 224) for path in map(Path, table["path"])])
    model = keras.saving.load_model(run.keras_path)  # safe mode: ordinary layers, no code of ours
    theirs = model.predict_on_batch(pixels.astype(np.float32))
    assert theirs == pytest.approx(table[[f"p_{i}" for i in range(len(CLASSES))]].to_numpy(), abs=0.02)
    ours, _ = Engine(run.engine_path, "f32").run(list(pixels), PROBABILITIES)
    assert ours == pytest.approx(theirs, abs=1e-3)


def test_the_engine_gives_the_pooled_features_whatever_the_head_takes(judged, base_engine_path, shapes):
    run, _ = judged
    photos = sorted(path for path in shapes.rglob("*") if path.is_file())[:3]
    ours, _ = Engine(run.engine_path, "f32").run(photos, FEATURES)
    theirs, _ = Engine(base_engine_path, "f32").run(photos, FEATURES)
    assert ours.shape == (3, 1280)
    assert ours == pytest.approx(theirs, abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("judged", [FLATTEN_FC], indirect=True)
def test_whole_feature_maps_are_kept_so_another_layer_asks_nobody(judged, places, tmp_path, monkeypatch):
    run, report = judged

    def asked(path, *_):
        raise AssertionError(f"{path} was loaded")

    monkeypatch.setattr(extraction, "shared_engine", asked)
    config = replace(run.config(), units=4, epochs=2)
    again = train_run(Run.create(tmp_path / "again", config, run.photos()), places)
    assert again.test.n == report.test.n


@pytest.mark.slow
def test_features_left_in_the_cache_teach_the_same_as_those_in_memory(tmp_path):
    rng, class_ids = np.random.default_rng(0), np.arange(60) % 2
    features = (rng.normal(0, 1, (60, 6)) + (2 * class_ids - 1)[:, None]).astype(np.float16)
    contents = [f"{n:064x}" for n in range(60)]
    cache = FeatureCache(tmp_path, "stored", 6)
    cache.add(contents, features)

    class Photo:
        def __init__(self, sha256):
            self.sha256 = sha256

    stored = StoredFeatures([Photo(c) for c in contents], ("original",), class_ids, cache)
    memory = LabelledFeatures(features.astype(np.float32), class_ids)
    config = TrainConfig(epochs=3, batch_size=16)
    heads = [fit_head(config, rows, rows, 2, Job(tmp_path)) for rows in (stored, memory)]
    assert answers_of(heads[0], stored) == pytest.approx(answers_of(heads[1], memory), abs=1e-6)


def test_a_head_as_wide_as_the_map_takes_all_of_it_and_knows_places():
    base_map = keras.Input((4, 4, 3))
    head = build_head(TrainConfig(head=FLATTEN_FC, units=5), 48, 2)
    model = keras.Model(base_map, attach(head, base_map))
    here = np.zeros((1, 4, 4, 3), np.float32)
    there = here.copy()
    here[0, 0, 0], there[0, 3, 3] = 5, 5
    assert np.abs(model.predict_on_batch(here) - model.predict_on_batch(there)).max() > 1e-3
    pooled = keras.Model(base_map, attach(build_head(TrainConfig(), 3, 2), base_map))
    assert pooled.predict_on_batch(here) == pytest.approx(pooled.predict_on_batch(there), abs=1e-6)


def test_a_layer_too_large_for_the_memory_is_refused_before_anything_is_computed():
    base = keras.Model(*[keras.Input((7, 7, 1280))] * 2)
    assert input_width(TrainConfig(head=FLATTEN_FC, units=519), base) == MAP
    with pytest.raises(InputError, match="2,391 units are possible"):
        input_width(TrainConfig(head=FLATTEN_FC, units=8000), base)


def test_the_articles_head_has_its_units_and_a_rate_that_suits_so_wide_a_layer():
    config = with_head(usual_config("feature-extraction"), FLATTEN_FC)
    assert (config.units, config.dropout, config.learning_rate) == (519, 0.5, 1e-4)
    assert with_head(config, "gap").learning_rate == TrainConfig().learning_rate
