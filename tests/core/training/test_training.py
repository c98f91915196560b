import csv
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import astuple, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.base import checksums
from core.base.device import cores_in_words, usable_cores
from core.base.errors import InputError, StopRequested
from core.base.events import EPOCH, FINISHED, PHASE, PROGRESS
from core.base.files import file_sha256, read_json
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.engine.engine import PROBABILITIES, Engine
from core.engine.places import Places
from core.evaluation.calibration import fit_calibration, with_temperature
from core.evaluation.metrics import log_loss, wilson_interval
from core.models.config import TrainConfig
from core.photos.decoding import read_pixels
from core.photos.file_kinds import EMPTY
from core.photos.labelled_photo import LabelledPhoto
from core.runs.predictions import read_predictions, read_probabilities
from core.runs.report import unevaluated_in_words
from core.runs.run import Run
from core.training.training import train_run
from tests.core.shapes import CLASSES, write_shapes

REPOSITORY = Path(__file__).resolve().parents[3]
PARTS = (TRAIN, VALIDATION, TEST)


@pytest.fixture(scope="module")
def tested(trained, tmp_path_factory):
    """The same run, but with its test part given: `trained` is so small that it is judged by cross-validation."""
    run = Run.create(
        tmp_path_factory.mktemp("tested") / "run", replace(trained.config, test_given=True), trained.run.photos()
    )
    return replace(trained, run=run, config=run.config(), report=train_run(run, trained.places))


def probabilities_of(run, split):
    table = read_predictions(run.predictions_path, split)
    return table[[f"p_{i}" for i in range(len(CLASSES))]].to_numpy(), table


def photos_in(folder):
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return [LabelledPhoto(str(path), path.parent.name, "", file_sha256(path)) for path in paths]


def test_the_report_has_the_fields_that_other_tools_rely_on(trained):
    written = read_json(trained.run.report_path)
    assert written == trained.report.to_json()
    contract = {"schema", "classes", "base", "strategy", "head", "seconds", "epochs", "best_epoch", "test"}
    more = {"calibration", "engine_parity", "estimate", "near_copies_across", "notes", "photos", "set_aside", "device"}
    assert set(written) == contract | more
    assert set(written["seconds"]) == {"features", "fit", "evaluate", "total"}
    fields = {"epoch", "phase", "loss", "accuracy", "val_loss", "val_accuracy", "seconds"}
    assert all(set(epoch) == fields for epoch in written["epochs"])
    assert {"max_abs_difference", "same_top1"} <= set(written["engine_parity"])
    test = {"n", "accuracy", "accuracy_interval", "log_loss", "kappa", "top2_accuracy", "per_class", "confusion"}
    assert set(written["test"]) == test | {"balanced_accuracy", "worst_class"}
    assert all(set(row) == {"precision", "recall", "f1", "n"} for row in written["test"]["per_class"].values())


def test_the_report_says_what_was_trained_and_how_long_it_took(trained):
    report = trained.report
    assert report.schema == 1
    assert report.class_names == list(CLASSES)
    assert (report.base, report.strategy, report.head) == ("efficientnet-lite0", "feature-extraction", "gap")
    assert [epoch.number for epoch in report.epochs] == list(range(1, len(report.epochs) + 1))
    seconds = report.seconds
    assert seconds.features + seconds.fit + seconds.evaluate == pytest.approx(seconds.total, abs=0.01)
    assert min(astuple(seconds)) > 0
    assert report.set_aside == []
    assert report.device == cores_in_words(usable_cores())  # there is no GPU where this is tested
    assert report.notes == []


@pytest.mark.parametrize(("judged_by", "n"), [("trained", 42), pytest.param("tested", 7, marks=pytest.mark.slow)])
def test_the_test_numbers_follow_from_the_saved_predictions(judged_by, n, request):
    this = request.getfixturevalue(judged_by)
    probabilities, table = probabilities_of(this.run, TEST)
    truth = np.array([CLASSES.index(label) for label in table["truth"]])
    test, right = this.report.test, int((probabilities.argmax(1) == truth).sum())
    assert n == test.n == len(table) == sum(row.n for row in test.per_class.values())
    assert test.accuracy == right / len(table) >= 0.6
    assert test.accuracy_interval == pytest.approx(wilson_interval(right, len(table)))
    answered = with_temperature(probabilities, this.run.temperature())  # as the app answers
    assert test.log_loss == pytest.approx(log_loss(truth, answered), abs=1e-6)
    assert np.trace(test.confusion) == right
    assert [CLASSES[i] for i in probabilities.argmax(1)] == list(table["answer"])


