"""What is kept after each epoch, on a network that learns in milliseconds: gone on with, it ends as it would have."""

import contextlib
import errno
import io
import json
import shutil
import zipfile
from dataclasses import replace

import keras
import numpy as np
import pytest

from core.base import disk
from core.base.errors import RunError
from core.base.events import EPOCH, PROGRESS
from core.models.config import FROM_SCRATCH, TrainConfig, with_optimizer
from core.photos.labelled_photo import LabelledPhoto
from core.runs.report import Seconds
from core.runs.run import Run
from core.training.checkpoints import (
    NOT_KEPT,
    CheckpointError,
    Checkpoints,
    State,
    Terms,
    read_reached,
    read_state,
    refuse_damaged,
    write_checkpoint,
)
from core.training.network_fitting import Schedule, learn_network
from core.training.rows import LabelledFeatures

WIDTH = 6
CONFIG = TrainConfig(batch_size=8, seed=3)
TERMS = Terms(config={}, pictures={}, weights="", start="", photos="", keras="")
PHOTOS = [LabelledPhoto("nowhere.jpg", "apple", "train", "0" * 64)]
EPOCHS, PATIENCE = 40, 4
PATIENT_UNTIL = 22  # by then the rate has fallen by half
LAST = PATIENT_UNTIL + PATIENCE  # the epoch that ends it, as none after the early best one is better
SECONDS = Seconds(features=1.0, fit=2.0, evaluate=0.0, total=3.0)


class Killed(BaseException):
    """Ends the training as a kill would: nothing after it is done."""


def network(width=5):
    """With all that has a state: a layer that learns, one that counts, and one that draws random numbers."""
    keras.utils.set_random_seed(1)
    inputs = keras.Input((WIDTH,))
    x = keras.layers.BatchNormalization()(keras.layers.Dense(width, activation="relu")(inputs))
    outputs = keras.layers.Dense(2, activation="softmax")(keras.layers.Dropout(0.4)(x))
    return keras.Model(inputs, outputs)


def clouds(n, seed):
    """Points around +0.4 and -0.4, many on the wrong side, so that the best epoch is not the last."""
    rng = np.random.default_rng(seed)
    class_ids = (np.arange(n) % 2).astype(np.int64)
    points = rng.normal(0, 1, (n, WIDTH)) + 0.4 * (2 * class_ids - 1)[:, None]
    return LabelledFeatures(points.astype(np.float32), class_ids)


TRAIN, VALIDATION = clouds(44, 1), clouds(20, 2)


def checkpoints_of(run):
    reached = read_reached(run.checkpoint_path) if run.checkpoint_path.exists() else None
    return Checkpoints(run, lambda: TERMS, lambda: SECONDS, reached)


def learn(folder, config=CONFIG, killed_at=None):
    """The network and the run after a training that goes on where the folder's checkpoint is, else begins.

    It learns so fast that it soon gets no better. `killed_at`: ends when this epoch has been told, and is not kept yet.
    """

    def on_event(event):
        if event["event"] == EPOCH and event["epoch"] == killed_at:
            raise Killed

    if not folder.exists():
        Run.create(folder, config, PHOTOS)
    run, model = Run(folder, on_event), network()
    schedule = Schedule(FROM_SCRATCH, epochs=EPOCHS, rate=0.1, patience=PATIENCE, checkpoints=checkpoints_of(run))
    with contextlib.suppress(Killed):
        learn_network(model, config, schedule, TRAIN, VALIDATION, run.job)
    return model, run


