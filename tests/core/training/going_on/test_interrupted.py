"""What becomes of a run whose worker died: from where it goes on, and when it doesn't."""

from dataclasses import replace

import pytest

from core.base.errors import InputError, RunError
from core.base.events import CANCELLED, EPOCH, FAILED, FINISHED, PHASE
from core.base.files import file_sha256, write_json
from core.models.config import BENCHMARK_CNN, RANDOM, TrainConfig, usual_config
from core.photos.labelled_photo import LabelledPhoto
from core.photos.pictures import PictureSettings
from core.runs.report import GOES_ON, Seconds
from core.runs.run import NOTE, Run
from core.training.checkpoints import read_reached, read_state, write_checkpoint
from core.training.continuing import is_interrupted, reached_by, state_to_go_on_from
from core.training.strategies.strategy import Stopwatch
from core.training.subsets import set_aside_before
from tests.core.kept_epochs import interrupt

CONFIG = usual_config("from-scratch", BENCHMARK_CNN)


@pytest.fixture
def run(tmp_path, fill):
    """A run on six photos that has not begun."""
    paths = sorted(fill(tmp_path / "photos", {"apple": 3, "pear": 3}).rglob("*.jpg"))
    photos = [LabelledPhoto(str(path), path.parent.name, "train", file_sha256(path)) for path in paths]
    return Run.create(tmp_path / "run", CONFIG, photos)


def numbers(run):
    return [epoch.number for epoch in run.epochs()]


def test_a_run_that_begins_goes_on_from_nothing_and_says_nothing(run):
    assert state_to_go_on_from(run) is None
    assert run.job.events() == []


def test_it_goes_on_from_the_epoch_that_was_kept_and_the_others_count_no_more(run):
    interrupt(run, told=4, kept=3, earlier=2)
    assert numbers(run) == [1, 2, 3, 4, 5, 6]
    reached = state_to_go_on_from(run)
    assert (reached.epoch, reached.next_in_words) == (3, "epoch 4 of 12")
    assert run.job.events()[-1]["event"] == GOES_ON
    assert numbers(run) == [1, 2, 3, 4, 5]
    run.job.event_log().write(EPOCH, **{**run.epochs()[-1].to_json(), "epoch": 6, "val_loss": 0.01})
    assert [epoch.val_loss for epoch in run.epochs()][-2:] == [0.2, 0.01]


def test_with_nothing_kept_it_begins_anew_after_the_epochs_of_the_run_that_it_continues(run):
    for number in (1, 2):
        run.job.event_log().write(EPOCH, epoch=number, loss=1, accuracy=1, val_loss=1, val_accuracy=1, seconds=1)
    interrupt(run)
    run.job.event_log().write(EPOCH, epoch=3, loss=1, accuracy=1, val_loss=1, val_accuracy=1, seconds=1)
    assert state_to_go_on_from(run) is None
    assert numbers(run) == [1, 2]


@pytest.mark.parametrize("at", [1000, -1])
def test_a_checkpoint_that_is_damaged_is_said_removed_and_not_used(run, at):
    interrupt(run, told=3, kept=3)
    data = bytearray(run.checkpoint_path.read_bytes())
    data[at] ^= 1
    run.checkpoint_path.write_bytes(data[: -100 if at < 0 else None])
    assert state_to_go_on_from(run) is None
    assert not run.checkpoint_path.exists()
    assert run.notes() == [
        "What was kept of this training is damaged or another version's, so it began anew from its start."
    ]
    assert numbers(run) == []


def test_photos_that_are_gone_or_changed_are_counted(run):
    interrupt(run, told=3, kept=3)
    paths = [photo.path for photo in run.photos()]
    with open(paths[0], "ab") as file:
        file.write(b"more")
    state_changed = "run can't go on as it began: of its 6 photos 1 changed. They were in .*Bring them back, or train"
    with pytest.raises(InputError, match=state_changed):
        state_to_go_on_from(run)
    run.write_photos([replace(photo, path=photo.path + "x") for photo in run.photos()[:2]] + run.photos()[2:])
    with pytest.raises(InputError, match="of its 6 photos 2 gone"):
        state_to_go_on_from(run)
    assert run.checkpoint_path.exists()
    assert numbers(run) == [1, 2, 3]


