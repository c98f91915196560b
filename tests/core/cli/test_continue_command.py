"""`train --continue` of a run that was interrupted: the same run goes on, or it is said why not."""

import json
import os
import shutil
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from core.base.events import CANCELLED, FAILED
from core.cli import main as cli
from core.cli.interrupted import has_not_ended, interrupted_run
from core.engine.places import Places
from core.models.config import BENCHMARK_CNN, usual_config
from core.projects.workspace import Workspace
from core.runs.report import GOES_ON
from core.runs.run import Run, list_runs
from core.training.checkpoints import read_reached
from tests.core.conftest import run_photos
from tests.core.kept_epochs import NOWHERE, interrupt
from tests.core.shapes import CLASSES, write_shapes
from tests.importing import bring_folder
from tests.waiting import await_that

CONFIG = replace(usual_config("from-scratch", BENCHMARK_CNN), image_size=32, epochs=6, batch_size=8, augment="none")
REPOSITORY = Path(__file__).resolve().parents[3]


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("ESPALIER_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def lost(home):
    """A run of the command line, three of whose epochs are kept."""
    return interrupt(Run.create(home / "runs" / "first run", CONFIG, NOWHERE), told=4, kept=3)


@pytest.fixture
def said(capsys):
    """What a command that is refused says."""

    def run(*words):
        assert cli.main(["train", *map(str, words)]) == 2
        return capsys.readouterr().err

    return run


def test_a_run_that_somebody_works_on_is_left_alone(lost, said):
    with lost.job.alive_lock():
        assert "first run is still going on. Wait for it or stop it first." in said("--continue", lost.folder)


def test_one_that_was_stopped_for_good_is_not_gone_on_with(lost, said):
    lost.job.event_log().write(CANCELLED, message="Nothing of this run is kept.")
    assert "first run was stopped, and nothing of it is kept. Train anew." in said("--continue", lost.folder)


def test_it_goes_on_with_its_own_settings_in_its_own_folder(lost, said, tmp_path):
    refused = said("--continue", lost.folder, "--epochs", 3, "--out", tmp_path / "new", "--seed", 4)
    assert "first run has not ended, so it goes on as it began, in its own folder. " in refused
    assert "--out, --epochs, --seed: for new runs only." in refused


def test_photos_that_are_gone_are_said_and_nothing_is_lost(lost, said):
    refused = said("--continue", lost.folder)
    assert "Goes on from epoch 4 of 12." in refused
    assert "of its 1 photo 1 gone. They were in /gone. Bring them back" in refused
    assert lost.job.events()[-1]["event"] == FAILED
    assert has_not_ended(lost.folder)
    assert "Goes on from epoch 4 of 12." in said("--continue", lost.folder)  # and again


def test_photos_elsewhere_have_to_be_all_of_them(home, tmp_path, fill, said):
    photos = run_photos(fill(tmp_path / "photos", {"apple": 2, "pear": 2}))
    run = interrupt(Run.create(home / "runs" / "one", CONFIG, photos), told=2)
    moved = shutil.move(tmp_path / "photos", tmp_path / "moved")
    (moved / "pear" / "1.jpg").unlink()
    refused = said("--continue", run.folder, "--photos", moved)
    assert "can't go on as it began without all of its photos. Train anew on those there." in refused
    assert run.photos() == photos


def training(home, *words):
    environment = {**os.environ, "ESPALIER_HOME": str(home)}
    return subprocess.Popen(
        [sys.executable, "-m", "core", "train", *map(str, words)],
        cwd=REPOSITORY,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.slow  # three trainings, each with Keras
def test_a_command_that_was_killed_goes_on_in_the_same_run_from_an_archives_photos(tmp_path, home):
    write_shapes(tmp_path / "photos", per_class=14, classes=CLASSES[:2])
    archive = shutil.make_archive(tmp_path / "photos", "zip", tmp_path / "photos")
    settings = ["--strategy", "from-scratch", "--base", BENCHMARK_CNN, "--image-size", 32, "--epochs", 200, "--json"]
    worker = training(home, archive, *settings)
    run = await_that(lambda: next(iter(list_runs(home / "runs")), None), 200, "the run")
    await_that(lambda: run.checkpoint_path.exists() and read_reached(run.checkpoint_path).epoch > 1, 300, "two epochs")
    worker.send_signal(signal.SIGKILL)
    worker.communicate(timeout=30)
    shutil.rmtree(tmp_path / "photos")
    Path(archive).unlink()

    done = training(home, "--continue", run.folder, "--json")
    out, err = done.communicate(timeout=600)
    assert done.returncode == 0, err
    assert "Goes on from epoch " in err
    printed = json.loads(out)
    assert printed["run"] == str(run.folder)
    assert [epoch["epoch"] for epoch in printed["epochs"]] == list(range(1, len(printed["epochs"]) + 1))
    assert next(event["epoch"] for event in run.job.events() if event["event"] == GOES_ON) >= 2
    assert len(list_runs(home / "runs")) == 1
    assert not run.checkpoint_path.exists()


def test_a_run_of_a_project_finds_its_photos_where_they_are_now_and_uses_the_projects_cache(home, tmp_path, fill):
    project, workspace = Workspace(home).create("Fruit"), Workspace(home)
    bring_folder(project, fill(tmp_path / "in", {"apple": 3, "pear": 3}))
    listed = run_photos(project.folder / "photos")
    run = interrupt(Run.create(project.runs_folder / "one", CONFIG, listed), told=2)
    run.write_photos([replace(photo, path=f"/elsewhere/{n}.jpg") for n, photo in enumerate(listed)])
    run.job.request_stop(keep=False)
    arguments = cli.build_parser().parse_args(["train", "--continue", str(run.folder)])
    found = interrupted_run(arguments, workspace, Places(tmp_path / "cache", tmp_path / "engine"), tmp_path)
    assert [photo.path for photo in found.run.photos()] == [photo.path for photo in listed]
    assert found.places.cache == project.cache_folder
    assert run.job.stop_requested() == ""
