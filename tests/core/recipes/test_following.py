"""Steps in their order: what is done is passed over, what the matrix decides, and what comes of it."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.base.errors import InputError, RunError, StopRequested
from core.base.events import FINISHED, PHASE
from core.base.files import file_sha256, write_json
from core.engine.places import Places
from core.models.config import BENCHMARK_CNN, FROM_SCRATCH, TrainConfig, usual_config
from core.photos.labelled_photo import LabelledPhoto
from core.recipes import following
from core.recipes.catalogue import MATRIX, THREE_MODELS
from core.recipes.folder import TutorialFolder
from core.recipes.following import Ground, as_decided, follow
from core.recipes.map_picture import picture_of
from core.recipes.outcome import map_facts, pairs_of, row_of
from core.recipes.planning import plan_of, request_of
from core.recipes.record import Decision, MapFacts, TutorialResult
from core.recipes.words import map_in_words, pairs_in_words, table_rows
from core.runs.predictions import write_predictions
from core.runs.report import Epoch
from core.runs.run import Run
from core.training.continuing import reached_by
from tests.core.kept_epochs import interrupt
from tests.core.reports import a_report, metrics_of

CLASSES = ["apple", "pear"]
DECISION = Decision(4, "Keep the base model as it is", "efficientnet-lite0", ["Few photos."])


def finished(folder, right=8, epochs=(), title=""):
    """A complete run that answered so many of its ten test photos rightly."""
    photos = [LabelledPhoto(f"/{n}.jpg", CLASSES[n % 2], "test", f"content {n}") for n in range(10)]
    return complete(Run.create(folder, TrainConfig(), photos), photos, right, epochs, title)


def complete(run, photos, right=8, epochs=(), title=""):
    """Write what a training leaves of a run whose ten test photos these are."""
    truth = np.arange(10) % 2
    answers = np.where(np.arange(10) < right, truth, 1 - truth)
    write_predictions(run.predictions_path, {"test": photos}, {"test": np.eye(2, dtype=np.float32)[answers]}, CLASSES)
    epochs = list(epochs) or [Epoch(1, "head", 0.5, 0.8, 0.6, 0.7, 0.25)]
    write_json(run.report_path, a_report(CLASSES, test=metrics_of(CLASSES, right), epochs=epochs).to_json())
    run.keep_about(title, "")
    return run


@pytest.fixture
def ground(tmp_path):
    """Runs of whom none is to be made anew."""

    def refuse(*asked):
        raise AssertionError(f"{asked} is not to be made")

    return Ground(refuse, Places(tmp_path / "cache", tmp_path / "engine"), tmp_path / "runs", refuse)


def asked_for(tmp_path, tutorial):
    this = TutorialFolder(tmp_path / "tutorial")
    this.ask(request_of(tutorial, plan_of(tutorial, {"KERAS_HOME": str(tmp_path)}), "now"))
    return this


def test_runs_that_are_complete_are_passed_over_and_the_table_has_them_all(tmp_path, ground):
    this = asked_for(tmp_path, THREE_MODELS)
    runs = [finished(ground.runs_folder / f"now {n}", right, title=f"{n}") for n, right in ((1, 6), (2, 8), (3, 9))]
    before = [run.report_path.stat().st_mtime_ns for run in runs]
    result = follow(this, ground)
    assert result == this.read()
    assert [(row.step, row.run, row.accuracy) for row in result.runs] == [
        ("benchmark", "now 1", 0.6),
        ("top model", "now 2", 0.8),
        ("fine-tuned", "now 3", 0.9),
    ]
    assert [run.report_path.stat().st_mtime_ns for run in runs] == before
    words = [event["words"] for event in this.job.events() if event["event"] == PHASE]
    assert words[0] == "Step 1 of 4: Train the benchmark, five convolutions that begin with nothing"
    assert len(words) == 4
    assert follow(this, ground) == result  # and again


@pytest.fixture
def interrupted(tmp_path, ground, fill):
    """The first step's run, whose worker died after three epochs, and a tutorial that has done the others."""
    for n in (2, 3):
        finished(ground.runs_folder / f"now {n}", title=f"{n}")
    paths = sorted(fill(tmp_path / "photos", {"apple": 5, "pear": 5}).rglob("*.jpg"))
    photos = [LabelledPhoto(str(path), path.parent.name, "test", file_sha256(path)) for path in paths]
    config = usual_config(FROM_SCRATCH, BENCHMARK_CNN)
    run = interrupt(Run.create(ground.runs_folder / "now 1", config, photos), told=3, kept=3)
    return asked_for(tmp_path, THREE_MODELS), run


