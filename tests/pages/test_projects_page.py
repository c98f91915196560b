import shutil

import pytest

from core.base.events import PHASE
from core.jobs.job import State
from core.projects.imports import DEMO, imports
from core.runs.choosing.names import RunName
from core.runs.run import list_runs
from tests.pages.screen import button, labels, press
from tests.waiting import await_that


def test_without_projects_the_page_offers_a_new_one_and_the_demo(workspace, open_page, words):
    app = open_page("projects")
    assert app.title[0].value == "Espalier"
    assert labels(app)[:3] == ["Quick start", "New project with your own folder", "Demo project"]
    assert titles_of_pictures(app) == ["**1  Bring photos**", "**2  It learns**", "**3  Try it**"]
    assert "drawn by this program, not photographed" in words(app)


def titles_of_pictures(app):
    return [each.value.split("  \n")[0] for each in app.markdown if each.value.startswith(("**1", "**2", "**3"))]


def test_a_new_project_opens_at_its_photos(workspace, open_page):
    app = open_page("projects")
    app.text_input[0].input("Orchard")
    button(app, "New project with your own folder").click().run()
    assert [project.title for project in workspace.projects()] == ["Orchard"]
    assert app.title[0].value == "Photos"


def test_a_name_in_use_is_refused_in_words(project, open_page):
    app = open_page("projects")
    app.text_input[0].input("shapes")
    button(app, "New project with your own folder").click().run()
    assert app.error[0].value == "There is already a project called shapes. Choose another name."


def test_a_project_shows_its_photos_and_can_be_renamed(workspace, project, open_page, words):
    app = open_page("projects")
    assert "2 classes · 20 photos" in words(app)
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
    button(app, "Demo project").click().run()
    assert app.title[0].value == "Photos"
    (demo,) = workspace.projects()
    (this,) = imports(demo)
    assert this.request().kind == DEMO
    await_that(lambda: this.job.state() is State.FINISHED, seconds=60)
    assert demo.class_counts() == {"bee": 60, "butterfly": 60, "ladybird": 60, "snail": 60}
    again = open_page("projects")
    button(again, "Demo project").click().run()
    assert len(workspace.projects()) == 1


@pytest.mark.parametrize("page", ["photos", "train", "results", "try_it"])
def test_every_step_without_a_project_points_to_the_beginning(workspace, open_page, words, page):
    app = open_page(page)
    assert "There is no project yet" in words(app)
    assert not app.exception


def put(path, n_bytes):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(bytes(n_bytes))


def open_room(app):
    app.session_state["room_open"] = True
    return app.run()


def test_room_on_the_disk_is_counted_only_while_its_fold_is_open(workspace, open_page, words):
    put(workspace.home / "trash" / "1 Old" / "photos" / "x.jpg", 3_000_000)
    app = open_page("projects")
    assert app.expander[-1].label == "Room on this disk"
    assert "3.0 MB" not in words(app)
    assert "**Trash** · 3.0 MB" in words(open_room(app))


def test_where_nothing_can_be_had_back_that_is_said(workspace, open_page, words):
    workspace.create("Shapes")
    assert "There is nothing to clear away." in words(open_room(open_page("projects")))


def test_each_kind_that_takes_room_is_emptied_with_its_button(workspace, open_page, words):
    project = workspace.create("Shapes")
    put(workspace.home / "trash" / "1 Old" / "photos" / "x.jpg", 3_000_000)
    put(project.cache_folder / "features" / "lite0-224.f16", 2_000_000)
    app = open_room(open_page("projects"))
    said = words(app)
    assert "**Trash** · 3.0 MB" in said
    assert "**Caches** · 2.0 MB" in said
    assert "are free. Your projects, with their photos and runs, are not touched by this." in said
    assert "**Leftovers**" not in said
    press(app, "Clear the caches")
    assert "2.0 MB are free again." in [each.value for each in app.success]
    assert not (project.cache_folder / "features" / "lite0-224.f16").exists()
    press(app, "Remove for good")  # the trash asks first
    assert [each.value for each in app.success] == ["3.0 MB are free again."]
    assert list((workspace.home / "trash").iterdir()) == []
    assert "There is nothing to clear away." in words(app.run())


def test_a_cache_that_a_training_needs_is_left_and_that_is_said(workspace, open_page, make_run, project):
    run = make_run(project)
    put(project.cache_folder / "features" / "lite0-224.f16", 2_000_000)
    with run.job.alive_lock():
        run.job.event_log().write(PHASE, name="fit", words="Learning")
        app = press(open_room(open_page("projects")), "Clear the caches")
    assert app.success[0].value == "Nothing was removed. Left, since work that goes on needs them: 1."
    assert (project.cache_folder / "features" / "lite0-224.f16").exists()


def test_leftovers_of_dead_work_are_swept_once_when_the_server_begins(workspace, open_page):
    project = workspace.create("Shapes")
    put(project.photos_folder / "apple" / ".writing-1.jpg", 10)
    open_page("projects")
    assert not (project.photos_folder / "apple" / ".writing-1.jpg").exists()
    put(project.photos_folder / "apple" / ".writing-1.jpg", 10)
    app = open_room(open_page("projects"))
    assert (project.photos_folder / "apple" / ".writing-1.jpg").exists()
    press(app, "Remove for good")
    assert not (project.photos_folder / "apple" / ".writing-1.jpg").exists()


def test_a_card_shows_four_photos_what_is_in_it_and_the_best_model(own, open_page, words):
    app = open_page("projects")
    (run,) = list_runs(own.runs_folder)
    assert [len(app.get("image")), "2 classes · 40 photos" in words(app)] == [1, True]
    assert f"Model in use: {RunName.of(run, run.report()).kind} · {run.report().outcome_in_words}" in words(app)


def test_a_card_of_an_empty_project_and_one_whose_small_pictures_are_damaged(workspace, project, open_page, words):
    for photo in project.photos():
        project.thumbnail(photo).write_bytes(b"no picture")
    workspace.create("Empty")
    said = words(open_page("projects"))
    assert "0 classes · 0 photos" in said
    assert ":material/image: no photos yet" in said
    assert "2 classes · 20 photos" in said


def test_a_quick_start_without_a_name_gets_one_and_a_second_another(workspace, open_page):
    for _ in range(2):
        app = press(open_page("projects"), "Quick start")
        assert app.title[0].value == "Quick start"
    assert sorted(project.title for project in workspace.projects()) == ["My photos", "My photos 2"]
