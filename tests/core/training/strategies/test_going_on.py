"""Trainings killed in mid-fit, in a process of their own, and gone on with: they end as if nothing had happened."""

import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from core.base.errors import InputError, RunError
from core.base.events import EPOCH, PHASE
from core.base.files import read_json, write_json
from core.engine.places import Places
from core.jobs.job import State
from core.models.config import BENCHMARK_CNN, FINE_TUNE, FROM_SCRATCH, RANDOM, TrainConfig
from core.runs.report import GOES_ON
from core.runs.run import Run
from core.training.checkpoints import read_reached
from core.training.continuing import is_interrupted
from core.training.training import train_run
from tests.core.conftest import Trained, run_photos

pytestmark = pytest.mark.slow  # each trains a network, some in a process of their own

REPOSITORY = Path(__file__).resolve().parents[4]
TUNED = TrainConfig(strategy=FINE_TUNE, thaw_from="stage7", epochs=2, fine_tune_epochs=4, augment="auto", patience=4)
WHOLE = TrainConfig(
    base=BENCHMARK_CNN, strategy=FROM_SCRATCH, initial=RANDOM, epochs=5, batch_size=8, image_size=64, augment="auto"
)
ALIKE = (
    2e-3  # of losses, in all epochs; measured 0 to six digits, but threads may add up in another order (docs/log.md)
)
KILLED = """
import os, signal, sys
from pathlib import Path
from core.engine.places import Places
from core.jobs.worker import work
from core.runs.run import Run
from core.training.training import train_run

def on_event(event):
    if event["event"] == "epoch" and event["epoch"] == int(sys.argv[4]):
        os.kill(os.getpid(), signal.SIGKILL)

folder, cache, engine = map(Path, sys.argv[1:4])
run = Run(folder, on_event)
work(run.job, lambda: train_run(run, Places(cache=cache, engine=engine)))
"""


def train_until_killed(run, places, number):
    """Its worker dies when an epoch of this number has been told and is not kept yet."""
    arguments = [run.folder, places.cache, places.engine, number]
    ended = subprocess.run([sys.executable, "-c", KILLED, *map(str, arguments)], cwd=REPOSITORY, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert run.job.state() is State.LOST
    assert is_interrupted(run)


@pytest.fixture(scope="module", params=[TUNED, WHOLE], ids=[FINE_TUNE, FROM_SCRATCH])
def uninterrupted(request, shapes, places, tmp_path_factory):
    """A training that nobody interrupted."""
    own = Places(cache=tmp_path_factory.mktemp("cache"), engine=places.engine)
    run = Run.create(tmp_path_factory.mktemp("whole") / "run", request.param, run_photos(shapes))
    return Trained(run, request.param, own, run_photos(shapes), train_run(run, own))


def before_it_learns(trained):
    """How many epochs a run has before those that are kept: of the head."""
    return sum(epoch.phase == "head" for epoch in trained.report.epochs)


def test_killed_after_two_epochs_and_gone_on_with_it_ends_like_one_that_was_not(uninterrupted, tmp_path):
    head = before_it_learns(uninterrupted)
    run = Run.create(tmp_path / "run", uninterrupted.config, uninterrupted.photos)
    train_until_killed(run, uninterrupted.places, head + 3)
    reached = read_reached(run.checkpoint_path)
    assert (reached.epoch, reached.earlier) == (2, head)
    assert [epoch.number for epoch in run.epochs()] == list(range(1, head + 4))

    report, whole = train_run(run, uninterrupted.places), uninterrupted.report
    assert [(e.number, e.phase) for e in report.epochs] == [(e.number, e.phase) for e in whole.epochs]
    for one, other in zip(report.epochs, whole.epochs, strict=True):
        assert (one.loss, one.val_loss) == pytest.approx((other.loss, other.val_loss), abs=ALIKE)
    assert (report.best_epoch, report.test.accuracy) == (whole.best_epoch, whole.test.accuracy)
    assert report.test.log_loss == pytest.approx(whole.test.log_loss, abs=ALIKE)
    assert report.seconds.total > reached.seconds.total
    assert not run.checkpoint_path.exists()
    assert not is_interrupted(run)

    events = run.job.events()
    (goes_on,) = [event for event in events if event["event"] == GOES_ON]
    assert goes_on["epoch"] == head + 2
    assert sum(event["event"] == EPOCH for event in events) == len(report.epochs) + 1  # one was done again
    after = events[events.index(goes_on) :]
    assert "fit" not in {event["name"] for event in after if event["event"] == PHASE}  # the head learned before


@pytest.mark.endurance
def test_killed_before_anything_was_kept_it_begins_anew_and_is_the_same(uninterrupted, tmp_path):
    run = Run.create(tmp_path / "run", uninterrupted.config, uninterrupted.photos)
    train_until_killed(run, uninterrupted.places, 1)
    assert not run.checkpoint_path.exists()
    report = train_run(run, uninterrupted.places)
    assert [e.number for e in report.epochs] == [e.number for e in uninterrupted.report.epochs]
    assert report.test.accuracy == uninterrupted.report.test.accuracy
    assert [event["epoch"] for event in run.job.events() if event["event"] == GOES_ON] == [0]


@pytest.fixture(scope="module")
def killed_once(shapes, places, tmp_path_factory):
    """A network that was killed in its third epoch, on photos of its own."""

    folder = tmp_path_factory.mktemp("killed")
    photos = run_photos(shutil.copytree(shapes, folder / "photos"))
    own = Places(cache=folder / "cache", engine=places.engine)
    run = Run.create(folder / "run", WHOLE, photos)
    train_until_killed(run, own, 3)
    return run, own


@pytest.fixture
def killed(killed_once, tmp_path):

    run, own = killed_once
    return Run(shutil.copytree(run.folder, tmp_path / "run")), own


def test_a_damaged_checkpoint_is_said_and_it_begins_anew(killed):
    run, own = killed
    data = bytearray(run.checkpoint_path.read_bytes())
    data[len(data) // 2] ^= 1
    run.checkpoint_path.write_bytes(data)
    report = train_run(run, own)
    assert [epoch.number for epoch in report.epochs] == [1, 2, 3, 4, 5]
    assert report.notes == [
        "What was kept of this training is damaged or another version's, so it began anew from its start."
    ]
    assert not run.checkpoint_path.exists()
    assert np.isfinite(keras.saving.load_model(run.keras_path).get_weights()[0]).all()


def test_it_goes_on_neither_with_other_settings_nor_with_another_list_of_photos(killed):
    run, own = killed
    config = read_json(run.config_path)
    write_json(run.config_path, replace(WHOLE, learning_rate=0.5).to_json())
    with pytest.raises(RunError, match=r"can't go on as it began: its settings \(config.json\) changed since"):
        train_run(run, own)
    write_json(run.config_path, config)
    run.write_photos(run.photos()[1:])
    with pytest.raises(RunError, match=r"its list of photos \(photos.csv\) changed since"):
        train_run(run, own)
    assert run.checkpoint_path.exists()


def test_photos_that_are_gone_or_changed_are_counted_and_nothing_is_lost(killed):
    run, own = killed
    first, second, third = (Path(photo.path) for photo in run.photos()[:3])
    kept = {path: path.read_bytes() for path in (first, second, third)}
    try:
        first.unlink()
        second.write_bytes(kept[third])
        with pytest.raises(InputError, match="of its 42 photos 1 gone and 1 changed"):
            train_run(run, own)
    finally:
        for path, data in kept.items():
            path.write_bytes(data)
    assert train_run(run, own).epochs[-1].number == 5
