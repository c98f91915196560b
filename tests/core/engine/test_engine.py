import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import RunError
from core.engine.conversion import assemble
from core.engine.engine import FEATURES, PROBABILITIES, Engine, fastest_precision
from core.photos.decoding import PhotoError
from core.photos.file_kinds import EMPTY

REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def engine(base_engine_path):
    return Engine(base_engine_path, "f32")


@pytest.fixture(scope="module")
def imagenet_path(imagenet_model, base_engine_path, tmp_path_factory):
    """The base with its ImageNet top, put together for the engine."""
    import keras

    from core.engine.conversion import convert

    pooled = keras.Input((1280,))
    folder = tmp_path_factory.mktemp("imagenet engine")
    convert(keras.Model(pooled, imagenet_model.get_layer("imagenet")(pooled)), folder / "head.xml", PROBABILITIES)
    assemble(base_engine_path, folder / "head.xml", folder / "model.xml")
    return folder / "model.xml"


def cosines(a, b):
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


@pytest.mark.slow
# On processors without bf16 instructions OpenVINO computes "bf16" in f32; the bound holds there all the more.
@pytest.mark.parametrize(("precision", "least_cosine"), [("f32", 0.999), ("bf16", 0.995)])
def test_the_engine_sees_in_every_photo_what_keras_sees(
    base_engine_path, imagenet_pixels, keras_answers, precision, least_cosine
):
    features, errors = Engine(base_engine_path, precision).run(list(imagenet_pixels), FEATURES)
    assert errors == {}
    assert features.shape == (100, 1280)
    assert cosines(features, keras_answers[FEATURES]).min() >= least_cosine


@pytest.mark.slow
@pytest.mark.parametrize(("precision", "least_same"), [("f32", 0.99), ("bf16", 0.95)])
def test_the_engine_names_imagenet_photos_as_keras_does(
    imagenet_path, imagenet_pixels, keras_answers, precision, least_same
):
    by_keras = keras_answers[PROBABILITIES]
    by_engine, _ = Engine(imagenet_path, precision).run(list(imagenet_pixels), PROBABILITIES)
    assert (by_engine.argmax(1) == by_keras.argmax(1)).mean() >= least_same
    assert by_engine.sum(1) == pytest.approx(np.ones(100), abs=1e-4 if precision == "f32" else 0.02)


def test_an_unreadable_photo_keeps_its_place_and_the_rest_is_answered_in_order(engine, imagenet_paths, tmp_path):
    broken, empty = tmp_path / "broken.jpg", tmp_path / "empty.png"
    broken.write_bytes(imagenet_paths[0].read_bytes()[:300])
    empty.touch()
    good = [answer[FEATURES] for answer in engine.stream(imagenet_paths[:30])]
    mixed = [*imagenet_paths[:10], broken, *imagenet_paths[10:20], empty, *imagenet_paths[20:30], tmp_path / "gone.jpg"]
    answers = list(engine.stream(mixed))
    errors = {i: str(answer) for i, answer in enumerate(answers) if isinstance(answer, PhotoError)}
    assert list(errors) == [10, 21, 32]
    assert errors[21] == EMPTY.reason
    assert errors[32] == "the file can't be opened"
    rest = [answer[FEATURES] for answer in answers if not isinstance(answer, PhotoError)]
    assert np.array_equal(rest, good)


def test_run_leaves_zeros_where_a_photo_has_no_answer(engine, imagenet_paths):
    features, errors = engine.run([imagenet_paths[0], b"no photo", imagenet_paths[1]], FEATURES)
    assert features.shape == (3, 1280)
    assert features.dtype == np.float32
    assert not features[1].any()
    assert features[[0, 2]].any(1).all()
    assert list(errors) == [1]


def test_paths_bytes_and_arrays_of_a_photo_give_the_same_answer(engine, imagenet_paths, imagenet_pixels):
    from_paths, _ = engine.run(imagenet_paths[:5], FEATURES)
    from_bytes, _ = engine.run([path.read_bytes() for path in imagenet_paths[:5]], FEATURES)
    from_arrays, _ = engine.run(list(imagenet_pixels[:5]), FEATURES)
    assert np.array_equal(from_paths, from_bytes)
    assert np.array_equal(from_paths, from_arrays)