def told(run):
    """What each epoch was told to be like, by its number; of one that was done twice the second time."""
    names = ("loss", "val_loss", "accuracy", "val_accuracy")
    return {e["epoch"]: [e[name] for name in names] for e in run.job.events() if e["event"] == EPOCH}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A training that nobody interrupted: its network and its run."""
    return learn(tmp_path_factory.mktemp("whole") / "run")


@pytest.fixture(scope="module")
def best(whole):
    """The number of its best epoch."""
    losses = [values[1] for values in told(whole[1]).values()]
    return 1 + losses.index(min(losses))


@pytest.fixture(scope="module")
def killed_once(tmp_path_factory):
    """The run of one that was killed between its best epoch and its end."""
    return learn(tmp_path_factory.mktemp("killed") / "run", killed_at=LAST - 1)[1]


@pytest.fixture
def killed(killed_once, tmp_path):
    """The same, to be changed."""
    return Run(shutil.copytree(killed_once.folder, tmp_path / "run"))


def assert_same_end(one, other):
    """Both networks have the same weights, and their runs were told the same of the same epochs."""
    assert list(told(one[1])) == list(told(other[1]))
    assert list(told(one[1]).values()) == [pytest.approx(values, abs=1e-6) for values in told(other[1]).values()]
    for here, there in zip(one[0].get_weights(), other[0].get_weights(), strict=True):
        assert here == pytest.approx(there, abs=1e-6)


@pytest.mark.slow
def test_a_training_that_goes_on_ends_as_one_that_was_not_interrupted(whole, best, killed):
    """The same weights, of the best epoch, which was before the interruption; the same losses; the same patience."""
    assert best < PATIENT_UNTIL
    assert list(told(whole[1])) == list(range(1, LAST + 1))
    reached, before = read_reached(killed.checkpoint_path), len(killed.job.events())
    assert (reached.epoch, reached.waited, reached.over) == (LAST - 2, 2, False)
    assert reached.best == (told(whole[1])[best][1], 0.0)
    assert reached.next_in_words == f"epoch {LAST - 1} of 40"
    gone_on = learn(killed.folder)
    assert_same_end(whole, gone_on)
    assert int(gone_on[0].optimizer.iterations.numpy()) == 6 * LAST
    progress = [event for event in killed.job.events()[before:] if event["event"] == PROGRESS]
    assert progress[0]["done"] == 44 * (LAST - 2)


@pytest.mark.slow
@pytest.mark.parametrize("optimizer", ["rmsprop", "sgd"])
def test_so_it_does_with_other_optimizers_and_steps_whenever_it_was_killed(tmp_path, optimizer):
    config = replace(with_optimizer(CONFIG, optimizer), steps_per_epoch=4, monitor="val_accuracy")
    for at in (2, 3, 3):
        learn(tmp_path / "parts", config, killed_at=at)
    assert_same_end(learn(tmp_path / "whole", config), learn(tmp_path / "parts", config))


def test_a_training_that_had_ended_learns_nothing_more_and_has_its_best_weights(whole, tmp_path):
    run = Run(shutil.copytree(whole[1].folder, tmp_path / "run"))
    before, reached = run.job.events(), read_reached(run.checkpoint_path)
    assert (reached.over, reached.is_done, reached.next_in_words) == (True, True, "the end of its last epoch")
    again, _ = learn(run.folder)
    assert run.job.events() == before
    assert all(np.array_equal(a, b) for a, b in zip(whole[0].get_weights(), again.get_weights(), strict=True))


def test_any_damage_to_a_checkpoint_is_found(killed):
    path = killed.checkpoint_path
    whole = path.read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as members:
        data = [(each.header_offset + 200, each.filename) for each in members.infolist() if each.file_size > 150]
    assert len(data) > 5
    for at, _ in data:  # a bit of each array's header or numbers
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 16]) + whole[at + 1 :])
        with pytest.raises(CheckpointError):
            refuse_damaged(path)
    for cut in (b"", whole[: len(whole) // 2], whole[:-30], b"no zip at all"):
        path.write_bytes(cut)
        with pytest.raises(CheckpointError):
            refuse_damaged(path)
        with pytest.raises(CheckpointError):
            read_reached(path)
    path.write_bytes(whole)
    refuse_damaged(path)


def member_of(name, data, how=zipfile.ZIP_STORED):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", how) as members:
        members.writestr(name, data)
    return packed.getvalue()


def array_of(value):
    written = io.BytesIO()
    np.save(written, value, allow_pickle=True)
    return written.getvalue()


@pytest.mark.parametrize(
    "strange",
    [
        member_of("about.npy", array_of(np.frombuffer(json.dumps({"schema": 2}).encode(), np.uint8))),
        member_of("about.npy", array_of(np.frombuffer(b"[]", np.uint8))),
        member_of("about.npy", array_of(np.array([{"a": 1}], object))),
        member_of("about.npy", array_of(np.zeros(2)).replace(b"(2,)", b"(4000000000000,)"[:4])),
        member_of("about.npy", array_of(np.zeros(1000)), zipfile.ZIP_DEFLATED),
        member_of("other.npy", array_of(np.zeros(2))),
    ],
    ids=["newer", "no object", "pickled", "cut", "packed", "another"],
)
def test_what_is_no_checkpoint_of_this_version_is_none(tmp_path, strange):
    path = tmp_path / "checkpoint.npz"
    path.write_bytes(strange)
    with pytest.raises(CheckpointError):
        read_reached(path)


def test_a_checkpoint_of_another_network_changes_nothing_is_removed_and_said(killed):
    path = killed.checkpoint_path
    state = read_state(path)
    write_checkpoint(path, read_reached(path), replace(state, optimizer=state.optimizer[:-1]))
    with pytest.raises(RunError, match="Go on once more: it begins anew then"):
        learn(killed.folder)
    assert not path.exists()


@pytest.mark.parametrize("function", ["sync_file", "replace"])
def test_a_kill_while_it_is_written_leaves_the_one_before(killed, monkeypatch, function):
    path = killed.checkpoint_path
    before = path.read_bytes()

    def die(*_):
        raise Killed

    monkeypatch.setattr(disk, function, die)
    with pytest.raises(Killed):
        write_checkpoint(path, read_reached(path), State([], [], [], []))
    assert path.read_bytes() == before


def keep(checkpoints, epoch):
    state = State([np.arange(3.0)], [], [np.array(epoch)], [])
    checkpoints.keep(
        state, epoch=epoch, epochs=9, earlier=2, best=(0.5, 0.0), own_best=(0.5, 0.0), waited=0, over=False
    )


def test_a_full_disk_is_told_once_and_leaves_what_was_kept_before(tmp_path, monkeypatch):
    run = Run.create(tmp_path / "run", CONFIG, PHOTOS)
    checkpoints = checkpoints_of(run)
    keep(checkpoints, 1)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(disk, "replace", full)  # there is room for the words, though
    keep(checkpoints, 2)
    keep(checkpoints, 3)
    assert run.notes() == [NOT_KEPT]
    assert [event["event"] for event in run.job.events()] == ["note"]
    assert (read_reached(run.checkpoint_path).epoch, int(read_state(run.checkpoint_path).optimizer[0])) == (1, 1)
    assert list(run.folder.glob(".writing-*")) == []


def test_nothing_is_kept_once_somebody_has_asked_it_to_stop(tmp_path):
    run = Run.create(tmp_path / "run", CONFIG, PHOTOS)
    run.job.request_stop(keep=True)
    keep(checkpoints_of(run), 1)
    assert not run.checkpoint_path.exists()