@pytest.mark.slow
def test_the_temperature_is_fitted_on_the_validation_part_where_a_test_part_judges(trained, tested):
    assert trained.report.calibration is None
    both = [read_probabilities(tested.run.predictions_path, part, list(CLASSES)) for part in (VALIDATION, TEST)]
    assert tested.report.calibration == fit_calibration(*both)


@pytest.mark.slow
def test_the_weights_of_the_best_epoch_are_the_ones_that_were_kept(tested):
    losses = [epoch.val_loss for epoch in tested.report.epochs]
    best = tested.report.best_epoch
    assert losses[best - 1] == min(losses)
    assert best < len(losses)  # else restoring would show nothing
    probabilities, table = probabilities_of(tested.run, VALIDATION)
    truth = np.array([CLASSES.index(label) for label in table["truth"]])
    assert log_loss(truth, probabilities) == pytest.approx(min(losses), rel=1e-3, abs=1e-6)
    assert log_loss(truth, probabilities) != pytest.approx(losses[-1], rel=1e-3, abs=1e-6)


def test_training_stopped_once_the_validation_loss_no_longer_fell(trained):
    report, config = trained.report, trained.config
    assert len(report.epochs) == min(config.epochs, report.best_epoch + config.patience)


@pytest.mark.slow
def test_every_photo_has_its_part_in_the_list_and_in_the_table(tested):
    photos = tested.run.photos()
    assert {replace(photo, split="") for photo in photos} == set(tested.photos)
    counts = Counter(photo.split for photo in photos)
    assert counts == tested.report.photos
    assert {(photo.label, photo.split) for photo in photos} == {(c, part) for c in CLASSES for part in PARTS}
    table = pd.read_parquet(tested.run.predictions_path)
    listed = {(photo.path, photo.sha256, photo.split, photo.label) for photo in photos}
    assert set(zip(table["path"], table["sha256"], table["split"], table["truth"], strict=True)) == listed
    assert len(table) == len(photos) == 42
    assert table[["p_0", "p_1", "p_2"]].sum(axis=1).to_numpy() == pytest.approx(np.ones(42), abs=1e-4)


@pytest.mark.slow
def test_a_small_set_is_judged_whole_and_the_model_is_the_one_that_a_test_part_would_have_left(trained, tested):
    assert (trained.report.estimate, tested.report.estimate) == ("cross-validation", "test")
    assert trained.run.photos() == tested.run.photos()
    table = pd.read_parquet(trained.run.predictions_path)
    assert set(table["split"]) == {TEST}
    assert sorted(table["path"]) == sorted(photo.path for photo in trained.photos)
    assert trained.report.photos == tested.report.photos
    for field in ("loss", "val_loss"):
        assert [getattr(e, field) for e in trained.report.epochs] == [getattr(e, field) for e in tested.report.epochs]
    pixels = [read_pixels(Path(photo.path), 224) for photo in trained.photos[:4]]
    answers = [Engine(this.run.engine_path).run(pixels, PROBABILITIES)[0] for this in (trained, tested)]
    assert np.abs(answers[0] - answers[1]).max() < 1e-6


def test_the_events_tell_the_story_in_order(trained):
    events = trained.run.job.events()
    phases = [event["name"] for event in events if event["event"] == PHASE]
    assert [phase for phase in phases if phase != "load"] == ["features", "fit", "evaluate", "save", "detector"]
    assert phases.index("fit") - 1 in (0, phases.index("load") if "load" in phases else 0)  # where one waited for Keras
    progress = [event for event in events if event["event"] == PROGRESS]
    assert all(0 <= event["done"] <= event["total"] and (event["seconds_left"] or 0) >= 0 for event in progress)
    assert sum(event["event"] == EPOCH for event in events) == len(trained.report.epochs)
    assert events[-1]["event"] == FINISHED
    assert events[-1]["accuracy"] == trained.report.test.accuracy


def test_the_run_folder_holds_what_it_promises_and_nothing_more(trained):
    assert {path.name for path in trained.run.folder.iterdir()} == {
        "config.json",
        "events.jsonl",
        "labels.json",
        "model.bin",
        "model.keras",
        "model.keras.sha256",
        "model.xml",
        "model.xml.sha256",
        "photos.csv",
        "photos.csv.sha256",
        "pictures.json",
        "predictions.parquet",
        "report.json",
        "novelty.npz",
        "novelty.npz.sha256",
        "tensorboard",
    }
    assert read_json(trained.run.labels_path) == list(CLASSES)


def test_what_it_answers_by_is_sealed_as_it_was_saved(trained):
    run = trained.run
    sealed = checksums.seal_of(run.engine_path).read_text().split()[1::2]
    assert sealed == ["model.xml", "model.bin", "labels.json", "pictures.json"]
    for path in (run.engine_path, run.keras_path, run.detector_path):
        assert (checksums.is_sealed(path), checksums.changed(path)) == (True, [])