def train_with(monkeypatch):
    """What is trained in place of a training."""
    trained = []

    def train_run(run, places):
        trained.append(run)
        complete(run, run.photos())
        run.job.event_log().write(FINISHED)

    monkeypatch.setattr(following, "train_run", train_run)
    return trained


def test_a_run_that_was_interrupted_goes_on_where_its_epochs_are_kept(interrupted, ground, monkeypatch):
    """In its own folder, with its photos where they are now; nothing is made anew, or `ground` would refuse."""
    this, run = interrupted
    trained, asked = train_with(monkeypatch), []
    follow(this, replace(ground, places_now=lambda photos: asked.append(len(photos)) or photos))
    assert [each.folder for each in trained] == [run.folder]
    assert asked == [10]
    assert reached_by(run).epoch == 3  # the training removes what was kept
    assert [row.run for row in this.read().runs] == ["now 1", "now 2", "now 3"]


@pytest.mark.parametrize("damage", ["checkpoint", "photo"])
def test_where_it_can_not_go_on_it_is_made_anew(interrupted, ground, monkeypatch, damage):
    this, run = interrupted
    photos = run.photos()
    path = {"checkpoint": run.checkpoint_path, "photo": Path(photos[0].path)}[damage]
    path.write_bytes(b"damaged")
    trained, made = train_with(monkeypatch), []

    def new_run(folder, config, earlier):
        made.append((folder, config.base, earlier))
        return Run.create(folder, config, photos)

    follow(this, replace(ground, new_run=new_run))
    assert made == [(run.folder, BENCHMARK_CNN, None)]
    assert not trained[0].checkpoint_path.exists()


def test_a_run_that_somebody_trains_is_left_alone(interrupted, ground):
    this, run = interrupted
    with run.job.alive_lock(), pytest.raises(RunError, match="now 1 is being trained already"):
        follow(this, ground)
    assert run.checkpoint_path.exists()


def test_a_stopped_tutorial_does_no_further_step(tmp_path, ground):
    this = asked_for(tmp_path, THREE_MODELS)
    this.job.request_stop(keep=False)
    with pytest.raises(StopRequested):
        follow(this, ground)
    assert this.read() is None


def test_a_request_that_is_damaged_is_said_in_words(tmp_path, ground):
    this = asked_for(tmp_path, THREE_MODELS)
    this.request_path.write_text("{")
    with pytest.raises(InputError, match=r"What this tutorial shall do .* can't be read"):
        follow(this, ground)


def test_a_row_times_the_epochs_of_what_learned_last(tmp_path):
    phases = (("head", 0.1), ("fine-tune", 4.0), ("fine-tune", 2.0))
    epochs = [Epoch(n, phase, 0.5, 0.8, 0.6, 0.7, seconds) for n, (phase, seconds) in enumerate(phases, 1)]
    row = row_of("fine-tuned", finished(tmp_path / "run", epochs=epochs))
    assert (row.seconds_per_epoch, row.epochs) == (3.0, 2)
    assert (row.accuracy, row.kappa, row.n) == (0.8, pytest.approx(0.6), 10)
    tries = [Epoch(1, "svm", 0.5, 0.8, 0.6, 0.7, 0.1)]
    assert row_of("svm", finished(tmp_path / "svm", epochs=tries)).seconds_per_epoch is None


