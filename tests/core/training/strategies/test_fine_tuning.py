import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from itertools import groupby
from pathlib import Path

import keras
import numpy as np
import pytest

from core.base.errors import StopRequested
from core.base.events import EPOCH, PHASE, PROGRESS
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.engine import feature_cache
from core.engine.engine import FEATURES, PROBABILITIES, Engine
from core.engine.feature_cache import RESERVE_BYTES
from core.engine.features import Features
from core.engine.places import Places
from core.models.building import build_base
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import FINE_TUNE, TrainConfig
from core.photos.views import MIRRORED, ORIGINAL
from core.runs.predictions import read_predictions
from core.runs.report import best_epoch
from core.runs.run import NOTE, Run
from core.training.strategies import fine_tuning
from core.training.training import train_run
from tests.core.conftest import Trained, run_photos
from tests.core.shapes import CLASSES
from tests.waiting import await_that

pytestmark = pytest.mark.slow  # together a minute and more: the default suite is for between two edits

WIDTH = 7 * 7 * 192  # what crosses the boundary of the built-in base's last stage but the head's
FROM_LAST = TrainConfig(strategy=FINE_TUNE, thaw_from="stage7", epochs=2, fine_tune_epochs=2, augment="auto")
REPOSITORY = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="module")
def tuned_places(places, tmp_path_factory):
    """A cache of its own, so that what is in it is known; the converted base is shared."""
    return Places(cache=tmp_path_factory.mktemp("tuned cache"), engine=places.engine)


@pytest.fixture(scope="module")
def tuned(shapes, tuned_places, tmp_path_factory):
    """One run of fine-tuning, which the tests look at."""
    photos = run_photos(shapes)
    run = Run.create(tmp_path_factory.mktemp("tuned") / "run", FROM_LAST, photos)
    return Trained(run, FROM_LAST, tuned_places, photos, train_run(run, tuned_places))


def never():
    raise AssertionError("what crosses the boundary is in the cache")


def activations(places):
    return Features(places.activations(base_model(BUILT_IN), "before-block15_expand_conv", WIDTH), 224, never)


def probabilities_of(run, split):
    table = read_predictions(run.predictions_path, split)
    return table[[f"p_{i}" for i in range(len(CLASSES))]].to_numpy(), table


def test_the_report_says_what_was_thawed_and_what_was_kept(tuned):
    report = tuned.report
    assert (report.strategy, report.estimate) == ("fine-tune", "test")
    details = report.fine_tuning
    assert (details.thaw_from, details.activations, details.kept) == ("stage7", "cached", "fine-tune")
    assert 0 <= details.stitched_max_abs_difference < 1e-3
    assert report.engine_parity.same_top1 >= 0.9
    assert report.notes == []


def test_epochs_go_on_counting_from_the_head_to_the_thawed_blocks(tuned):
    epochs = tuned.report.epochs
    assert [(epoch.number, epoch.phase) for epoch in epochs] == [
        (1, "head"),
        (2, "head"),
        (3, "fine-tune"),
        (4, "fine-tune"),
    ]
    assert tuned.report.best_epoch == best_epoch(epochs) > 2


def test_the_events_tell_the_phases_and_how_far_each_is_in_photos(tuned):
    events = tuned.run.job.events()
    told = [event["name"] for event in events if event["event"] == PHASE]
    # one may wait for Keras, and what lies below the boundary is converted; afterwards the phase goes on
    phases = [phase for phase, _ in groupby(phase for phase in told if phase not in ("load", "convert"))]
    assert phases == ["features", "fit", "boundary", "fine-tune", "mix", "save", "test", "detector"]
    began = next(i for i, e in enumerate(events) if e["event"] == PHASE and e["name"] == "fine-tune")
    ended = next(i for i, e in enumerate(events) if e["event"] == PHASE and e["name"] == "save")
    progress = [event for event in events[began:ended] if event["event"] == PROGRESS]
    photos = 2 * tuned.report.photos[TRAIN]  # each in two views
    assert progress[-1]["done"] == progress[-1]["total"] == 2 * photos
    assert [event["done"] for event in progress] == sorted(event["done"] for event in progress)
    assert progress[-1]["seconds_left"] == 0


