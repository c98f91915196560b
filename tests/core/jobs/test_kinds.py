"""What the registry says of a kind of job holds for every job of it, also for one that a test adds."""

import inspect
import os
import shutil
import sys
import zipfile
from contextlib import nullcontext
from pathlib import Path

import pytest

from core.base.errors import InputError
from core.base.events import FINISHED, PHASE, PROGRESS, QUEUED
from core.base.files import read_json, write_json
from core.jobs import kinds
from core.jobs.active import active_jobs
from core.jobs.job import REPOSITORY, Job, State
from core.jobs.kinds import KINDS, JobKind
from core.jobs.queue import Jobs
from core.models.config import TrainConfig
from core.packing.pack import pack
from core.packing.unpack import unpack
from core.projects import edits
from core.projects.workspace import Workspace
from core.runs import trash as run_trash
from core.runs.run import Run
from tests.core.shapes import CLASSES, write_shapes
from tests.importing import bring_folder
from tests.waiting import await_that

NAME = "a run"  # of the run, and of every folder whose name the registry leaves open
RESULT = "what came of it.txt"
DUMMY_MODULE = """
from core.base.events import FINISHED
from core.jobs.folder import JobFolder

class DummyFolder(JobFolder):
    RESULT = "dummy.json"

def echo(home, this):
    this.write({"asked": this.kept_request(), "home": str(home)})
    this.job.event_log().write(FINISHED)
"""
DUMMY = JobKind(
    name="dummy",
    folder="a_dummy_capability.DummyFolder",
    handler="a_dummy_capability.echo",
    places="dummies/*",
    waits=True,
    travels=True,
    blocks_edits="A dummy is looking at these photos",
    blocks_run="is used by a dummy",
    loads=("start", "Getting ready"),
)


@pytest.fixture
def dummy(tmp_path, monkeypatch):
    """The registry with one kind more, here and in every worker that starts."""
    capability = tmp_path / "capability"
    capability.mkdir()
    (capability / "a_dummy_capability.py").write_text(DUMMY_MODULE)
    (capability / "sitecustomize.py").write_text(
        f"from core.jobs import kinds\nfrom core.jobs.kinds import JobKind\nkinds.KINDS['dummy'] = {DUMMY!r}\n"
    )
    monkeypatch.syspath_prepend(capability)
    monkeypatch.setenv("PYTHONPATH", f"{capability}{os.pathsep}{REPOSITORY}")
    monkeypatch.setitem(KINDS, DUMMY.name, DUMMY)
    yield DUMMY
    sys.modules.pop("a_dummy_capability", None)


@pytest.fixture(params=[*KINDS, "dummy"])
def kind(request):
    return request.getfixturevalue("dummy") if request.param == "dummy" else KINDS[request.param]


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "home")


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A home whose project has photos and one finished run; each test works on a copy."""
    home = tmp_path_factory.mktemp("filled") / "home"
    made = Workspace(home).create("Fruit")
    bring_folder(made, write_shapes(tmp_path_factory.mktemp("in"), per_class=2, classes=CLASSES[:2]))
    shutil.rmtree(made.imports_folder)
    Run.create(made.runs_folder / NAME, TrainConfig(), []).job.event_log().write(FINISHED)
    return home


@pytest.fixture
def project(workspace, filled):
    shutil.copytree(filled, workspace.home)
    return workspace.projects()[0]


@pytest.fixture
def folder(kind, workspace, project):
    """The folder of a job of the kind, which works with the project's run where the kind works with runs."""
    place = kind.places.replace("{project}", project.id).replace("*", NAME)
    made = (project.folder if kind.in_project else workspace.home) / place
    made.mkdir(parents=True, exist_ok=True)
    write_json(made / "request.json", {"run": NAME})
    return made


def at_work(folder):
    """As while a worker works: it holds the lock, and has said what it does."""
    job = Job(folder)
    job.event_log().write(PHASE, name="work", words="Working")
    return job.alive_lock().acquire(timeout=1)


def raises_unless(allowed, words):
    return nullcontext() if allowed else pytest.raises(InputError, match=words)


@pytest.fixture
def no_worker(monkeypatch):
    """Jobs are submitted, and nobody begins with them."""
    launched = []

    def launch(self, command, name):
        write_json(self.folder / "job.json", {"work": name, "submitted": 0.0})
        launched.append(command)

    monkeypatch.setattr(Job, "launch", launch)
    return launched


def test_the_registry_names_a_folder_and_a_handler_that_fit_together(kind):
    this = kind.folder_class()(Path("nowhere") / "job")
    assert this.folder == Path("nowhere") / "job"
    assert isinstance(this.job, Job)
    home, second = inspect.signature(kind.handler_function()).parameters.values()
    assert home.name == "home"
    assert second.annotation in (kind.folder_class(), inspect.Parameter.empty)
    assert KINDS[kind.name] is kind


def test_names_that_old_job_files_hold_are_still_known():
    old = "train import advise download search plate-test export labels map foreign pack open predict sort tutorial"
    assert set(old.split()) <= set(KINDS)


def test_a_submitted_job_waits_for_its_turn_if_its_kind_does(kind, folder, workspace, no_worker):
    jobs = Jobs(workspace.home)
    job = jobs.submit(kind, folder)
    assert (job.kind(), job.events()[-1]["event"], job.state()) == (kind.name, QUEUED, State.STARTING)
    tickets = list((workspace.home / "queue").glob("*"))
    assert len(tickets) == (1 if kind.waits else 0)
    assert no_worker == [[sys.executable, "-m", "core.jobs.worker", str(workspace.home), str(folder)]]
    other = workspace.home / "other"
    other.mkdir()
    jobs.submit(kinds.TRAIN, other)
    assert jobs.waiting_ahead(other) == (1 if kind.waits else 0)


