from pathlib import Path

import pytest

from core.base.events import PHASE, QUEUED
from core.jobs.job import State
from core.packing.folder import openings, packing_of
from core.packing.pack import pack
from core.packing.unpack import unpack
from core.projects.workspace import Workspace
from tests.pages.screen import press
from tests.waiting import await_that


def ended(transfer):
    return transfer.job.events() and not transfer.job.state().is_active


@pytest.mark.slow
def test_a_project_is_taken_along_and_opened_again(workspace, project, open_page, words):
    app = open_page("projects")
    app.button(key=f"pack_{project.id}").click().run()
    transfer = packing_of(workspace, project)
    await_that(lambda: ended(transfer), seconds=60)
    app = open_page("projects")
    archive = Path(next(each.value for each in app.code))
    assert archive == transfer.archive
    assert archive.name == "Shapes.zip"
    assert archive.stat().st_size > 10_000
    assert [each.label for each in app.get("download_button")] == ["Download it"]
    whole = archive.read_bytes()
    archive.write_bytes(whole[:500] + bytes([whole[500] ^ 1]) + whole[501:])
    app = open_page("projects")
    assert not app.get("download_button")
    assert "was damaged on the disk since it was made" in app.warning[0].value
    archive.write_bytes(whole)
    app = open_page("projects")

    app.text_input[-1].input(str(archive))
    press(app, "Open this zip")
    await_that(lambda: ended(openings(workspace)[0]), seconds=60)
    app = open_page("projects")
    assert "**Shapes 2** is open" in app.success[0].value
    assert {each.title: each.class_counts() for each in workspace.projects()} == {
        "Shapes": {"cross": 10, "disc": 10},
        "Shapes 2": {"cross": 10, "disc": 10},
    }
    app.button(key="open_zip_seen").click().run()
    assert openings(workspace) == []
    app.button(key=f"pack_{project.id}_remove").click().run()
    assert not archive.exists()
    assert not app.code


def test_a_zip_of_something_else_is_refused_in_words(workspace, open_page, tmp_path):
    app = open_page("projects")
    app.text_input[-1].input(str(tmp_path / "nowhere.zip"))
    press(app, "Open this zip")
    assert app.error[0].value.startswith("There is no zip called")
    (tmp_path / "letter.zip").write_text("hello")
    app.text_input[-1].input(str(tmp_path / "letter.zip"))
    press(app, "Open this zip")
    await_that(lambda: ended(openings(workspace)[0]), seconds=60)
    app = open_page("projects")
    assert app.error[0].value.startswith("letter.zip is not a project that was taken along with Espalier")
    assert workspace.projects() == []


def test_a_project_that_is_being_packed_is_not_moved_to_the_trash(workspace, project, open_page, words):
    transfer = packing_of(workspace, project)
    transfer.write_request(project.id, project.title)
    with transfer.job.alive_lock():
        for event in (QUEUED, PHASE):
            transfer.job.event_log().write(event, name="pack", words="Packing")
        assert transfer.job.state() is State.RUNNING
        app = open_page("projects")
        assert app.button(key=f"pack_{project.id}_stop").label == "Stop"
        app.button(key=f"trash_{project.id}").click().run()
        assert "Shapes is still being worked on" in app.error[0].value
        app.button(key=f"pack_{project.id}_stop").click().run()
        assert transfer.job.stop_requested() == "discard"


@pytest.mark.slow
def test_results_are_the_same_on_another_computer(trained, tmp_path, monkeypatch, open_page, words):
    before = words(open_page("results"))
    pack(trained, tmp_path / "shapes.zip")
    monkeypatch.setenv("ESPALIER_HOME", str(tmp_path / "elsewhere"))
    unpack(tmp_path / "shapes.zip", Workspace(tmp_path / "elsewhere"), tmp_path)
    assert words(open_page("results")) == before
    assert not open_page("runs").exception