def test_only_training_photos_are_mirrored_and_no_test_photo_crosses_the_boundary(tuned):
    kept, photos = activations(tuned.places), tuned.run.photos()
    of = {part: [photo for photo in photos if photo.split == part] for part in (TRAIN, VALIDATION, TEST)}
    assert kept.missing(of[TRAIN], (ORIGINAL, MIRRORED)) == set()
    assert kept.missing(of[VALIDATION]) == set()
    assert len(kept.missing(of[VALIDATION], (MIRRORED,))) == len(of[VALIDATION])
    assert len(kept.missing(of[TEST], (ORIGINAL, MIRRORED))) == 2 * len(of[TEST])


def test_the_saved_model_is_the_frozen_base_below_the_block_and_another_above(tuned):
    saved, base = keras.saving.load_model(tuned.run.keras_path), build_base(BUILT_IN)
    names = [layer.name for layer in base.layers]
    first = names.index("block15_expand_conv")
    for position, layer in enumerate(base.layers):
        old, new = layer.get_weights(), saved.get_layer(layer.name).get_weights()
        same = all(np.array_equal(a, b) for a, b in zip(old, new, strict=True))
        frozen = position < first or not old or isinstance(layer, keras.layers.BatchNormalization)
        assert same == frozen, layer.name


def test_the_engine_gives_features_and_probabilities_and_keras_agrees(tuned):
    from core.photos.decoding import read_pixels

    pixels = [read_pixels(Path(photo.path), 224) for photo in tuned.photos[::9]]
    engine = Engine(tuned.run.engine_path, "f32")
    assert set(engine.outputs) == {FEATURES, PROBABILITIES}
    probabilities, _ = engine.run(pixels, PROBABILITIES)
    features, _ = engine.run(pixels, FEATURES)
    assert features.shape == (len(pixels), base_model(BUILT_IN).feature_width)
    expected = keras.saving.load_model(tuned.run.keras_path).predict_on_batch(np.stack(pixels).astype(np.float32))
    assert probabilities == pytest.approx(expected, abs=1e-3)


def test_the_predictions_are_those_of_the_model_that_was_saved_and_are_right(tuned):
    probabilities, table = probabilities_of(tuned.run, TEST)
    truth = np.array([CLASSES.index(label) for label in table["truth"]])
    assert (probabilities.argmax(1) == truth).mean() == tuned.report.test.accuracy >= 0.8
    again, _ = Engine(tuned.run.engine_path).run([Path(path) for path in table["path"]], PROBABILITIES)
    assert again == pytest.approx(probabilities, abs=1e-6)


@pytest.mark.endurance
def test_a_second_run_asks_nobody_again_and_the_same_seed_gives_the_same_model(tuned, tmp_path, monkeypatch):
    """Two runs of one seed on one machine agree within 0.02 of a probability; threads add up in changing order."""
    monkeypatch.setattr(fine_tuning, "shared_engine", lambda *_: never())
    run = Run.create(tmp_path / "run", tuned.config, tuned.photos)
    report = train_run(run, tuned.places)
    assert probabilities_of(run, TEST)[0] == pytest.approx(probabilities_of(tuned.run, TEST)[0], abs=0.02)
    first, second = (r.epochs[-1].val_loss for r in (report, tuned.report))
    assert first == pytest.approx(second, abs=0.02)


def stopping_at(folder, phase, keep):
    """A run that is asked to end as soon as a phase begins."""

    def on_event(event):
        if event["event"] == PHASE and event["name"] == phase:
            Run(folder).job.request_stop(keep=keep)

    return Run(folder, on_event)


def test_discard_while_the_blocks_learn_keeps_nothing(tuned, tmp_path):
    Run.create(tmp_path / "run", tuned.config, tuned.photos)
    run = stopping_at(tmp_path / "run", "fine-tune", keep=False)
    with pytest.raises(StopRequested):
        train_run(run, tuned.places)
    assert run.report() is None
    assert not run.engine_path.exists()


