import numpy as np
import pytest

from core.engine import keras_engine
from core.engine.conversion import feature_rows
from core.engine.engine import FEATURES, Engine
from core.engine.keras_engine import KerasEngine
from core.models.building import build_base
from core.models.catalogue import BUILT_IN
from core.photos.decoding import PhotoError
from core.photos.file_kinds import EMPTY


@pytest.fixture(scope="module")
def on_keras():
    return KerasEngine(feature_rows(build_base(BUILT_IN), whole_map=False), threads=2)


def cosines(a, b):
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


@pytest.mark.slow
def test_keras_and_the_engine_see_the_same_in_a_photo(on_keras, base_engine_path, imagenet_paths, monkeypatch):
    monkeypatch.setattr(keras_engine, "BATCH_PIXELS", 8 * 224 * 224)
    paths = imagenet_paths[:20]  # two whole batches and a part
    by_keras = np.stack([answer[FEATURES] for answer in on_keras.stream(paths)])
    by_engine, errors = Engine(base_engine_path, "f32").run(paths, FEATURES)
    assert errors == {}
    assert by_keras.shape == (20, 1280)
    assert cosines(by_keras, by_engine).min() >= 0.999


@pytest.mark.slow
def test_an_unreadable_photo_keeps_its_place_and_the_rest_is_answered(on_keras, imagenet_paths, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"no photo")
    good = list(on_keras.stream(imagenet_paths[:2]))
    mixed = list(on_keras.stream([bad, imagenet_paths[0], bad, imagenet_paths[1]]))
    assert [isinstance(answer, PhotoError) for answer in mixed] == [True, False, True, False]
    assert mixed[1][FEATURES] == pytest.approx(good[0][FEATURES], abs=1e-4)
    assert mixed[3][FEATURES] == pytest.approx(good[1][FEATURES], abs=1e-4)


def test_a_batch_without_a_single_good_photo_gives_only_reasons(on_keras, tmp_path):
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"")
    answers = list(on_keras.stream([bad] * 3))
    assert [str(answer) for answer in answers] == [EMPTY.reason] * 3
