"""A workspace that an older version made (commit b5a89de): all of it opens, answers and goes on as it did there.

It holds a project of 72 drawn photos in three classes with four runs (of three, the models were left out to keep the
file small) and one of each other job, and what `python -m core predict` answered there.
"""

import json
import shutil
import zipfile
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.cli.main import main
from core.jobs.job import Job, State
from core.jobs.kinds import TRAIN
from core.jobs.queue import Jobs
from core.models.config import TrainConfig
from core.projects.project import Project
from core.projects.workspace import Workspace
from core.runs.run import Run, list_runs
from core.training.continuing import create_continued
from tests.waiting import await_that

ROOT = Path(__file__).resolve().parents[2]
ARCHIVE = Path(__file__).with_name("workspace.zip")
FROZEN, SCRATCH, SVM, TUNED = "10.00.00 aaaa", "10.10.00 bbbb", "10.20.00 cccc", "10.30.00 dddd"
ACCURACIES = {FROZEN: 1.0, SCRATCH: 2 / 12, SVM: 1.0, TUNED: 1.0}  # 12 test photos


@pytest.fixture
def home(tmp_path, monkeypatch):
    home = tmp_path / "home"
    with zipfile.ZipFile(ARCHIVE) as archive:
        archive.extractall(home)
    monkeypatch.setenv("ESPALIER_HOME", str(home))
    return home


@pytest.fixture
def project(home) -> Project:
    (project,) = Workspace(home).projects()
    return project


def run_called(project, name) -> Run:
    return Run(project.runs_folder / f"2026-01-01 {name}")


def show(page):
    app = AppTest.from_file(str(ROOT / "streamlit_app.py"), default_timeout=60).run()
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    kinds = ("title", "header", "subheader", "markdown", "caption", "info", "success", "warning", "error")
    said = [str(element.value) for kind in kinds for element in app.get(kind)]
    galleries = [json.loads(shown.proto.json) for shown in app.get("bidi_component")]
    said += [f"{len(each['photos'])} of {each['n']} photos" for each in galleries]
    return "\n".join([*said, *(photo["said"] for each in galleries for photo in each["photos"])])


@pytest.fixture
def core(capsys):
    """What a command says on stdout."""

    def run(*arguments):
        capsys.readouterr()
        assert main([str(argument) for argument in arguments]) == 0
        return capsys.readouterr().out

    return run


def test_the_project_opens_with_its_photos_and_changes(project):
    assert project.title == "Shapes of before"
    assert project.class_counts() == {"cross": 22, "disc": 25, "triangle": 24}
    assert len(list(project.set_aside_folder.rglob("*.jpg"))) == 1


def test_every_run_is_finished_and_says_what_it_said(project):
    runs = {run.name.split(" ", 1)[1]: run for run in list_runs(project.runs_folder)}
    assert set(runs) == set(ACCURACIES)
    for name, run in runs.items():
        written = json.loads(run.report_path.read_text())
        assert run.job.state() is State.FINISHED
        assert run.config().to_json() == {**TrainConfig().to_json(), **json.loads(run.config_path.read_text())}
        assert written["test"]["accuracy"] == pytest.approx(ACCURACIES[name])
        assert run.report().to_json() == written
    assert runs[SCRATCH].title == "From nothing"
    assert runs[SCRATCH].remark == "A remark of before"


def test_every_job_of_before_is_known_by_its_kind(project):
    records = sorted(project.folder.rglob("job.json"))
    kinds = {Job(record.parent).kind() for record in records}
    assert kinds >= {"train", "import", "advise", "search", "labels", "map", "plate-test", "export", "predict"}
    assert {Job(record.parent).state() for record in records} == {State.FINISHED}


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("photos", "Worth a look: 32 blurred photos"),  # a cross and a triangle are no near-copies any more
        ("advice", "different"),
        ("train", "Best so far: epoch **6**, 100 %"),
        ("results", "2 of 12 test photos right"),  # of the one run that has its model
        ("runs", "are right on the same photos and wrong on the same"),
        ("search", "60 of 60 photos right"),
        ("labels", "No class looks wrong among 72 photos"),
        ("photo_map", "Near is alike"),
        ("feedback", "called cross, 44\N{NO-BREAK SPACE}% sure"),
        ("try_it", "It knows cross, disc, triangle"),
        ("take_away", "**12 of your photos**"),
        ("sort", "71 of 71 photos"),
        ("findings", "32 blurred photos"),
    ],
)
def test_every_page_shows_what_was_there(project, page, said):
    assert said in show(page)


def test_it_predicts_the_same(home, project, core):
    expected = json.loads((home / "bbbb.predicted.json").read_text())
    answers = json.loads(core("predict", run_called(project, SCRATCH).folder, home / "more", "--json"))
    assert [Path(answer["path"]).name for answer in answers] == [Path(answer["path"]).name for answer in expected]
    for answer, before in zip(answers, expected, strict=True):
        assert answer.keys() == before.keys()
        assert answer["label"] == before["label"]
        # the processor there may have computed in bf16, the one here in f32
        assert answer["probabilities"] == pytest.approx(before["probabilities"], abs=0.02)


@pytest.mark.slow
def test_a_run_goes_on_in_the_worker(home, project):
    first = run_called(project, SCRATCH)
    continued = create_continued(project.runs_folder / "continued", first, 1)
    Jobs(home).submit(TRAIN, continued.folder)
    await_that(lambda: not continued.job.state().is_active, 120)
    assert continued.job.state() is State.FINISHED, continued.job.log_tail()
    assert len(continued.epochs()) == len(first.epochs()) + 1
    assert continued.report().test.n == 12


def test_it_is_packed_and_opened_whole(home, project, core, tmp_path):
    core("pack", project.folder, tmp_path / "all.zip")
    core("open", tmp_path / "all.zip")
    other = next(each for each in Workspace(home).projects() if each.id != project.id)
    assert other.class_counts() == project.class_counts()
    assert {run.name for run in list_runs(other.runs_folder)} == {run.name for run in list_runs(project.runs_folder)}
    assert [run.report().to_json() for run in list_runs(other.runs_folder)] == [
        run.report().to_json() for run in list_runs(project.runs_folder)
    ]
    shutil.rmtree(home / "projects" / other.id)
