"""Models that are built anew where a project is opened answer as they did, and what can't be built is said."""

import shutil
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest

from core.base.errors import RunError, StopRequested
from core.base.events import FINISHED, NOTE, PHASE, PROGRESS
from core.base.files import write_json
from core.engine.engine import PROBABILITIES, Engine
from core.evaluation.final_model import FinalModel
from core.jobs import kinds
from core.models.building import build_base, starting_base
from core.models.config import BENCHMARK_CNN, FINE_TUNE, FROM_SCRATCH, RANDOM, TrainConfig, usual_config
from core.models.head_building import asked_once, build_head, input_width
from core.packing import rebuilding
from core.packing.folder import new_opening
from core.packing.job import open_packed
from core.packing.pack import pack
from core.packing.unpack import unpack
from core.projects.workspace import Workspace
from core.runs.choosing.in_use import model_in_use, pin
from core.runs.grad_cam import HeatMapper
from core.runs.predictor import Predictor
from core.runs.run import Run, list_runs
from core.runs.trash import move_to_trash, trashed_runs
from core.teachable_machine.folder import external_models, new_external_model
from core.teachable_machine.reading import read_teachable_machine
from core.training.continuing import create_continued
from core.training.saving import keep_tested, seal_model, take_weights, write_model
from tests.core.reports import a_report
from tests.core.teachable_machine.teachable_export import randomised, tiny_base, whole, write_export, write_h5

CLASSES = ["apple", "pear", "plum"]
TINY = TrainConfig(base=BENCHMARK_CNN, strategy=FROM_SCRATCH, initial=RANDOM, image_size=32)


def made_run(folder: Path, config: TrainConfig, base: keras.Model) -> Run:
    """A finished run with a head of random numbers, told apart by the folder's name."""
    run = Run.create(folder, config.check(), [])
    keras.utils.set_random_seed(len(run.name))
    head = build_head(config, input_width(config, base), len(CLASSES))
    write_model(run, None, base, head)
    report = a_report(CLASSES, base=config.base, strategy=config.strategy, head=config.head)
    write_json(run.report_path, report.to_json())
    seal_model(run, CLASSES)
    return run


def answers_of(run, output=PROBABILITIES):
    engine = Engine(run.engine_path)
    return engine.run(asked(engine.image_size), output)[0]


