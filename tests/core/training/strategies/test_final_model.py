"""The model that is taken away learns once more, from photos that had steered or judged the tested one, which stays."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from core.background_test.testing import photos_to_test, run_background_test
from core.base import checksums
from core.base.events import FINAL, PHASE
from core.base.files import content_of
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.engine.engine import PROBABILITIES, Engine
from core.evaluation.calibration import fit_temperature, with_temperature
from core.models.config import FINE_TUNE, TrainConfig
from core.runs.grad_cam import HeatMapper
from core.runs.learned import learned_photos
from core.runs.predictions import read_probabilities
from core.runs.predictor import Predictor
from core.runs.run import Run
from core.training.continuing import create_continued
from core.training.strategies import final_model
from core.training.training import train_run
from tests.core.conftest import Trained, run_photos
from tests.core.shapes import CLASSES

pytestmark = pytest.mark.slow

CONFIG = TrainConfig(epochs=6, learning_rate=0.01, test_given=True, final="validation", batch_size=8)
TUNED = TrainConfig(strategy=FINE_TUNE, thaw_from="stage7", epochs=2, fine_tune_epochs=2, final="validation")


def trained_on(shapes, places, folder, config):
    photos = [
        replace(photo, label=CLASSES[n % 3]) if n % 6 == 5 else photo  # so that there are mistakes
        for n, photo in enumerate(run_photos(shapes))
    ]
    run = Run.create(folder / "run", config, photos)
    return Trained(run, config, places, photos, train_run(run, places))


@pytest.fixture(scope="module")
def final(shapes, places, tmp_path_factory):
    return trained_on(shapes, places, tmp_path_factory.mktemp("final"), CONFIG)


def answers(path, photos):
    """On the engine: float32 (n, classes)."""
    return Engine(path).run([Path(photo.path) for photo in photos], PROBABILITIES)[0]


def of(run, *parts):
    return [photo for photo in run.photos() if photo.split in parts]


def head_of(path):
    return keras.saving.load_model(path).get_layer("head").get_weights()


def test_the_report_says_from_what_it_learned_and_in_as_many_steps(final):
    report, told = final.report, final.report.final
    assert told.subsets == [TRAIN, VALIDATION]
    assert told.photos == report.photos[TRAIN] + report.photos[VALIDATION]
    assert told.steps == report.best_epoch * -(-report.photos[TRAIN] // CONFIG.batch_size)
    assert f"with the validation photos as well ({told.photos} photos in all)" in report.accuracy_in_words
    assert final.run.report() == report
    assert len(report.epochs) == len(final.run.epochs()) <= CONFIG.epochs  # none of the final model's
    phases = [event["name"] for event in final.run.job.events() if event["event"] == PHASE]
    assert phases.index("evaluate") < phases.index(FINAL) < phases.index("save")


def test_the_tested_model_lies_beside_and_is_the_one_of_the_predictions(final):
    run, test = final.run, of(final.run, TEST)
    for path in (run.keras_path, run.engine_path, run.tested_keras_path, run.tested_engine_path):
        assert (checksums.is_sealed(path), checksums.changed(path)) == (True, [])
    written, truth = read_probabilities(run.predictions_path, TEST, list(CLASSES))
    tested, taken = answers(run.tested_engine_path, test), answers(run.engine_path, test)
    assert np.abs(tested - written).max() < 0.05  # these went through bf16 and a float16 cache
    assert np.abs(taken - tested).max() > 1e-3
    assert np.trace(final.report.test.confusion) == (written.argmax(1) == truth).sum()
    weights = zip(head_of(run.keras_path), head_of(run.tested_keras_path), strict=True)
    assert not any(np.array_equal(*pair) for pair in weights)


def test_who_asks_is_answered_by_the_final_model_and_as_sure_as_that_is(final):
    told = final.report.final
    validation = read_probabilities(final.run.predictions_path, VALIDATION, list(CLASSES))
    assert final.run.temperature() == told.temperature == (fit_temperature(*validation) or 1.0)
    (photo,) = of(final.run, TEST)[:1]
    (asked,) = Predictor(final.run).predict([Path(photo.path)])
    expected = with_temperature(answers(final.run.engine_path, [photo]), told.temperature)[0]
    assert list(asked.probabilities.values()) == pytest.approx(expected, abs=1e-5)


def test_what_explains_figures_asks_the_tested_model(final, tmp_path):
    run = Run(tmp_path / "run")
    run.folder.mkdir()
    for path in final.run.folder.iterdir():
        if path.is_file() and path.stem != "model":
            (run.folder / path.name).hardlink_to(path)
    photos = photos_to_test(run)
    found = run_background_test(run, photos, lambda *_: None)
    whole = answers(final.run.tested_engine_path, photos).argmax(1)
    assert [row.whole for row in found.rows] == [CLASSES[i] for i in whole]
    assert HeatMapper(run, tested=True).maps(Path(photos[0].path), [CLASSES[0]])[CLASSES[0]].shape == (7, 7)


def test_the_same_seed_gives_the_same_final_model_bit_for_bit(final, shapes, places, tmp_path):
    again = trained_on(shapes, places, tmp_path, CONFIG)
    for ours, theirs in zip(head_of(again.run.keras_path), head_of(final.run.keras_path), strict=True):
        assert np.array_equal(ours, theirs)


def test_a_run_goes_on_from_the_tested_model(final, tmp_path):
    run = create_continued(tmp_path / "on", final.run, 1)
    assert content_of(run.start_path) == content_of(final.run.tested_keras_path)
    assert checksums.changed(run.start_path) == []


def test_all_photos_may_teach_it_and_then_none_is_new_to_it(shapes, places, tmp_path):
    run, report = (this := trained_on(shapes, places, tmp_path, replace(CONFIG, final="all"))).run, this.report
    assert (report.final.subsets, report.final.photos) == ([TRAIN, VALIDATION, TEST], 42)
    assert learned_photos(run, look=False).contents == {photo.sha256 for photo in this.photos}
    assert "the validation and test photos as well (42 photos in all)" in report.about_model


def test_where_folds_judge_it_learns_from_all_and_is_as_sure_as_they_were_right(shapes, places, tmp_path):
    this = trained_on(shapes, places, tmp_path, replace(CONFIG, test_given=False))
    report, told = this.report, this.report.final
    assert (report.estimate, report.calibration, told.photos) == ("cross-validation", None, 42)
    folded = read_probabilities(this.run.predictions_path, TEST, list(CLASSES))
    assert told.temperature == (fit_temperature(*folded) or 1.0)
    assert report.how_in_words.endswith("learned in the same way, from all of them.")


def test_a_linear_svm_learns_once_more_with_the_margin_that_was_chosen(shapes, places, tmp_path):
    this = trained_on(shapes, places, tmp_path, replace(CONFIG, head="linear-svm"))
    test = of(this.run, TEST)
    taken, tested = (answers(path, test) for path in (this.run.engine_path, this.run.tested_engine_path))
    assert this.report.final.steps == 0
    assert 0 < np.abs(taken - tested).max() < 0.5


def stopping(folder, keep=True):
    """A run that is asked to end once the final model learns."""

    def on_event(event):
        if event["event"] == PHASE and event["name"] == FINAL:
            Run(folder).job.request_stop(keep=keep)

    return Run(folder, on_event)


def test_stopped_and_kept_the_tested_model_is_the_model(final, places, tmp_path):
    Run.create(tmp_path / "run", CONFIG, final.photos)
    run = stopping(tmp_path / "run")
    run.tested_keras_path.write_bytes(b"left by an attempt that was killed")
    report = train_run(run, places)
    assert (report.final, report.notes) == (None, [final_model.STOPPED])
    assert report.test == final.report.test
    assert not any(path.name.startswith("tested") for path in run.folder.iterdir())
    for ours, theirs in zip(head_of(run.keras_path), head_of(final.run.tested_keras_path), strict=True):
        assert np.array_equal(ours, theirs)


def test_fine_tuned_it_begins_where_the_tested_one_had_begun(shapes, places, tmp_path):
    this = trained_on(shapes, places, tmp_path, TUNED)
    report, run, counts = this.report, this.run, Counter(photo.split for photo in this.run.photos())
    assert (report.fine_tuning.kept, report.final.photos) == ("fine-tune", counts[TRAIN] + counts[VALIDATION])
    batches, head_epochs = -(-counts[TRAIN] // TUNED.batch_size), [e for e in report.epochs if e.phase == "head"]
    best_of_head = min(head_epochs, key=lambda epoch: epoch.val_loss).number
    assert report.final.steps == (best_of_head + report.best_epoch - len(head_epochs)) * batches
    written, _ = read_probabilities(run.predictions_path, TEST, list(CLASSES))
    assert np.abs(answers(run.tested_engine_path, of(run, TEST)) - written).max() < 1e-5
    taken, tested = (keras.saving.load_model(path) for path in (run.keras_path, run.tested_keras_path))
    thawed, frozen = (
        np.abs(taken.get_layer(name).get_weights()[0] - tested.get_layer(name).get_weights()[0]).max()
        for name in ("block15_expand_conv", "stem_conv")
    )
    assert 0 < thawed < 0.1
    assert frozen == 0
    assert len(Predictor(run).predict([Path(photo.path) for photo in this.photos[:2]])) == 2
