"""A run at another size than the base's own, in every format: each answers as the app does, in a process of its own.

One size, and by hand (-m endurance) the others: each is a training and seven exports.
"""

import json
import zipfile

import keras
import numpy as np
import pytest

from core.engine.engine import PROBABILITIES, Engine
from core.evaluation.calibration import with_temperature
from core.exports.folder import export
from core.exports.formats import EXPORT_FORMATS, export_format_of
from core.exports.writers import load_model, softened
from core.jobs.job import Job
from core.models.config import TrainConfig
from core.photos.labelled_photo import readable
from core.photos.pictures import USUAL
from core.runs.run import Run
from core.training.training import train_run
from tests.core.conftest import run_photos
from tests.core.exports.export_packages import ask, write_package, write_photos

pytestmark = pytest.mark.slow
WRITTEN = [each for each in EXPORT_FORMATS if each.writer]


@pytest.fixture(
    scope="module", params=[96, *(pytest.param(size, marks=pytest.mark.endurance) for size in (160, 224, 300))]
)
def run_at_size(request, shapes, places, tmp_path_factory):
    config = TrainConfig(image_size=request.param, epochs=60, learning_rate=0.01)
    run = Run.create(tmp_path_factory.mktemp("sized") / "run", config, run_photos(shapes))
    train_run(run, places)
    return run, request.param


def test_every_format_takes_that_size_and_answers_alike(run_at_size, tmp_path):
    run, size = run_at_size
    model, labels = load_model(run, run.class_names()), run.class_names()
    model = softened(model, run.temperature())
    pixels = np.stack([each for _, each in readable(run.photos(), size, settings=USUAL)])
    exact, _ = Engine(run.engine_path, "f32").run(list(pixels), PROBABILITIES)
    here, photos = with_temperature(exact, run.temperature()), write_photos(tmp_path / "taken", pixels, labels)
    packages = {
        each.name: (write_package(tmp_path / each.name, model, each, labels, pixels), photos) for each in WRITTEN
    }
    given = ask(packages, tmp_path / "answers")
    assert list(given) == [each.name for each in WRITTEN]
    for each in WRITTEN:
        answers = given[each.name]
        assert answers.shape == here.shape == (len(pixels), len(labels))
        assert (answers.argmax(1) == here.argmax(1)).mean() >= 0.95, each.name
        if not each.calibrated:
            assert np.abs(answers - here).max() < each.most_different, each.name
    assert len(set(here.argmax(1))) == len(labels)  # a model that always answers the same would prove nothing


def test_the_zips_own_proof_and_the_recipe_are_of_that_size(run_at_size, tmp_path):
    run, size = run_at_size
    for kind in ("openvino", "recipe"):
        (tmp_path / kind).mkdir()
        export(run, run.photos(), export_format_of(kind), tmp_path / f"{kind}.zip", Job(tmp_path / kind))
        with zipfile.ZipFile(tmp_path / f"{kind}.zip") as opened:
            opened.extractall(tmp_path / kind)
    expected = json.loads((tmp_path / "openvino" / "expected.json").read_text(encoding="utf-8"))
    assert expected["image_size"] == size
    assert f"(n, {size}, {size}, 3)" in (tmp_path / "openvino" / "README.md").read_text(encoding="utf-8")
    card = (tmp_path / "openvino" / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"- Photos as it sees them: {size} x {size} pixels" in card
    assert json.loads((tmp_path / "recipe" / "settings.json").read_text(encoding="utf-8"))["image_size"] == size
    base = keras.saving.load_model(tmp_path / "recipe" / "base.keras", compile=False)
    assert base.input_shape == (None, size, size, 3)
