"""Every head, really trained on fruit, as Keras, in 16 and in 8 bits: a fresh process answers 300 photos as here.

The other formats have the same heads on every family: test_export_families.py.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.engine.engine import PROBABILITIES, Engine
from core.evaluation.calibration import with_temperature
from core.exports.formats import EXPORT_FORMATS, FLOAT32
from core.exports.verdict import Answers, verdict
from core.exports.writers import load_model, soften
from core.models.config import FEATURE_EXTRACTION, usual_config, with_head
from core.models.heads import FLATTEN_FC, GAP, head_names
from core.photos.decoding import read_pixels
from core.runs.predictor import Predictor
from core.runs.run import Run
from core.training.training import train_run
from tests.core.conftest import run_photos
from tests.core.exports.export_packages import ask, write_package, write_photos

pytestmark = pytest.mark.slow

ROWS = [
    export_format
    for export_format in EXPORT_FORMATS
    if export_format.name == "keras" or export_format.precision != FLOAT32
]


@pytest.fixture(scope="module")
def trained_heads(shared_data, places, tmp_path_factory):
    """By head its run, and what the app answers; the 300 photos, pixels (300, 224, 224, 3); their `expected.json`."""
    folder = tmp_path_factory.mktemp("heads")
    shutil.unpack_archive(shared_data("fruit.zip"), folder)
    photos, runs = run_photos(folder / "fruit"), {}
    for head in head_names():
        config = with_head(usual_config(FEATURE_EXTRACTION), head)
        if head == FLATTEN_FC:
            config = replace(config, units=16, epochs=10)  # as wide as usual, its model takes 144 MB in every format
        runs[head] = Run.create(folder / head, config, photos)
        train_run(runs[head], places)
    photos = runs[GAP].photos()
    pixels = np.stack([read_pixels(Path(photo.path), 224) for photo in photos])
    trained = {head: (run, answered(run, pixels)) for head, run in runs.items()}
    return trained, pixels, write_photos(folder / "taken", pixels, runs[GAP].class_names())


def answered(run, pixels):
    """What the app answers, and nothing by an export yet."""
    here = np.array([list(answer.probabilities.values()) for answer in Predictor(run).predict(list(pixels))])
    exact, _ = Engine(run.engine_path, "f32").run(list(pixels), PROBABILITIES)
    truth = np.array([run.class_names().index(photo.label) if photo.split != "train" else -1 for photo in run.photos()])
    return Answers(here, with_temperature(exact, run.temperature()), np.zeros_like(here), truth)


@pytest.mark.parametrize("export_format", ROWS, ids=lambda export_format: export_format.name)
def test_a_fresh_process_answers_as_the_app_does(export_format, trained_heads, tmp_path):
    trained, pixels, photos = trained_heads
    packages = {}
    for head, (run, _) in trained.items():
        model, train = load_model(run, run.class_names()), [i for i, p in enumerate(run.photos()) if p.split == "train"]
        soften(model, run.temperature())
        packages[head] = (
            write_package(tmp_path / head, model, export_format, run.class_names(), pixels[train[::2]]),
            photos,
        )
    given = ask(packages, tmp_path / "answers")
    for head, (_, answers) in trained.items():
        found = verdict(export_format, replace(answers, export=given[head]), drawn=True, engine="f32")
        assert found.photos == 300
        assert found.passed, (head, found)
        if export_format.calibrated:
            assert found.test.exported >= found.test.here - 0.02 * found.test.n, (head, found)
        else:
            assert found.exact.same >= 297, (head, found)
            assert found.same >= 294, (head, found)  # the app's engine may round to 16 bits
    shutil.rmtree(tmp_path)
