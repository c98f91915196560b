"""Runs that see photos at another size than the base's own: what they keep, save and answer."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from core.base.files import read_json
from core.engine.engine import Engine
from core.engine.features import base_features
from core.engine.nearest_photos import features_of_base
from core.engine.places import Places
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import BENCHMARK_CNN, FINE_TUNE, FROM_SCRATCH, TrainConfig, usual_config
from core.photos.pictures import USUAL
from core.runs.grad_cam import HeatMapper
from core.runs.predictor import Predictor
from core.runs.run import Run
from core.search.material import material_of
from core.training.continuing import create_continued
from core.training.training import train_run
from tests.core.conftest import Trained, run_photos
from tests.core.shapes import write_shapes

pytestmark = pytest.mark.slow  # each is a training of its own
SIZE = 96
SMALL = TrainConfig(image_size=SIZE, epochs=40, learning_rate=0.01)
SMALL_ROW, USUAL_ROW = SMALL.base_row(), base_model(BUILT_IN)


def trained_on(photos, config, places, folder):
    run = Run.create(folder, config.check(), photos)
    return Trained(run, config, places, photos, train_run(run, places))


@pytest.fixture(scope="module")
def own_places(places, tmp_path_factory):
    """A cache of its own, so that what is in it is known; the converted bases are shared."""
    return Places(cache=tmp_path_factory.mktemp("cache"), engine=places.engine)


@pytest.fixture(scope="module")
def small(shapes, own_places, tmp_path_factory):
    return trained_on(run_photos(shapes), SMALL, own_places, tmp_path_factory.mktemp("small") / "run")


def contents_of(places):
    return {path.name: path.read_bytes() for path in (places.cache / "features").glob("*") if path.suffix != ".lock"}


def test_settings_model_and_engine_say_the_size(small):
    assert read_json(small.run.config_path)["image_size"] == SIZE
    assert keras.saving.load_model(small.run.keras_path, compile=False).input_shape == (None, SIZE, SIZE, 3)
    assert Engine(small.run.engine_path).image_size == SIZE
    assert small.report.engine_parity.same_but_for_ties >= 0.9
    assert small.report.test.accuracy >= 0.6  # every third class by chance


def test_what_the_base_said_is_kept_by_size(small):
    missing = [len(base_features(row, small.places).missing(small.photos)) for row in (SMALL_ROW, USUAL_ROW)]
    assert missing == [0, len(small.photos)]
    assert features_of_base(small.places.cache, BUILT_IN, USUAL, SIZE).missing([small.photos[0].sha256]) == []
    assert features_of_base(small.places.cache, BUILT_IN, USUAL) is None


@pytest.mark.endurance  # that size and weights name the files is shown above by less
def test_the_same_size_again_asks_nothing_and_another_size_reads_nothing_of_it(small, tmp_path):
    before = contents_of(small.places)
    again = trained_on(small.photos, replace(SMALL, epochs=1), small.places, tmp_path / "again")
    assert contents_of(small.places) == before
    assert again.run.config().image_size == SIZE
    usual = trained_on(small.photos, replace(SMALL, image_size=0, epochs=1), small.places, tmp_path / "usual")
    after = contents_of(small.places)
    assert {name: after[name] for name in before} == before
    assert {f"-{USUAL_ROW.image_size}-" in name for name in after.keys() - before.keys()} == {True}
    assert Engine(usual.run.engine_path).image_size == USUAL_ROW.image_size


def test_it_answers_photos_that_it_never_saw_and_shows_where_it_looked(small, tmp_path):
    paths = sorted(write_shapes(tmp_path, per_class=4, first=500).rglob("*.jpg"))
    answers = Predictor(small.run).predict(paths)
    assert sum(answer.label == path.parent.name for path, answer in zip(paths, answers, strict=True)) >= 8  # of 12
    (heat,) = HeatMapper(small.run).maps(paths[0], [answers[0].label]).values()
    assert heat.shape == (3, 3)
    assert heat.max() == 1


def test_a_search_tries_heads_on_features_of_the_plan_s_size(small):
    materials = [material_of(small.run.photos(), plan, small.places, small.run.job) for plan in (SMALL, TrainConfig())]
    assert {content.endswith(f" {SIZE} x {SIZE} pixels") for content in materials[0].contents} == {True}
    assert not any("pixels" in content for content in materials[1].contents)  # as earlier searches called them
    assert not np.allclose(materials[0].rows.features, materials[1].rows.features, atol=0.1)


def test_fine_tuning_cuts_and_keeps_activations_at_the_size(shapes, own_places, tmp_path):
    config = replace(usual_config(FINE_TUNE), thaw_from="stage7", epochs=2, fine_tune_epochs=1, image_size=SIZE)
    tuned = trained_on(run_photos(shapes), config, own_places, tmp_path / "run")
    assert tuned.report.fine_tuning.activations == "cached"
    assert tuned.report.fine_tuning.stitched_max_abs_difference <= 1e-3
    width = 3 * 3 * 192  # what crosses the boundary at this size
    views = 2 * tuned.report.photos["train"] + tuned.report.photos["validation"]
    (rows,) = (own_places.cache / "activations").glob(f"{BUILT_IN}-*-{SIZE}-*before-block15_expand_conv.f16")
    assert rows.stat().st_size == 2 * width * views
    halves = {path.parent.parent.name for path in own_places.engine.glob("*/before-block15_expand_conv/model.xml")}
    assert own_places.converted_base(SMALL_ROW).parent.name in halves
    assert keras.saving.load_model(tuned.run.keras_path, compile=False).input_shape == (None, SIZE, SIZE, 3)
    assert Engine(tuned.run.engine_path).image_size == SIZE


@pytest.mark.endurance
def test_the_whole_feature_map_is_kept_by_size_too(shapes, own_places, tmp_path):
    config = replace(SMALL, head="flatten-fc", units=16, epochs=2, learning_rate=1e-3)
    flat = trained_on(run_photos(shapes), config, own_places, tmp_path / "run")
    (rows,) = (own_places.cache / "activations").glob(f"{BUILT_IN}-*-{SIZE}-*map.f16")
    assert rows.stat().st_size == 2 * 3 * 3 * 1280 * len(flat.photos)
    assert flat.report.engine_parity.same_but_for_ties >= 0.9


def test_from_scratch_and_going_on_stay_at_the_size(shapes, own_places, tmp_path):
    config = replace(usual_config(FROM_SCRATCH, BENCHMARK_CNN), epochs=1, image_size=50)
    begun = trained_on(run_photos(shapes), config, own_places, tmp_path / "begun")
    assert Engine(begun.run.engine_path).image_size == 50
    run = create_continued(tmp_path / "more", begun.run, more_epochs=1)
    assert len(train_run(run, own_places).epochs) == 2
    assert run.config().image_size == 50
    assert keras.saving.load_model(run.keras_path, compile=False).input_shape == (None, 50, 50, 3)
    assert isinstance(Predictor(run).predict([Path(begun.photos[0].path)])[0].probability, float)
