"""Runs that ask about the mirror image too: what was counted is what the saved model answers, in each strategy."""

from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from core.base.subsets import TEST, VALIDATION
from core.engine.engine import PROBABILITIES, Engine
from core.models.config import FINE_TUNE, FROM_SCRATCH, RANDOM, TrainConfig
from core.models.head_building import asked_once
from core.photos.decoding import read_pixels
from core.runs.predictions import read_predictions
from core.runs.run import Run
from core.training.continuing import create_continued
from core.training.saving import take_weights
from core.training.training import train_run
from tests.core.conftest import run_photos
from tests.core.shapes import CLASSES

pytestmark = pytest.mark.slow

QUICK = TrainConfig(epochs=2, learning_rate=0.003, test_given=True, ask_mirror=True)
STRATEGIES = {
    "gap": QUICK,
    "flatten-fc": replace(QUICK, head="flatten-fc", units=8, learning_rate=1e-4, augment="auto"),
    "linear-svm": replace(QUICK, head="linear-svm"),
    "fine-tune": replace(QUICK, strategy=FINE_TUNE, thaw_from="stage7", fine_tune_epochs=1, image_size=96),
    "from-scratch": replace(QUICK, strategy=FROM_SCRATCH, base="benchmark-cnn", initial=RANDOM, image_size=64),
}
OF_ENDURANCE = ("flatten-fc", "linear-svm", "fine-tune")


def predicted(run, part):
    table = read_predictions(run.predictions_path, part)
    return table["sha256"].tolist(), table[[f"p_{i}" for i in range(len(CLASSES))]].to_numpy()


@pytest.mark.parametrize(
    "config",
    [
        pytest.param(config, id=name, marks=[pytest.mark.endurance] * (name in OF_ENDURANCE))
        for name, config in STRATEGIES.items()
    ],
)
def test_what_is_counted_is_what_the_saved_model_answers(config, shapes, places, tmp_path):
    run = Run.create(tmp_path / "run", config, run_photos(shapes))
    report = train_run(run, places)
    assert report.engine_parity.max_abs_difference < 1e-3
    engine, model = Engine(run.engine_path), keras.saving.load_model(run.keras_path, compile=False)
    for part in (VALIDATION, TEST):
        photos = [photo for photo in run.photos() if photo.split == part]
        _, counted = predicted(run, part)
        pixels = np.stack([read_pixels(Path(photo.path), engine.image_size) for photo in photos])
        once = asked_once(model)
        both = [once.predict_on_batch(view.astype(np.float32)) for view in (pixels, pixels[:, :, ::-1])]
        assert model.predict_on_batch(pixels.astype(np.float32)) == pytest.approx(np.mean(both, axis=0), abs=1e-5)
        assert engine.run(list(pixels), PROBABILITIES)[0] == pytest.approx(np.mean(both, axis=0), abs=1e-3)
        assert counted == pytest.approx(np.mean(both, axis=0), abs=0.02)  # features are kept in 16 bits
        assert np.abs(both[0] - both[1]).max() > 1e-3


def test_few_photos_are_judged_by_both_and_the_run_can_be_gone_on_with(shapes, places, tmp_path):
    plain, asked = (
        Run.create(tmp_path / name, replace(QUICK, test_given=False, ask_mirror=name == "asked"), run_photos(shapes))
        for name in ("plain", "asked")
    )
    reports = [train_run(run, places) for run in (plain, asked)]
    assert [report.estimate for report in reports] == ["cross-validation"] * 2
    assert reports[0].epochs[-1].val_loss == reports[1].epochs[-1].val_loss  # it learns alike
    once, twice = (predicted(run, TEST) for run in (plain, asked))
    assert once[0] == twice[0]
    assert 1e-4 < np.abs(once[1] - twice[1]).max() < 0.5
    on = create_continued(tmp_path / "on", asked, 1)
    assert on.config().ask_mirror
    saved = asked_once(keras.saving.load_model(asked.keras_path, compile=False))
    for ours, theirs in zip(take_weights(on, saved), saved.get_layer("head").get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)