def test_no_photos_give_no_answers(engine):
    features, errors = engine.run([], FEATURES)
    assert features.shape == (0, 1280)
    assert errors == {}


def test_a_stream_that_nobody_reads_to_its_end_leaves_the_engine_usable(engine, imagenet_pixels):
    stream = engine.stream(iter(imagenet_pixels))
    first = next(stream)[FEATURES]
    stream.close()
    again, _ = engine.run([imagenet_pixels[0]], FEATURES)
    assert np.array_equal(first, again[0])


def test_an_answer_is_not_overwritten_by_the_next_one(engine, imagenet_pixels):
    answers = list(engine.stream(imagenet_pixels[:40]))
    alone, _ = engine.run([imagenet_pixels[0]], FEATURES)
    assert np.array_equal(answers[0][FEATURES], alone[0])
    assert not np.array_equal(answers[0][FEATURES], answers[1][FEATURES])


def test_the_engine_takes_bf16_only_where_the_processor_has_it(base_engine_path):
    import openvino

    native = "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    assert fastest_precision() == ("bf16" if native else "f32")
    assert Engine(base_engine_path).precision == "f32"  # as every other computer answers


def cut(path, length):
    path.write_bytes(path.read_bytes()[:length])


@pytest.mark.parametrize(
    "damage",
    [
        lambda model: model.unlink(),
        lambda model: model.write_text(""),
        lambda model: model.write_text("this is no model"),
        lambda model: model.write_text("<net name='x' version='11'></net>"),
        lambda model: cut(model, 20_000),
        lambda model: model.with_suffix(".bin").unlink(),
        lambda model: cut(model.with_suffix(".bin"), 100_000),
        lambda model: model.with_suffix(".bin").write_bytes(b""),
    ],
    ids=["gone", "empty", "text", "no layers", "cut", "without weights", "weights cut", "weights empty"],
)
def test_a_damaged_model_is_said_in_words(base_engine_path, tmp_path, damage):
    model = tmp_path / "a run" / "model.xml"
    model.parent.mkdir()
    for suffix in (".xml", ".bin"):
        os.link(base_engine_path.with_suffix(suffix), model.with_suffix(suffix))
        model.with_suffix(suffix).write_bytes(_own_copy(model.with_suffix(suffix)))
    damage(model)
    with pytest.raises(RunError, match=r"The model model\.xml of a run is missing or damaged|a run has no model here"):
        Engine(model)


def _own_copy(path):
    data = path.read_bytes()
    path.unlink()
    return data


IN_A_FRESH_PROCESS = """
import json, sys
from pathlib import Path
import numpy as np
from core.engine.engine import Engine
engine = Engine(Path(sys.argv[1]))
features, _ = engine.run([np.zeros((224, 224, 3), np.uint8)], "features")
heavy = [name for name in ("keras", "tensorflow", "sklearn", "streamlit") if name in sys.modules]
print(json.dumps([features.shape[1], sys.modules.get("openvino_telemetry") is not None, heavy]))
"""


def test_the_engine_uses_no_network_and_loads_nothing_heavy(base_engine_path, offline_environment):
    environment = {**offline_environment, "PYTHONPATH": f"{offline_environment['PYTHONPATH']}:{REPOSITORY}"}
    done = subprocess.run(
        [sys.executable, "-c", IN_A_FRESH_PROCESS, str(base_engine_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    width, telemetry, heavy = json.loads(done.stdout)
    assert width == 1280
    assert not telemetry
    assert heavy == []
    assert not Path(environment["NETWORK_LOG"]).exists()


def test_the_network_guard_of_these_tests_writes_down_what_it_refuses(offline_environment, tmp_path):
    environment = {**offline_environment, "NETWORK_LOG": str(tmp_path / "log")}
    code = "import urllib.request; urllib.request.urlopen('http://127.0.0.1:9')"
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=60)
    assert "this test has no network" in done.stderr
    assert "127.0.0.1" in (tmp_path / "log").read_text()
