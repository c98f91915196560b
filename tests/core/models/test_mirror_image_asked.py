"""A model that is asked about the mirror image too: its answer is the mean of two separate questions, in every file."""

import keras
import numpy as np
import pytest
from keras import layers

from core.engine.engine import FEATURES, PROBABILITIES, Engine
from core.models.config import TrainConfig
from core.models.head_building import asked_once, build_head, input_width, whole_model
from tests.core.small_runs import run_of

CLASSES = ["a", "b", "c"]


@pytest.fixture(scope="module")
def photos():
    """Of few large fields, which look otherwise in a mirror."""
    fields = np.random.default_rng(0).integers(0, 256, (5, 3, 3, 3), np.uint8)
    return fields.repeat(8, axis=1).repeat(8, axis=2)


@pytest.fixture(scope="module")
def base():
    keras.utils.set_random_seed(1)
    pixels = keras.Input((24, 24, 3))
    x = layers.Conv2D(8, 3, 2, activation="relu")(layers.Rescaling(1 / 64, -2.0)(pixels))
    return keras.Model(pixels, layers.Conv2D(6, 3, 2, activation="relu")(layers.BatchNormalization()(x)))


@pytest.fixture(params=["gap", "fc", "flatten-fc", "linear-svm"])
def head(request, base):
    """With answers that differ from photo to photo, and from a photo to its mirror image."""
    config = TrainConfig(head=request.param, units=8)
    built, rng = build_head(config, input_width(config, base), len(CLASSES)), np.random.default_rng(3)
    built.set_weights([rng.normal(0, 1, values.shape) for values in built.get_weights()])
    return built


def asked_separately(base, head, photos):
    """The mean of the answers to two questions: float32 (n, classes)."""
    once = whole_model(base, head)
    answers = [once.predict_on_batch(view.astype(np.float32)) for view in (photos, photos[:, :, ::-1])]
    assert np.abs(answers[0] - answers[1]).max() > 0.02  # else the mean would say nothing
    return np.mean(answers, axis=0)


def test_the_saved_model_answers_by_the_mean_of_both(base, head, photos, tmp_path):
    model, expected = whole_model(base, head, ask_mirror=True), asked_separately(base, head, photos)
    assert model.predict_on_batch(photos.astype(np.float32)) == pytest.approx(expected, abs=1e-5)
    assert (model.input_shape, model.output_shape) == ((None, 24, 24, 3), (None, 3))
    model.save(tmp_path / "model.keras")
    saved = keras.saving.load_model(tmp_path / "model.keras", compile=False)  # in safe mode, which is Keras' default
    assert saved.predict_on_batch(photos[:1].astype(np.float32)) == pytest.approx(expected[:1], abs=1e-5)
    once = asked_once(saved)
    assert once.predict_on_batch(photos.astype(np.float32)) == pytest.approx(
        whole_model(base, head).predict_on_batch(photos.astype(np.float32)), abs=1e-6
    )
    assert once.get_layer("head").count_params() == head.count_params()
    assert asked_once(once) is once


def test_so_does_the_engine_and_its_features_are_the_photos_own(base, head, photos, tmp_path):
    expected = asked_separately(base, head, photos)
    asked_twice = Engine(run_of(tmp_path, base, head, CLASSES, ask_mirror=True).engine_path)
    plain = Engine(run_of(tmp_path / "plain", base, head, CLASSES).engine_path)
    assert asked_twice.run(list(photos), PROBABILITIES)[0] == pytest.approx(expected, abs=1e-5)
    features = base.predict_on_batch(photos.astype(np.float32)).mean((1, 2))
    for engine in (asked_twice, plain):
        assert engine.run(list(photos), FEATURES)[0] == pytest.approx(features, abs=1e-4)
        assert (engine.image_size, engine.width_of(PROBABILITIES)) == (24, 3)