def test_settings_that_came_with_a_later_version_keep_no_run_from_going_on(run):
    interrupt(run, told=3, kept=3)
    reached, state = read_reached(run.checkpoint_path), read_state(run.checkpoint_path)
    then = {name: value for name, value in reached.terms.config.items() if name != "final"}
    write_checkpoint(run.checkpoint_path, replace(reached, terms=replace(reached.terms, config=then)), state)
    assert state_to_go_on_from(run).epoch == 3


def with_other_settings(run):
    write_json(run.config_path, replace(CONFIG, learning_rate=0.5).to_json())
    return r"its settings \(config.json\)"


def with_other_pictures(run):
    write_json(run.pictures_path, {**PictureSettings(page=2).to_json(), "decoder": 1})
    return r"the way its pictures are read \(pictures.json\)"


def with_another_start(run):
    run.start_path.write_bytes(b"a model")
    return r"the model that it began with \(start.keras\)"


def with_another_class(run):
    run.write_photos([replace(run.photos()[0], label="pear"), *run.photos()[1:]])
    return r"its list of photos \(photos.csv\)"


@pytest.mark.parametrize("change", [with_other_settings, with_other_pictures, with_another_start, with_another_class])
def test_it_does_not_go_on_where_what_it_began_with_has_changed(run, change):
    interrupt(run, told=3, kept=3)
    what = change(run)
    with pytest.raises(RunError, match=f"run can't go on as it began: {what} changed since. Train anew."):
        state_to_go_on_from(run)
    assert read_reached(run.checkpoint_path).epoch == 3


def test_nor_with_other_weights_of_its_base(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPALIER_WEIGHTS", str(tmp_path))
    (tmp_path / "vgg16.weights.h5").write_bytes(b"some weights")
    run = interrupt(Run.create(tmp_path / "run", usual_config("from-scratch", "vgg16"), []), told=1, kept=1)
    (tmp_path / "vgg16.weights.h5").write_bytes(b"other weights")
    with pytest.raises(RunError, match="the weights of its base model changed since"):
        state_to_go_on_from(run)
    random = Run.create(tmp_path / "random", replace(run.config(), initial=RANDOM), [])
    interrupt(random, told=1, kept=1)
    (tmp_path / "vgg16.weights.h5").unlink()
    assert state_to_go_on_from(random).epoch == 1


@pytest.mark.parametrize(("word", "may"), [(FAILED, True), (CANCELLED, False), (FINISHED, False), (PHASE, True)])
def test_a_run_that_was_lost_or_failed_may_go_on_and_no_other(run, word, may):
    interrupt(run)
    run.job.event_log().write(word, message="", name="", words="")
    assert is_interrupted(run) == may


def test_one_that_works_or_is_complete_was_not_interrupted(run):
    interrupt(run, told=2, kept=2)
    assert is_interrupted(run)
    assert reached_by(run).epoch == 2
    with run.job.alive_lock():
        assert not is_interrupted(run)
    run.report_path.write_text("{}")
    assert not is_interrupted(run)
    assert not is_interrupted(Run(run.folder / "nowhere"))


def test_what_was_set_aside_before_and_told_twice_is_known_once(run):
    assert set_aside_before(run) is None
    interrupt(run)
    assert set_aside_before(run) == {"/bad.jpg": "it can't be read"}
    for words in ("one", "two", "one"):
        run.job.event_log().write(NOTE, words=words)
    assert run.notes() == ["one", "two"]


def test_the_seconds_of_before_count():
    watch = Stopwatch(Seconds(features=100.0, fit=200.0, evaluate=50.0, total=350.0))
    watch.lap("fit")
    seconds = watch.seconds()
    assert (seconds.features, round(seconds.fit, -1), round(seconds.total, -1)) == (100.0, 200.0, 350.0)


def test_a_frozen_training_keeps_no_epochs_and_begins_anew(tmp_path):
    run = interrupt(Run.create(tmp_path / "run", TrainConfig(), []), told=9)
    assert reached_by(run) is None
    assert state_to_go_on_from(run) is None
    assert numbers(run) == []