@pytest.mark.slow
def test_the_saved_model_answers_the_same_in_plain_keras_and_on_the_engine(tested, tmp_path):
    paths = [Path(photo.path) for photo in tested.run.photos() if photo.split == TEST]
    pixels = np.stack([read_pixels(path, 224) for path in paths])
    np.save(tmp_path / "pixels.npy", pixels)
    code = (
        "import sys, keras, numpy as np\n"
        "model = keras.models.load_model(sys.argv[1])\n"
        "np.save(sys.argv[3], model.predict(np.load(sys.argv[2]).astype('float32'), verbose=0))\n"
        "assert not any(name.split('.')[0] == 'core' for name in sys.modules)\n"
    )
    arguments = [str(tested.run.keras_path), str(tmp_path / "pixels.npy"), str(tmp_path / "answers.npy")]
    subprocess.run([sys.executable, "-c", code, *arguments], check=True, cwd=tmp_path, capture_output=True, timeout=120)
    by_keras = np.load(tmp_path / "answers.npy")
    by_engine, _ = Engine(tested.run.engine_path, "f32").run(list(pixels), PROBABILITIES)
    assert np.abs(by_keras - by_engine).max() < 0.005
    from_features, _ = probabilities_of(tested.run, TEST)
    assert np.abs(by_keras - from_features).max() < 0.1  # those went through bf16 and a float16 cache
    assert (by_keras.argmax(1) == from_features.argmax(1)).mean() >= 0.8


def test_the_parity_in_the_report_is_that_of_the_saved_models(trained):
    parity = trained.report.engine_parity
    assert parity.photos == 32  # from all over the 42
    assert 0 <= parity.max_abs_difference < 0.1
    assert parity.same_top1 >= 0.9


@pytest.mark.slow
def test_the_same_seed_gives_the_same_answers_whatever_the_test_photos_are_called(tested, tmp_path):
    """Run again with the parts of the first run, but each test photo labelled with a wrong class: had the test photos
    any part in training, the answers would change."""
    wrong = dict(zip(CLASSES, CLASSES[1:] + CLASSES[:1], strict=True))
    photos = [
        replace(photo, label=wrong[photo.label]) if photo.split == TEST else photo for photo in tested.run.photos()
    ]
    run = Run.create(tmp_path / "again", tested.config, photos)
    report = train_run(run, tested.places)
    first, first_table = probabilities_of(tested.run, TEST)
    second, second_table = probabilities_of(run, TEST)
    assert list(first_table["path"]) == list(second_table["path"])
    assert np.array_equal(first, second)
    assert [e.val_loss for e in report.epochs] == [e.val_loss for e in tested.report.epochs]
    assert report.test.accuracy <= 1 - tested.report.test.accuracy


@pytest.mark.endurance
def test_a_fully_connected_head_learns_and_unusable_photos_are_set_aside_with_the_reason(shapes, places, tmp_path):
    bad, odd = tmp_path / "red circle" / "bad.jpg", tmp_path / "red circle" / "empty é.jpg"
    bad.parent.mkdir()
    bad.write_bytes(b"\xff\xd8\xff\xe0 cut short")
    odd.touch()
    write_shapes(tmp_path, per_class=1, classes=CLASSES[2:], first=70)
    (tmp_path / CLASSES[2] / "70.jpg").rename(tmp_path / CLASSES[2] / os.fsdecode(b"caf\xe9.jpg"))
    photos = photos_in(shapes) + photos_in(tmp_path)
    config = TrainConfig(head="fc", units=32, epochs=15, learning_rate=0.003, seed=4)
    run = Run.create(tmp_path / "run", config, photos)
    report = train_run(run, places)
    assert report.head == "fc"
    assert report.test.accuracy >= 0.8
    reasons = {row.path: row.why for row in report.set_aside}
    assert set(reasons) == {str(bad), str(odd)}
    assert reasons[str(odd)] == EMPTY.reason
    with run.photos_path.open(encoding="utf-8", errors="surrogateescape") as file:
        listed = {row["path"] for row in csv.DictReader(file)}
    assert listed == {photo.path for photo in photos} - set(reasons)
    assert sum(report.photos.values()) == 43


