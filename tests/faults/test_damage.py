"""Damaged files: each reading gives what was written or refuses it in words, the rest is usable, and pages open."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.base.files import read_json
from core.feedback.folder import feedback_of
from core.jobs.job import REPOSITORY, State
from core.jobs.kinds import KINDS
from core.label_issues.folder import labels_of
from core.projects.workspace import Workspace
from tests.damages import DAMAGES
from tests.faults.case import ANSWER, photo, put_photos
from tests.faults.damages import CACHES, FILES, MADE_AGAIN, READINGS, TOLD, damage, read_all
from tests.faults.heavy import CONFIG, HEAVY_JOBS, NEW_RUN, OLD_RUN, new_run, old_run, shapes
from tests.faults.holdings import NO_WORDS
from tests.faults.quick_jobs import job_ready
from tests.faults.run import in_child, worked
from tests.faults.shim import NONE, Fault
from tests.importing import bring_folder

pytestmark = pytest.mark.endurance
PAGES = ("projects", "photos", "results", "runs", "teachable_machine")


@pytest.fixture(scope="module")
def full_case(made_once, trained_case):
    """A case's folder with a file of every kind, to be copied."""

    def fill(case: Path) -> None:
        shutil.copytree(trained_case, case, dirs_exist_ok=True)
        home = case / "home"
        for name in ("advise", "labels", "map", "predict", "model from elsewhere"):
            this = HEAVY_JOBS[name].ready(home)
            job_ready(this.folder, HEAVY_JOBS[name].kind)
            worked(this.folder, home, Fault(NONE))
            assert this.job.state() is State.FINISHED, this.job.events()[-1]
        project = shapes(home)
        feedback_of(project).add("said.jpg", photo(900), ANSWER, "red circle")
        labels_of(project).decide("0" * 64, "red circle", "kept", "1.jpg")
        old_run(home).describe("The old one", "from January")
        bring_folder(Workspace(home).create("Other"), put_photos(case / "other", {"apple": 3, "pear": 3}, seed=0))

    return made_once("faults full", fill)


@pytest.fixture
def home(full_case, tmp_path) -> Path:
    """Its home, for one test."""
    return shutil.copytree(full_case, tmp_path / "case") / "home"


@pytest.fixture(scope="module")
def written(full_case, tmp_path_factory):
    """What each reading of the undamaged home gives."""
    return readings(shutil.copytree(full_case, tmp_path_factory.mktemp("whole") / "case") / "home")


def readings(home: Path) -> dict[str, dict]:
    in_child(read_all, home, Fault(NONE))
    return read_json(home.parent / "read.json")


def test_every_reading_of_what_is_whole_gives_something(written):
    assert set(written) == set(READINGS)
    assert [name for name, read in written.items() if not read.get("value")] == []


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_no_reading_of_a_damaged_file_is_silently_wrong(file, how, home, written):
    damage(home, FILES[file], how)
    found = readings(home)
    bugs = {name: read["bug"] for name, read in found.items() if "bug" in read}
    wrong = [name for name, read in found.items() if is_silently_wrong(name, read, written[name])]
    assert (bugs, wrong) == ({}, [])
    assert found["photos of the other project"] == written["photos of the other project"]
    if file != "database":  # then the project's photos and the list of projects have nothing to do with it
        assert found["photos"] == written["photos"]
        assert found["list of projects"] == written["list of projects"]


def is_silently_wrong(name: str, read: dict, whole: dict) -> bool:
    if "refused" in read or read == whole:
        return False
    return not (read.get("value") is None and (name in (*MADE_AGAIN, *TOLD, "report")))


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_pages_open_whatever_is_damaged(file, how, home, monkeypatch):
    monkeypatch.setenv("ESPALIER_HOME", str(home))
    damage(home, FILES[file], how)
    app = AppTest.from_file(str(REPOSITORY / "streamlit_app.py"), default_timeout=60).run()
    for page in PAGES:
        app.switch_page(f"pages/{page}.py").run()
        assert [each.message for each in app.exception] == [], page
        said = "\n".join(str(each.value) for kind in ("error", "markdown", "warning") for each in app.get(kind))
        assert not any(words in said for words in NO_WORDS), page


@pytest.mark.parametrize("how", DAMAGES)
@pytest.mark.parametrize("file", CACHES)
def test_a_training_on_damaged_caches_or_photos_is_right_or_says_so(file, how, home):
    path = damage(home, CACHES[file], how)
    if file == "photo":  # else nobody reads it: what was kept of it is of the photo as it was
        shutil.rmtree(shapes(home).cache_folder)
    run = new_run(shapes(home), NEW_RUN, CONFIG)
    job_ready(run.folder, KINDS["train"].name)
    worked(run.folder, home, Fault(NONE))
    last = run.job.events()[-1]
    assert not any(words in str(last.get("message")) for words in NO_WORDS), run.job.log_tail()
    report = run.report()
    if file == "photo":
        changed = f"{path.parent.name}/{path.name}"
        assert report is None or path.name in str(report.set_aside) or run.notes(), f"{changed} was learned from"
        return
    assert report is not None, f"it could have been made again: {last.get('message')}"
    assert report.test.accuracy == old_run(home).report().test.accuracy
    assert run.name != OLD_RUN
