"""A tutorial in a project, by a real worker: stopped, gone on with, and its runs beside the project's others."""

import shutil
from dataclasses import replace

import pytest

from core.jobs import kinds
from core.jobs.job import State
from core.jobs.queue import Jobs
from core.projects.workspace import Workspace
from core.recipes.catalogue import BOTTLENECK, THREE_MODELS
from core.recipes.folder import new_tutorial
from core.recipes.planning import plan_of, request_of
from core.runs.report import GOES_ON
from core.runs.run import Run
from core.training.checkpoints import read_reached
from tests.core.shapes import CLASSES, write_shapes
from tests.importing import bring_folder
from tests.waiting import await_that

# Two workers, each with Keras. In CI: test_following_a_tutorial.py, and the kill of test_recipe_command.py
pytestmark = pytest.mark.endurance


@pytest.fixture
def workspace(tmp_path, built_in_engine):
    made = Workspace(tmp_path / "home")
    shutil.copytree(built_in_engine, made.engine_folder)
    return made


def test_a_stopped_tutorial_goes_on_and_its_run_is_one_of_the_projects(workspace, tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    project = workspace.create("Shapes")
    bring_folder(project, write_shapes(tmp_path / "in", per_class=10, classes=CLASSES[:2]))
    plan = plan_of(BOTTLENECK, {"KERAS_HOME": str(tmp_path)})
    plan = [replace(each, config=replace(each.config, epochs=2)) for each in plan]
    this = new_tutorial(project)
    this.ask(request_of(BOTTLENECK, plan, "now"))
    jobs, run = Jobs(workspace.home), Run(project.runs_folder / "now 2")

    jobs.submit(kinds.TUTORIAL, this.folder)
    await_that(lambda: run.job.events() or not this.job.state().is_active, 300, "the run to begin")
    this.job.request_stop(keep=False)
    await_that(lambda: not this.job.state().is_active, 300, "the stop")
    assert (this.job.state(), run.job.state()) == (State.CANCELLED, State.CANCELLED)
    assert this.read().map.n == 20
    drawn = this.map_path.stat().st_mtime_ns

    jobs.submit(kinds.TUTORIAL, this.folder)
    await_that(lambda: not this.job.state().is_active, 400, "the end")
    assert this.job.state() is State.FINISHED, this.job.log_tail()
    assert this.map_path.stat().st_mtime_ns == drawn
    assert set(this.read_map()["label"]) == set(CLASSES[:2])
    assert run.title == "bottleneck net (EfficientNet-Lite0 for InceptionV3)"
    assert run.job.kind() == "train"
    assert run.finished_report().head == "fc"
    assert [row.run for row in this.read().runs] == ["now 2"]


def went_on_beyond(run, epoch):
    """Whether an epoch was told after the run was gone on with; one more may have been told before the kill."""
    went_on = any(event["event"] == GOES_ON for event in run.job.events())
    return went_on and any(each.number > epoch for each in run.epochs())


def test_a_tutorial_whose_worker_is_killed_goes_on_with_the_epochs_of_its_run(workspace, tmp_path, monkeypatch):
    """In the midst of the benchmark, which is trained from scratch."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    project = workspace.create("Shapes")
    bring_folder(project, write_shapes(tmp_path / "in", per_class=10, classes=CLASSES[:2]))
    plan = plan_of(THREE_MODELS, {"KERAS_HOME": str(tmp_path)})
    plan = [replace(each, config=each.config and replace(each.config, epochs=300, image_size=32)) for each in plan[:1]]
    this = new_tutorial(project)
    this.ask(request_of(THREE_MODELS, plan, "now", ["benchmark"]))
    jobs, run = Jobs(workspace.home), Run(project.runs_folder / "now 1")

    jobs.submit(kinds.TUTORIAL, this.folder)
    await_that(lambda: run.checkpoint_path.exists() and read_reached(run.checkpoint_path).epoch > 1, 300, "two epochs")
    this.job.kill()
    await_that(lambda: not this.job.is_alive(), 60, "its death")
    assert (this.job.state(), run.job.state()) == (State.LOST, State.LOST)
    reached = read_reached(run.checkpoint_path).epoch

    jobs.submit(kinds.TUTORIAL, this.folder)
    await_that(lambda: went_on_beyond(run, reached) or not this.job.state().is_active, 300, "one epoch more")
    run.job.request_stop(keep=True)  # all 300 take minutes, and a quarter of an hour beside other work
    await_that(lambda: not this.job.state().is_active, 300, "the end")
    assert this.job.state() is State.FINISHED, this.job.log_tail()
    assert [event["epoch"] for event in run.job.events() if event["event"] == GOES_ON] == [reached]
    epochs = run.finished_report().epochs
    assert [epoch.number for epoch in epochs] == list(range(1, len(epochs) + 1))