def test_too_few_readable_photos_in_a_class_are_refused_by_name_and_number(places, tmp_path):
    folder = write_shapes(tmp_path / "photos", per_class=6, classes=CLASSES[:2])
    for n in (0, 1):
        (folder / CLASSES[0] / f"{n}.jpg").write_bytes(b"no photo %d" % n)
    run = Run.create(tmp_path / "run", TrainConfig(), photos_in(folder))
    with pytest.raises(InputError, match=r"blue triangle: only 4 of 6 can be read.*at least 5"):
        train_run(run, places)
    assert run.report() is None


def test_photos_that_are_all_copies_leave_nothing_to_test_on_and_are_refused(places, tmp_path):
    folder = write_shapes(tmp_path / "photos", per_class=1, classes=CLASSES[:2])
    for label in CLASSES[:2]:
        for n in range(1, 6):
            (folder / label / f"{n}.jpg").write_bytes((folder / label / "0.jpg").read_bytes())
    run = Run.create(tmp_path / "run", TrainConfig(), photos_in(folder))
    with pytest.raises(InputError, match=r"left for the validation part.*add more different photos"):
        train_run(run, places)


@pytest.mark.slow
def test_a_test_part_of_which_nothing_can_be_read_is_refused(shapes, places, tmp_path):
    (tmp_path / "red circle").mkdir()
    (tmp_path / "red circle" / "bad.jpg").write_bytes(b"")
    photos = photos_in(shapes) + [replace(photo, split=TEST) for photo in photos_in(tmp_path)]
    run = Run.create(tmp_path / "run", TrainConfig(test_share=0.01), photos)
    with pytest.raises(InputError, match="No usable photo is left for the test part"):
        train_run(run, places)


def test_a_class_without_training_photos_is_refused(shapes, places, tmp_path):
    photos = [replace(p, split=TEST) if p.label == "red circle" else p for p in photos_in(shapes)]
    run = Run.create(tmp_path / "run", TrainConfig(), photos)
    with pytest.raises(InputError, match="No training photo is left for red circle"):
        train_run(run, places)


@pytest.mark.slow
def test_a_stop_while_looking_at_the_photos_keeps_nothing(places, tmp_path):
    folder = write_shapes(tmp_path / "photos", per_class=6, first=900)
    run = Run.create(tmp_path / "run", TrainConfig(), photos_in(folder))
    run.job.request_stop(keep=True)
    with pytest.raises(StopRequested):
        train_run(run, Places(cache=tmp_path / "cache", engine=places.engine))
    assert not run.engine_path.exists()
    assert run.report() is None


@pytest.mark.slow
def test_a_class_of_near_copies_of_one_picture_is_not_judged_and_the_report_says_so(shapes, places, tmp_path):
    photos = [replace(p, group="one" if p.label == "red circle" else "") for p in photos_in(shapes)]
    run = Run.create(tmp_path / "run", TrainConfig(epochs=8, learning_rate=0.01), photos)
    report = train_run(run, places)
    assert {photo.split for photo in run.photos() if photo.label == "red circle"} == {TRAIN}
    assert report.estimate == "test"
    assert report.test.n == report.photos[TEST]
    assert [name for name, row in report.test.per_class.items() if row.n == 0] == ["red circle"]
    assert "No photo of red circle was judged" in unevaluated_in_words(report.test)


def stopping(folder, keep):
    """A run that is asked to end as soon as the cross-validation begins."""

    def on_event(event):
        if event["event"] == PHASE and event["name"] == "evaluate":
            Run(folder).job.request_stop(keep=keep)

    return Run(folder, on_event)


@pytest.mark.slow
def test_stop_and_keep_in_the_cross_validation_leaves_the_model_judged_by_its_test_part(trained, tested, tmp_path):
    Run.create(tmp_path / "run", trained.config, trained.photos)
    run = stopping(tmp_path / "run", keep=True)
    report = train_run(run, trained.places)
    assert report.estimate == "test"
    assert report.test == tested.report.test
    assert run.class_names() == list(CLASSES)


@pytest.mark.slow
def test_discard_in_the_cross_validation_keeps_nothing(trained, tmp_path):
    Run.create(tmp_path / "run", trained.config, trained.photos)
    run = stopping(tmp_path / "run", keep=False)
    with pytest.raises(StopRequested):
        train_run(run, trained.places)
    assert run.report() is None
    assert not run.engine_path.exists()


@pytest.mark.endurance
def test_a_base_that_was_never_converted_is_converted_on_the_way(shapes, tmp_path):
    places = Places(cache=tmp_path / "cache", engine=tmp_path / "engine")
    run = Run.create(tmp_path / "run", TrainConfig(epochs=3), photos_in(shapes))
    train_run(run, places)
    assert [path.name for path in (tmp_path / "engine").iterdir()] == ["efficientnet-lite0-57934424"]
    assert json.loads((run.folder / "labels.json").read_text()) == list(CLASSES)