def asked(size):
    """Six pictures of noise."""
    rng = np.random.default_rng(5)
    return [rng.integers(0, 256, (size, size, 3), np.uint8) // (1 + i) for i in range(6)]


@pytest.fixture
def here(tmp_path):
    return Workspace(tmp_path / "here").create("Fruit")


@pytest.fixture
def taken_there(tmp_path):
    """Opens a project elsewhere; gives it and what was said."""

    def take(project, on_model=lambda done, total: None):
        notes = []
        pack(project, tmp_path / "fruit.zip")
        staging = tmp_path / "staging"
        staging.mkdir(exist_ok=True)
        try:
            there = Workspace(tmp_path / "there")
            return unpack(tmp_path / "fruit.zip", there, staging, on_model=on_model, note=notes.append), notes
        finally:
            assert list(staging.iterdir()) == []

    return take


@pytest.mark.slow
def test_all_kinds_of_runs_answer_as_they_did(here, taken_there, monkeypatch):
    simple = TrainConfig(image_size=64)
    base = starting_base(simple)
    made = [
        made_run(here.runs_folder / "2026-01-01 simple", simple, base),
        made_run(here.runs_folder / "2026-01-02 simple too", simple, base),
        made_run(here.runs_folder / "2026-01-03 larger", replace(simple, head="fc", units=32), base),
        made_run(here.runs_folder / "2026-01-04 support vectors", replace(simple, head="linear-svm"), base),
        made_run(here.runs_folder / "2026-01-04 logistic", replace(simple, head="logistic"), base),
        made_run(here.runs_folder / "2026-01-05 a whole map", replace(simple, head="flatten-fc", units=8), base),
        made_run(here.runs_folder / "2026-01-06 whole network", TINY, starting_base(TINY)),
        made_run(here.runs_folder / "2026-01-08 asked twice", replace(TINY, ask_mirror=True), starting_base(TINY)),
    ]
    tuned = starting_base(simple)
    tuned.set_weights([values * 1.01 for values in tuned.get_weights()])
    config = replace(usual_config(FINE_TUNE), image_size=64)
    made.append(made_run(here.runs_folder / "2026-01-07 fine-tuned", config, tuned))
    before = {run.name: answers_of(run) for run in made}
    heat = HeatMapper(made[5]).maps(np.full((64, 64, 3), 99, np.uint8), CLASSES)
    assert len({values.tobytes() for values in before.values()}) == len(made)
    move_to_trash(here, made[1])
    converted, convert_base = [], rebuilding.write_model.__globals__["convert_base"]
    monkeypatch.setitem(
        rebuilding.write_model.__globals__,
        "convert_base",
        lambda base, target, whole_map: (converted.append(target), convert_base(base, target, whole_map)),
    )
    counted = []
    there, notes = taken_there(here, lambda done, total: counted.append((done, total)))
    assert notes == []
    assert counted == [(0, 0), *((done, 9) for done in range(10))]
    assert len(converted) == 5  # once for the averages, once for the whole map; and what learned
    opened = [*list_runs(there.runs_folder), *trashed_runs(there)]
    assert {run.name: np.abs(answers_of(run) - before[run.name]).max() < 1e-5 for run in opened} == dict.fromkeys(
        before, True
    )
    again = Run(there.runs_folder / made[5].name)
    for label, values in HeatMapper(again).maps(np.full((64, 64, 3), 99, np.uint8), CLASSES).items():
        np.testing.assert_allclose(values, heat[label], atol=1e-4)
    again.engine_path.with_suffix(".bin").write_bytes(b"changed")
    with pytest.raises(RunError, match="is damaged on disk"):
        Engine(again.engine_path)


@pytest.mark.slow
def test_base_models_side_by_side_come_along_and_can_be_gone_on_with(here, taken_there, tmp_path):
    config = TrainConfig(base="efficientnet-lite0+efficientnet-lite1", image_size=64)
    keras.utils.set_random_seed(3)
    base = build_base(config.base, weights=None, image_size=64)
    run = made_run(here.runs_folder / "2026-01-01 side by side", config, base)
    photo = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    before, heat = answers_of(run), HeatMapper(run).maps(photo, CLASSES)
    there, notes = taken_there(here)
    assert notes == []
    (opened,) = list_runs(there.runs_folder)
    assert np.abs(answers_of(opened) - before).max() < 1e-5
    for label, values in HeatMapper(opened).maps(photo, CLASSES).items():
        assert values.shape == (2, 2)
        np.testing.assert_allclose(values, heat[label], atol=1e-4)
    again = Run.create(tmp_path / "again", replace(config, start_from=opened.name), [])
    shutil.copyfile(opened.keras_path, again.start_path)
    other = build_base(config.base, weights=None, image_size=64)
    head = take_weights(again, other)
    assert all(map(np.array_equal, other.get_weights(), base.get_weights()))
    assert head[0].shape == (2560, len(CLASSES))


@pytest.mark.slow
def test_the_tested_model_comes_along_beside_the_final_one_or_is_told_to_be_lost(here, taken_there):
    made = [made_run(here.runs_folder / name, TINY, starting_base(TINY)) for name in ("a whole", "b damaged")]
    before = [answers_of(run) for run in made]
    for run in made:
        keep_tested(run, CLASSES)
        keras.utils.set_random_seed(99)
        base = starting_base(TINY)
        write_model(run, None, base, build_head(TINY, input_width(TINY, base), len(CLASSES)))
        seal_model(run, CLASSES)
        final = FinalModel(["train", "validation"], 90, 12, 1.0, 0, 1.0)
        write_json(run.report_path, replace(run.report(), final=final).to_json())
    made[1].tested_keras_path.write_bytes(b"none")
    after = [answers_of(run) for run in made]
    there, notes = taken_there(here)
    assert [note.partition(":")[0] for note in notes] == ["b damaged has lost the model that was tested"]
    opened = [Run(there.runs_folder / run.name) for run in made]
    for run, expected in zip(opened, after, strict=True):
        assert np.abs(answers_of(run) - expected).max() < 1e-5
    rows = Engine(opened[0].tested_paths()[1]).run(asked(32), PROBABILITIES)[0]
    assert np.abs(rows - before[0]).max() < 1e-5 < np.abs(rows - after[0]).max()
    with pytest.raises(RunError, match="has no model here"):
        HeatMapper(opened[1], tested=True)


@pytest.mark.slow
def test_a_trained_run_answers_its_photos_as_it_did_and_can_be_gone_on_with(here, trained, taken_there, tmp_path):
    run = Run(shutil.copytree(trained.run.folder, here.runs_folder / "2026-01-01 trained"))
    photos = [Path(photo.path) for photo in trained.photos[::4]]
    before = Predictor(run).predict(photos)
    there, notes = taken_there(here)
    (opened,) = list_runs(there.runs_folder)
    assert notes == []
    for was, now in zip(before, Predictor(opened).predict(photos), strict=True):
        assert now.label == was.label
        assert max(abs(now.probabilities[name] - p) for name, p in was.probabilities.items()) < 1e-5
        assert now.in_distribution_score == pytest.approx(was.in_distribution_score, abs=1e-5)
    on = create_continued(tmp_path / "on", opened, photos=trained.photos)
    base = starting_base(on.config())
    taken, saved = take_weights(on, base), keras.saving.load_model(run.keras_path, compile=False)
    for ours, theirs in zip(taken, saved.get_layer("head").get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("ask_mirror", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_run_that_was_gone_on_with_when_it_was_packed_keeps_its_beginning(ask_mirror, here, taken_there):
    config = replace(TINY, ask_mirror=ask_mirror)  # its follower is not asked twice any more
    first = made_run(here.runs_folder / "2026-01-01 first", config, starting_base(TINY))
    on = Run.create(here.runs_folder / "2026-01-02 on", replace(TINY, start_from=first.name), [])
    for each in (on, first):  # a finished run doesn't need its own any more
        each.start_path.write_bytes(first.keras_path.read_bytes())
    write_json(on.labels_path, CLASSES)
    there, notes = taken_there(here)
    assert notes == []
    opened = Run(there.runs_folder / on.name)
    taken = take_weights(opened, starting_base(TINY))
    saved = asked_once(keras.saving.load_model(first.keras_path, compile=False))
    np.testing.assert_array_equal(taken[0], saved.get_layer("head").get_weights()[0])
    assert not Run(there.runs_folder / first.name).start_path.exists()
    on.start_path.write_bytes(b"none")
    assert "can't go on from the model that it began with: its start.keras is damaged" in taken_there(here)[1][0]


def test_stopped_between_two_models_nothing_is_left(here, taken_there, tmp_path):
    for i in range(2):
        made_run(here.runs_folder / f"2026-01-0{i + 1} run", TINY, starting_base(TINY))

    def stop(done, total):
        if done == 1:
            raise StopRequested(keep=False)

    with pytest.raises(StopRequested):
        taken_there(here, stop)
    assert Workspace(tmp_path / "there").projects() == []


def test_the_job_says_how_far_it_is_and_what_did_not_come_along(here, tmp_path):
    good, bad = (made_run(here.runs_folder / f"2026-01-0{i} run", TINY, starting_base(TINY)) for i in (1, 2))
    bad.keras_path.write_bytes(b"none")
    pin(here, bad)
    pack(here, tmp_path / "fruit.zip")
    there = Workspace(tmp_path / "there")
    transfer = new_opening(there)
    transfer.write_request(str(tmp_path / "fruit.zip"), "fruit.zip")
    open_packed(there.home, transfer)
    events = transfer.job.events()
    told = [event for event in events if event["event"] in (PHASE, NOTE, FINISHED)]
    assert [event["event"] for event in told] == [PHASE, PHASE, PHASE, NOTE, FINISHED]
    assert told[2]["words"] == "Building the models anew"
    assert told[3]["words"] == (
        "2026-01-02 run has no model here: its model.keras is damaged. What is known of it came along; train it again "
        "to ask it about photos."
    )
    after = events[events.index(told[2]) :]
    counts = [(event["done"], event["total"]) for event in after if event["event"] == PROGRESS]
    assert (counts[0], counts[-1]) == ((0, 2), (2, 2))
    assert kinds.OPEN.name == events[0]["name"]
    (project,) = there.projects()
    used = model_in_use(project)
    assert (used.run.name, used.is_pinned) == (good.name, False)
    assert used.lost_pin.endswith("has no model here. The best of the others is used.")
    without = Run(project.runs_folder / bad.name)
    assert without.class_names() == CLASSES
    for asking in (Predictor, HeatMapper):
        with pytest.raises(RunError, match=r"run has no model here: its file was removed, or did not come along"):
            asking(without)


@pytest.mark.slow
def test_a_model_of_teachable_machine_is_read_from_its_export_again(here, taken_there, tmp_path):
    external = new_external_model(here, "converted_keras.zip")
    h5 = write_h5(tmp_path / "keras_model.h5", randomised(whole(tiny_base(), 3)))
    read_teachable_machine(write_export(tmp_path / "x.zip", h5, CLASSES), external)
    before = answers_of(external)
    external.engine_path.write_text("<net/>")  # whatever the zip has in its place
    there, notes = taken_there(here)
    (opened,) = external_models(there)
    assert notes == []
    np.testing.assert_allclose(answers_of(opened), before, atol=1e-5)
    assert opened.class_names() == CLASSES
    assert opened.export_path.read_bytes() == h5.read_bytes()
    external.export_path.unlink()  # as of an earlier version
    there, notes = taken_there(here)
    assert notes == [
        "The model converted_keras.zip did not come along: its keras_model.h5 is not in the zip. Its answers did; "
        "bring its export in again to ask it more."
    ]
    (opened,) = external_models(there)
    assert not opened.engine_path.exists()