def test_each_pair_is_tested_and_p_counts_as_often_as_there_are_pairs(tmp_path, ground):
    this = asked_for(tmp_path, MATRIX)
    this.write(TutorialResult("matrix", decision=DECISION))  # measured before
    for n, right in ((2, 10), (3, 1), (4, 10)):
        finished(ground.runs_folder / f"now {n}", right)
    result = follow(this, ground)
    first, second, third = result.pairs
    assert (first.first, first.second, first.n, first.only_first, first.only_second) == (
        "fully connected",
        "average pooling",
        10,
        9,
        0,
    )
    assert first.p == pytest.approx(3 * 2 / 2**9, abs=1e-6)  # McNemar's exact p of 9 against 0, for three pairs
    assert "fully connected is better on photos like these" in first.words
    assert (second.p, third.p) == (1.0, first.p)
    said = pairs_in_words(result)
    assert said[0] == "Two at a time, on the 10 photos that both were judged on:"
    assert said[1].startswith("fully connected is right on 9 where average pooling is wrong, ")
    assert said[-1] == "Each p is multiplied by 3, since 3 pairs were tested (Bonferroni)."
    assert [row["time an epoch"] for row in table_rows(result)] == ["0.25 s"] * 3


def test_pairs_of_one_run_are_none(tmp_path):
    assert pairs_of({"a": finished(tmp_path / "a")}) == []


def matrix_step(tmp_path, name, **changes):
    plan = plan_of(MATRIX, {"KERAS_HOME": str(tmp_path)})
    plan = [replace(each, config=replace(each.config, **changes)) if each.config else each for each in plan]
    return request_of(MATRIX, plan, "now").step(name)


@pytest.mark.parametrize(
    ("quadrant", "strategy"),
    [(1, "from-scratch"), (2, "fine-tune"), (3, "fine-tune"), (4, "feature-extraction")],
)
def test_the_quadrant_decides_the_strategy_of_all_heads(quadrant, strategy, tmp_path):
    decision, counts = replace(DECISION, quadrant=quadrant), {"apple": 20, "pear": 20}
    for name, head in (("fully connected", "fc"), ("average pooling", "gap")):
        config, note = as_decided(matrix_step(tmp_path, name), decision, counts)
        assert (config.strategy, config.head, note) == (strategy, head, "")
    svm, note = as_decided(matrix_step(tmp_path, "linear SVM"), decision, counts)
    stays_frozen = quadrant == 1
    assert svm.strategy == ("feature-extraction" if stays_frozen else strategy)
    assert ("here the base model stays frozen" in note) == stays_frozen


def test_what_was_changed_before_the_start_stays_changed(tmp_path):
    step = matrix_step(tmp_path, "average pooling", batch_size=8, epochs=3)
    config, _ = as_decided(step, replace(DECISION, quadrant=1), {"apple": 20, "pear": 90})
    assert (config.strategy, config.batch_size, config.epochs, config.class_weights) == ("from-scratch", 8, 3, True)
    assert config.learning_rate == 1e-3  # the strategy's own


def test_the_map_says_how_many_nearest_photos_are_of_the_same_class():
    places = pd.DataFrame({"x": [0.0, 1.0, 10.0, 11.0, 20.0], "y": 0.0, "label": ["a", "a", "b", "b", "a"]})
    facts = map_facts("inceptionv3", places)
    assert facts == MapFacts("inceptionv3", 5, 0.8)
    assert map_in_words(TutorialResult("bottleneck", map=facts)) == (
        "On the map of 5 photos, as InceptionV3 sees them, the nearest neighbour of 80 % is of the same class."
    )


def test_the_maps_picture_has_a_dot_a_photo_in_the_colour_of_its_class():
    places = pd.DataFrame({"x": [0.0, 4.0], "y": [0.0, 1.0], "label": ["<a>", "b"]})
    picture = picture_of(places)
    assert 'cx="20.0" cy="20.0" r="3.5" fill="#0072B2"' in picture
    assert 'cx="700.0" cy="190.0" r="3.5" fill="#E69F00"' in picture
    assert "&lt;a&gt;" in picture
    assert "<a>" not in picture


def test_a_map_that_can_not_be_read_counts_as_none(tmp_path):
    this = TutorialFolder(tmp_path)
    assert this.read_map() is None
    this.map_path.write_bytes(b"no map")
    assert this.read_map() is None
    pd.DataFrame({"z": [1]}).to_parquet(this.map_path)
    assert this.read_map() is None
    for odd in ({"x": ["1; rm"], "y": 0.0, "label": "a"}, {"x": [math.nan], "y": 0.0, "label": "a"}):
        pd.DataFrame(odd).to_parquet(this.map_path)
        assert this.read_map() is None
    pd.DataFrame({"x": [1.0], "y": 0.0, "label": [3]}).to_parquet(this.map_path)
    assert this.read_map() is None
