import shutil

import pytest

from core.base.events import PHASE
from core.jobs.job import State
from core.projects.imports import DEMO, imports
from tests.pages.screen import button
from tests.waiting import await_that


def test_without_projects_the_page_offers_a_new_one_and_the_demo(workspace, open_page, words):
    app = open_page("projects")
    assert app.title[0].value == "Espalier"
    assert {"Create project", "Open the demo"} <= {each.label for each in app.button}
    assert "drawn by this program, not photographed" in words(app)


def test_a_new_project_opens_at_its_photos(workspace, open_page):
    app = open_page("projects")
    app.text_input[0].input("Orchard")
    button(app, "Create project").click().run()
    assert [project.title for project in workspace.projects()] == ["Orchard"]
    assert app.title[0].value == "Photos"


def test_a_name_in_use_is_refused_in_words(project, open_page):
    app = open_page("projects")
    app.text_input[0].input("shapes")
    button(app, "Create project").click().run()
    assert app.error[0].value == "There is already a project called shapes. Choose another name."


def test_a_project_shows_its_photos_and_can_be_renamed(workspace, project, open_page, words):
    app = open_page("projects")
    assert "20 photos in 2 classes" in words(app)
    app.text_input(key=f"title_{project.id}").input("Forms")
    app.button(key=f"rename_{project.id}").click().run()
    assert [each.title for each in workspace.projects()] == ["Forms"]


def test_a_projects_folder_that_was_copied_by_hand_is_told_from_the_first(workspace, project, open_page):
    shutil.copytree(project.folder, project.folder.with_name("Shapes - Copy"))
    app = open_page("projects")
    (picker,) = app.sidebar.selectbox
    assert sorted(picker.options) == ["Shapes", "Shapes 2"]
    chosen = app.session_state["project"]
    (other,) = {each.id for each in workspace.projects()} - {chosen}
    picker.set_value(other).run()
    assert app.session_state["project"] == other


def test_a_project_goes_to_the_trash_and_back(workspace, project, open_page):
    app = open_page("projects")
    app.button(key=f"trash_{project.id}").click().run()
    assert workspace.projects() == []
    (trashed,) = workspace.trash()
    app.button(key=f"restore_{trashed.id}").click().run()
    (restored,) = workspace.projects()
    assert restored.title == "Shapes"
    assert restored.class_counts() == {"cross": 10, "disc": 10}


def test_a_project_at_work_is_not_moved_to_the_trash(workspace, project, open_page, make_run):
    run = make_run(project)
    with run.job.alive_lock():
        run.job.event_log().write(PHASE, name="fit", words="Learning")
        app = open_page("projects")
        app.button(key=f"trash_{project.id}").click().run()
        assert "Shapes is still being worked on" in app.error[0].value
    assert len(workspace.projects()) == 1


@pytest.mark.slow
def test_the_demo_is_drawn_by_a_job_and_opened_only_once(workspace, open_page):
    app = open_page("projects")
    button(app, "Open the demo").click().run()
    assert app.title[0].value == "Photos"
    (demo,) = workspace.projects()
    (this,) = imports(demo)
    assert this.request().kind == DEMO
    await_that(lambda: this.job.state() is State.FINISHED, seconds=60)
    assert demo.class_counts() == {"bee": 60, "butterfly": 60, "ladybird": 60, "snail": 60}
    again = open_page("projects")
    button(again, "Open the demo").click().run()
    assert len(workspace.projects()) == 1


@pytest.mark.parametrize("page", ["photos", "train", "results", "try_it"])
def test_every_step_without_a_project_points_to_the_beginning(workspace, open_page, words, page):
    app = open_page(page)
    assert "There is no project yet" in words(app)
    assert not app.exception
