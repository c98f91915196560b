"""A run that goes on from another: same photos, its weights, its curves, and never a worse model."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from core.base.errors import InputError, RunError
from core.base.files import write_json
from core.engine.engine import FEATURES, Engine
from core.engine.places import Places
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import FINE_TUNE, FROM_SCRATCH, RANDOM, TrainConfig
from core.models.heads import HEADS
from core.photos.pictures import BEFORE, PictureSettings
from core.runs.report import best_epoch
from core.runs.run import Run
from core.training.continuing import create_continued
from core.training.training import train_run
from tests.core.conftest import run_photos
from tests.core.reports import rename_classes

pytestmark = pytest.mark.slow  # together half a minute and more

ONE_EPOCH = TrainConfig(epochs=1, patience=4, learning_rate=0.003, test_given=True)
FROM_NOTHING = TrainConfig(strategy=FROM_SCRATCH, base="benchmark-cnn", initial=RANDOM, epochs=1, test_given=True)
FINE_TUNED = TrainConfig(
    strategy=FINE_TUNE, thaw_from="stage7", epochs=1, fine_tune_epochs=1, fine_tune_rate=0.01, test_given=True
)


@pytest.fixture(scope="module")
def begun(shapes, places, tmp_path_factory):
    run = Run.create(tmp_path_factory.mktemp("begun") / "run one", ONE_EPOCH, run_photos(shapes))
    train_run(run, places)
    return run


@pytest.fixture(scope="module")
def continued(begun, places):
    run = create_continued(begun.folder.with_name("run two"), begun, 5)
    train_run(run, places)
    return run


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory):
    """Places where nothing was converted yet."""
    folder = tmp_path_factory.mktemp("elsewhere")
    return Places(cache=folder / "cache", engine=folder / "engine")


def first_and_second(folder, config, shapes, places):
    """A run, and one that went on from it, each with its places."""
    first = Run.create(folder / "first", config, run_photos(shapes))
    train_run(first, places[0])
    second = create_continued(folder / "second", first, 1)
    train_run(second, places[1])
    return first, second


@pytest.fixture(scope="module")
def fine_tuned(shapes, places, elsewhere, tmp_path_factory):
    """A fine-tuned run, and the one that went on from it after the converted base was cleared."""
    folder = tmp_path_factory.mktemp("tuned")
    return first_and_second(folder, FINE_TUNED, shapes, (places, elsewhere))


@pytest.fixture(scope="module")
def from_scratch(shapes, places, tmp_path_factory):
    """A run from scratch, and the one that went on from it."""
    folder = tmp_path_factory.mktemp("scratch")
    return first_and_second(folder, FROM_NOTHING, shapes, (places, places))


def head_weights(run):
    return keras.saving.load_model(run.keras_path).get_layer("head").get_weights()


def test_its_curves_begin_with_the_earlier_runs_and_go_on_better(begun, continued):
    before, after = begun.epochs(), continued.epochs()
    assert [epoch.number for epoch in after] == list(range(1, len(after) + 1))
    assert len(after) == 6
    assert (after[0].loss, after[0].val_loss) == (before[0].loss, before[0].val_loss)
    assert after[1].loss < after[0].loss
    assert continued.report().epochs[0].val_loss == before[0].val_loss


def test_it_learns_on_the_same_photos_in_the_same_parts_and_says_where_it_comes_from(begun, continued):
    assert continued.photos() == begun.photos()
    assert continued.config() == replace(ONE_EPOCH, start_from="run one", epochs=5)
    assert continued.report().test.n == begun.report().test.n


def test_it_begins_where_the_other_stopped_and_leaves_that_as_it_is(begun, places, tmp_path):
    before = head_weights(begun)
    run = create_continued(tmp_path / "slow", begun, 1)
    config = replace(run.config(), learning_rate=1e-7, weight_decay=0.0, dropout=0.0)
    run = _with(run, config)
    train_run(run, places)
    for ours, theirs in zip(head_weights(run), before, strict=True):
        assert ours == pytest.approx(theirs, abs=1e-5)
    assert all(np.array_equal(a, b) for a, b in zip(head_weights(begun), before, strict=True))


@pytest.mark.endurance
def test_more_epochs_that_make_it_worse_keep_the_earlier_weights(trained, places, tmp_path):
    """`trained` learned to its end from photos of which every sixth is labelled wrong: more can only do harm."""
    run = create_continued(tmp_path / "wild", trained.run, 2)
    run = _with(run, replace(run.config(), learning_rate=1.0, test_given=True))
    report = train_run(run, places)
    assert best_epoch(report.epochs) == trained.report.best_epoch
    assert all(np.array_equal(a, b) for a, b in zip(head_weights(run), head_weights(trained.run), strict=True))


def _with(run, config):
    """The same folder with other settings, written before anything was trained."""
    from core.base.files import write_json

    write_json(run.config_path, config.to_json())
    return Run(run.folder)


def test_pictures_are_read_as_the_earlier_run_read_them(begun, tmp_path):
    earlier = Run(shutil.copytree(begun.folder, tmp_path / "earlier"))
    settings = PictureSettings((("uint16", 0.0, 4095.0),), page=1)
    earlier.pictures_path.write_text(json.dumps(settings.to_json()))
    assert create_continued(tmp_path / "on", earlier).pictures() == settings
    earlier.pictures_path.unlink()
    assert create_continued(tmp_path / "of old", earlier).pictures() == BEFORE


def test_what_can_not_go_on_is_refused_in_words(begun, shapes, tmp_path):
    unfinished = Run.create(tmp_path / "unfinished", ONE_EPOCH, run_photos(shapes))
    with pytest.raises(RunError, match="no finished model to go on from"):
        create_continued(tmp_path / "a", unfinished, 3)
    with pytest.raises(InputError, match=r"epochs must be between 1 and 1000\. Received: epochs=0"):
        create_continued(tmp_path / "b", begun, 0)
    try:
        for head in (each.name for each in HEADS if each.solved_at_once):
            with pytest.raises(InputError, match="solved at once"):
                create_continued(tmp_path / head, _with(begun, replace(ONE_EPOCH, head=head)), 3)
    finally:
        _with(begun, ONE_EPOCH)


def test_a_damaged_model_is_refused_in_words(begun, places, tmp_path):
    run = create_continued(tmp_path / "damaged", begun, 1)
    run.start_path.unlink()
    run.start_path.write_bytes(b"no model")
    with pytest.raises(RunError, match=r"goes on from is damaged on disk \(start.keras has changed"):
        train_run(run, places)
    assert begun.keras_path.stat().st_size > 1000  # the two shared one file


def test_the_epochs_are_in_tensorboards_logs(continued):
    for part, field in (("train", "loss"), ("validation", "val_loss")):
        (file,) = (continued.tensorboard_path / part).iterdir()
        written = {}
        for record in tf.data.TFRecordDataset(str(file)):
            event = tf.compat.v1.Event.FromString(record.numpy())
            for value in event.summary.value:
                assert value.metadata.plugin_data.plugin_name == "scalars"
                written[value.tag, event.step] = float(tf.make_ndarray(value.tensor))
        expected = {("loss", epoch.number): getattr(epoch, field) for epoch in continued.epochs()}
        assert {key: value for key, value in written.items() if key[0] == "loss"} == pytest.approx(expected)


@pytest.mark.parametrize(
    ("made", "strategy"),
    [pytest.param("fine_tuned", FINE_TUNE, marks=pytest.mark.endurance), ("from_scratch", FROM_SCRATCH)],
)
def test_the_other_strategies_go_on_too(made, strategy, request):
    before, after = (run.report() for run in request.getfixturevalue(made))
    n = len(before.epochs)
    assert after.epochs[:n] == before.epochs
    assert [epoch.phase for epoch in after.epochs[n:]] == [strategy]
    best = min(epoch.val_loss for epoch in after.epochs)
    assert best <= min(epoch.val_loss for epoch in before.epochs)


def test_what_runs_share_is_never_made_of_the_weights_that_are_gone_on_from(fine_tuned, places, elsewhere):
    """The converted base was cleared meanwhile: it must be made anew of the base's own weights, not of tuned ones."""
    paths = [photo.path for photo in fine_tuned[0].photos()[:3]]
    theirs, ours = (
        Engine(each.converted_base(base_model(BUILT_IN)), "f32").run([Path(path) for path in paths], FEATURES)[0]
        for each in (places, elsewhere)
    )
    assert ours == pytest.approx(theirs, abs=1e-4)


def test_what_was_mirrored_by_an_older_version_goes_on_without_where_sides_matter(trained, tmp_path):
    earlier = Run(shutil.copytree(trained.run.folder, tmp_path / "earlier"))
    names = dict(zip(earlier.class_names(), ("turn left", "turn right", "straight"), strict=True))
    earlier.write_photos([replace(photo, label=names[photo.label]) for photo in earlier.photos()])
    rename_classes(earlier, list(names.values()))
    write_json(earlier.config_path, replace(earlier.config(), augment="auto").to_json())
    run = create_continued(tmp_path / "later", earlier, 1)
    assert run.config().augment == "none"
    assert run.notes() == ["Not mirrored: mirrored photos of turn left would show turn right."]