def test_a_job_runs_while_its_worker_lives_and_can_begin_again_when_that_is_killed(
    kind, folder, workspace, no_worker, hold
):
    job = Jobs(workspace.home).submit(kind, folder)
    worker = hold(job, PHASE)
    assert job.state() is State.RUNNING
    worker.kill()
    worker.wait(timeout=30)
    assert job.state() is State.LOST
    this = kind.folder_class()(folder)
    assert this.job.state() is State.LOST
    assert Jobs(workspace.home).submit(kind, folder).state() is State.STARTING


def test_its_project_stays_out_of_the_trash_while_it_runs_if_the_kind_says_so(kind, folder, workspace, project):
    stays = kind.blocks_trash
    with at_work(folder), raises_unless(not stays, "Fruit is still being worked on. Wait for it or stop it first"):
        workspace.move_to_trash(project)
    assert [each.title for each in workspace.projects()] == (["Fruit"] if stays else [])
    if stays:
        workspace.move_to_trash(project)  # the worker is gone


def test_photos_may_move_meanwhile_unless_it_knows_them_by_their_place(kind, folder, project):
    first, second = CLASSES[:2]
    photo = project.photos(first)[0]
    with at_work(folder):
        with raises_unless(not kind.blocks_edits, f"{kind.blocks_edits}. Wait until that is done, or stop it first"):
            edits.set_aside(project, [photo.id])
        edits.hold_out(project, [project.photos(second)[0].id], "test")  # no file moves
    if kind.blocks_edits:
        edits.set_aside(project, [photo.id])  # the worker is gone
    assert len(project.photos(first)) == 1


def test_an_edit_looks_only_at_jobs_of_the_kinds_that_could_hold_it_up(kind, folder, project, monkeypatch):
    asked, state = set(), Job.state
    monkeypatch.setattr(Job, "state", lambda job: asked.add(job.folder) or state(job))
    edits.move(project, [project.photos()[0].id], "pear")
    assert (folder in asked) == bool(kind.blocks_edits)


def test_of_the_jobs_in_a_project_only_those_about_other_photos_let_its_photos_move():
    assert [kind.name for kind in KINDS.values() if kind.in_project and not kind.blocks_edits] == ["predict", "sort"]


def test_its_run_stays_out_of_the_trash_while_it_runs_if_the_kind_works_with_it(kind, folder, project):
    run = Run(project.runs_folder / NAME)
    with at_work(folder), raises_unless(not kind.blocks_run, f"^{run.title} {kind.blocks_run}. Wait for it or stop"):
        run_trash.move_to_trash(project, run)
    if kind.blocks_run:
        run_trash.move_to_trash(project, run)  # the worker is gone
    assert not run.folder.exists()


def test_another_run_can_be_moved_to_the_trash_meanwhile(kind, folder, project):
    other = Run.create(project.runs_folder / "another", TrainConfig(), [])
    with at_work(folder):
        run_trash.move_to_trash(project, other)


def packed_names(project, target):
    pack(project, target)
    with zipfile.ZipFile(target) as opened:
        return set(opened.namelist())


def test_a_projects_zip_holds_what_came_of_it_if_the_kind_travels_and_nothing_else_of_it(
    kind, folder, project, tmp_path
):
    before = packed_names(project, tmp_path / "before.zip")
    job = Job(folder)
    for name in (RESULT, "worker.log", "stop", "study.db", "job.json"):
        (folder / name).write_text("here")
    job.event_log().write(PROGRESS, done=1, total=1)
    job.event_log().write(FINISHED)
    came_along = {Path(name).name for name in packed_names(project, tmp_path / "after.zip") - before}
    assert came_along - {"events.jsonl"} == ({RESULT} if kind.travels else set())
    (tmp_path / "staging").mkdir()
    there = unpack(tmp_path / "after.zip", Workspace(tmp_path / "there"), tmp_path / "staging")
    found = [path for path in there.folder.rglob("*") if path.name == RESULT]
    assert len(found) == (1 if kind.travels else 0)
    if kind.travels:
        assert found[0].relative_to(there.folder) == folder.relative_to(project.folder) / RESULT
        assert kind.folder_class()(found[0].parent).job.state() is State.FINISHED
    assert len(there.photos()) == 4


def test_a_project_is_packed_while_a_job_runs_and_nothing_goes_on_where_it_opens(kind, folder, project, tmp_path):
    Job(folder).event_log().write(QUEUED)
    with at_work(folder):
        pack(project, tmp_path / "fruit.zip")
    (tmp_path / "staging").mkdir()
    there = unpack(tmp_path / "fruit.zip", Workspace(tmp_path / "there"), tmp_path / "staging")
    assert list(active_jobs(there.folder)) == []
    assert len(there.photos()) == 4


def test_a_kind_that_a_test_adds_is_done_by_a_real_worker(dummy, project, workspace):
    this = dummy.folder_class().below(project.folder / "dummies")
    this.keep_request({"say": "hello"})
    job = Jobs(workspace.home).submit(dummy, this.folder)
    await_that(lambda: job.state() is State.FINISHED, 60)
    assert this.read() == {"asked": {"say": "hello"}, "home": str(workspace.home.resolve())}
    assert [event["event"] for event in job.events()] == [QUEUED, PHASE, FINISHED]
    assert (job.events()[1]["name"], job.events()[1]["words"]) == dummy.loads
    assert read_json(this.folder / "job.json")["work"] == "dummy"
    await_that(lambda: list((workspace.home / "queue").iterdir()) == [], 10)
