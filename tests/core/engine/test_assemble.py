import keras
import numpy as np
import pytest

from core.engine.conversion import assemble, convert
from core.engine.engine import FEATURES, PROBABILITIES, Engine
from core.models.building import build_base
from core.models.catalogue import BUILT_IN
from core.models.config import TrainConfig
from core.models.head_building import build_head, whole_model


@pytest.fixture(scope="module", params=[pytest.param("gap", marks=pytest.mark.slow), "fc"])
def assembled(request, base_engine_path, tmp_path_factory):
    """A head with random weights on the base: the engine, and the same in Keras."""
    keras.utils.set_random_seed(3)
    head = build_head(TrainConfig(head=request.param), 1280, 5)
    folder = tmp_path_factory.mktemp("assembled")
    convert(head, folder / "head.xml", PROBABILITIES)
    assemble(base_engine_path, folder / "head.xml", folder / "run" / "model.xml")
    return Engine(folder / "run" / "model.xml", "f32"), whole_model(build_base(BUILT_IN), head)


@pytest.mark.slow
def test_base_and_head_on_the_engine_answer_as_the_whole_keras_model(assembled, imagenet_pixels):
    engine, model = assembled
    by_engine, errors = engine.run(list(imagenet_pixels[:20]), PROBABILITIES)
    by_keras = model.predict_on_batch(imagenet_pixels[:20].astype(np.float32))
    assert errors == {}
    assert np.abs(by_engine - by_keras).max() < 1e-3
    assert np.ptp(by_keras, axis=0).max() > 0.05  # the photos differ, so equality says something


def test_the_assembled_model_gives_the_features_too(assembled, imagenet_pixels, base_engine_path):
    engine, _ = assembled
    assert set(engine.outputs) == {FEATURES, PROBABILITIES}
    features, _ = engine.run(list(imagenet_pixels[:5]), FEATURES)
    of_base, _ = Engine(base_engine_path, "f32").run(list(imagenet_pixels[:5]), FEATURES)
    assert features == pytest.approx(of_base, abs=1e-4)


def test_nothing_half_written_is_left_beside_the_model(base_engine_path):
    files = [path.name for path in base_engine_path.parent.iterdir() if path.is_file()]  # folders are of cut bases
    assert sorted(set(files) - {"model.lock"}) == ["model.bin", "model.xml", "model.xml.sha256"]