def test_stop_and_keep_while_the_blocks_learn_leaves_a_complete_run(tuned, tmp_path):
    folder = tmp_path / "run"
    Run.create(folder, replace(tuned.config, fine_tune_epochs=500), tuned.photos)

    def stop_after_an_epoch(event):
        if event["event"] == EPOCH and event["phase"] == FINE_TUNE:
            run.job.request_stop(keep=True)

    run = Run(folder, stop_after_an_epoch)
    report = train_run(run, tuned.places)
    assert sum(epoch.phase == FINE_TUNE for epoch in report.epochs) <= 2  # the second ends at its first batch
    assert report.test.n == tuned.report.test.n
    assert run.report() == report


@pytest.mark.endurance
def test_stop_and_keep_at_the_boundary_keeps_the_model_with_the_head_alone(tuned, tmp_path):
    Run.create(tmp_path / "run", tuned.config, tuned.photos)
    run = stopping_at(tmp_path / "run", "boundary", keep=True)
    report = train_run(run, Places(cache=tmp_path / "cache", engine=tuned.places.engine))
    assert report.fine_tuning.kept == "head"
    assert "new head alone is kept" in report.notes[0]
    assert {epoch.phase for epoch in report.epochs} == {"head"}


@pytest.mark.endurance
def test_a_rate_that_makes_it_worse_keeps_the_model_with_the_head_alone_and_says_so(tuned, tmp_path):
    run = Run.create(tmp_path / "run", replace(tuned.config, epochs=30, fine_tune_rate=0.1), tuned.photos)
    report = train_run(run, tuned.places)
    assert report.fine_tuning.kept == "head"
    assert any("new head alone is kept" in note for note in report.notes)
    saved, base = keras.saving.load_model(run.keras_path), build_base(BUILT_IN)
    name = "block15_expand_conv"
    assert np.array_equal(saved.get_layer(name).get_weights()[0], base.get_layer(name).get_weights()[0])


@pytest.mark.endurance
def test_a_disk_without_room_for_the_cache_is_told_and_the_result_is_as_good(tuned, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(feature_cache.shutil, "disk_usage", lambda _: usage._replace(free=RESERVE_BYTES + 9))
    run = Run.create(tmp_path / "run", tuned.config, tuned.photos)
    report = train_run(run, Places(cache=tmp_path / "cache", engine=tuned.places.engine))
    assert report.fine_tuning.activations == "recomputed"
    assert "The disk has no room" in report.notes[0]
    assert [event["words"] for event in run.job.events() if event["event"] == NOTE] == report.notes
    assert not list((tmp_path / "cache" / "activations").glob("*.f16"))
    for epoch, cached in zip(report.epochs, tuned.report.epochs, strict=True):
        assert epoch.val_loss == pytest.approx(cached.val_loss, abs=0.1)


@pytest.mark.slow
def test_after_a_kill_while_the_blocks_learn_the_cache_serves_the_next_run(tuned, tmp_path, monkeypatch):
    cache, folder = tmp_path / "cache", tmp_path / "run"
    Run.create(folder, replace(tuned.config, fine_tune_epochs=1000), tuned.photos)
    code = (
        "import sys; from pathlib import Path; from core.engine.places import Places; from core.runs.run import Run; "
    )
    code += "from core.training.training import train_run; a, b, c = map(Path, sys.argv[1:]); "
    code += "train_run(Run(a), Places(cache=b, engine=c))"
    command = [sys.executable, "-c", code, str(folder), str(cache), str(tuned.places.engine)]
    child = subprocess.Popen(command, cwd=REPOSITORY)
    await_that(lambda: child.poll() is not None or any(e.phase == "fine-tune" for e in Run(folder).epochs()), 120)
    assert child.poll() is None
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    kept = activations(Places(cache=cache, engine=tuned.places.engine))
    photos = [photo for photo in Run(folder).photos() if photo.split == TRAIN]
    assert kept.missing(photos, (ORIGINAL, MIRRORED)) == set()
    assert np.array_equal(kept.read(photos), activations(tuned.places).read(photos))
    assert json.loads((folder / "config.json").read_text())["fine_tune_epochs"] == 1000
    assert [e["event"] for e in Run(folder).job.events()].count(EPOCH) >= 3
