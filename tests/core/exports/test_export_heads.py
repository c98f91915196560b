"""Every head, really trained on fruit, as Keras, in 16 and in 8 bits: a fresh process answers 300 photos as here.

By hand (-m endurance). In CI one head is trained and answers alike in every format: test_export_sizes.py.
The other formats have the same heads on every family: test_export_families.py.
"""

import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import layers

from core.exports.formats import EXPORT_FORMATS, FLOAT32
from core.exports.verdict import Answers, verdict
from core.exports.writers import load_model, softened
from core.models.config import FEATURE_EXTRACTION, usual_config, with_head
from core.models.heads import FLATTEN_FC, GAP, head_names
from core.photos.decoding import read_pixels
from core.runs.predictor import Predictor
from core.runs.run import Run
from core.training.training import train_run
from tests.core.conftest import run_photos
from tests.core.exports.export_packages import ask, write_package, write_photos

pytestmark = pytest.mark.endurance

ROWS = [
    export_format
    for export_format in EXPORT_FORMATS
    if export_format.name == "keras" or export_format.precision != FLOAT32
]


@pytest.fixture(scope="module")
def trained_heads(shared_data, places, tmp_path_factory):
    """By head its run, and what the app answers; the 300 photos, pixels (300, 224, 224, 3); and of all heads side by
    side the `expected.json` and the labels."""
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
    assert [photo.split for photo in photos] == [photo.split for photo in runs[FLATTEN_FC].photos()]
    trained = {head: (run, answered(run, pixels)) for head, run in runs.items()}
    labels = [f"{head} {name}" for head, run in runs.items() for name in run.class_names()]
    return trained, pixels, write_photos(folder / "taken", pixels, labels), labels


def answered(run, pixels):
    """What the app answers, and nothing by an export yet."""
    here = np.array([list(answer.probabilities.values()) for answer in Predictor(run).predict(list(pixels))])
    truth = np.array([run.class_names().index(photo.label) if photo.split != "train" else -1 for photo in run.photos()])
    return Answers(here, np.zeros_like(here), truth)


def side_by_side(runs):
    """The runs' heads, each at its temperature, beside each other on the base that they share: one model that answers
    with all their classes in a row, so that a base is written once in a format and not four times."""
    models = []
    for run in runs:
        models.append(load_model(run, run.class_names()))
        models[-1] = softened(models[-1], run.temperature())
    feature_map = models[0].get_layer("pool").input
    pooled, whole = layers.GlobalAveragePooling2D(name="averages")(feature_map), layers.Flatten(name="map")(feature_map)
    answers = []
    for number, model in enumerate(models):
        head = model.get_layer("head")
        own = keras.Model(head.inputs[0], head.outputs[0], name=f"head_{number}")
        answers.append(own(pooled if head.input_shape == (None, *pooled.shape[1:]) else whole))
    return keras.Model(models[0].inputs[0], layers.Concatenate()(answers), name="espalier")


@pytest.mark.parametrize("export_format", ROWS, ids=lambda export_format: export_format.name)
def test_a_fresh_process_answers_as_the_app_does(export_format, trained_heads, tmp_path):
    trained, pixels, photos, labels = trained_heads
    runs = [run for run, _ in trained.values()]
    examples = pixels[[i for i, photo in enumerate(runs[0].photos()) if photo.split == "train"][::2]]
    package = write_package(tmp_path / "heads", side_by_side(runs), export_format, labels, examples)
    given = ask({"heads": (package, photos)}, tmp_path / "answers")["heads"].reshape(len(pixels), len(trained), -1)
    for number, (head, (_, answers)) in enumerate(trained.items()):
        found = verdict(export_format, replace(answers, export=given[:, number]), drawn=True)
        assert found.photos == 300
        assert found.passed, (head, found)
        if export_format.calibrated:
            assert found.test.exported >= found.test.here - 0.02 * found.test.n, (head, found)
        else:
            assert found.same >= 297, (head, found)
            assert found.same >= 294, (head, found)  # the app's engine may round to 16 bits
    shutil.rmtree(tmp_path)
