import shutil

import pytest

from core.base.events import FAILED, PHASE
from core.base.files import read_json, write_json
from core.projects.imports import UPLOAD, ImportFolder, ImportRequest
from core.runs.choosing.in_use import model_in_use
from core.runs.run import Run, list_runs
from tests.pages.screen import button, labels, press, widget


def names(app):
    return [each.value for each in app.main.text_input]


def test_without_a_project_it_points_to_the_beginning(workspace, open_page, words):
    assert "There is no project yet" in words(open_page("quick_start"))


def test_an_empty_project_has_two_boxes_to_fill_and_can_have_more(workspace, open_page, words):
    workspace.create("Cups")
    app = open_page("quick_start")
    assert names(app) == ["Class 1", "Class 2"]
    assert button(app, "Train").disabled
    assert "Put photos into two boxes at least." in words(app)
    assert names(press(app, "Add a class")) == ["Class 1", "Class 2", "Class 3"]


def test_it_is_the_same_project_with_its_classes_and_one_button_that_trains(project, open_page, submitted):
    app = open_page("quick_start")
    assert names(app) == ["cross", "disc"]
    press(app, "Train")
    (run,) = list_runs(project.runs_folder)
    assert submitted == [("train", run.folder)]
    assert {photo.label for photo in run.photos()} == {"cross", "disc"}


def test_a_box_is_renamed_with_its_photos(project, open_page):
    app = open_page("quick_start")
    app.main.text_input[0].input("star").run()
    assert project.class_counts() == {"disc": 10, "star": 10}
    assert names(app) == ["star", "disc"]


@pytest.mark.parametrize("typed", ["disc", "  "])
def test_a_name_that_cannot_be_given_is_put_back_and_said(project, open_page, typed):
    app = open_page("quick_start")
    app.main.text_input[0].input(typed).run()
    assert project.class_counts() == {"cross": 10, "disc": 10}
    assert names(app) == ["cross", "disc"]
    assert len(app.error) == 1


def test_a_folder_takes_the_place_of_boxes_that_nobody_touched(workspace, open_page, tmp_path, import_more, fill):
    made = workspace.create("Cups")
    app = open_page("quick_start")
    app.main.text_input[1].input("mug").run()
    import_more(made, fill(tmp_path / "came", {"apple": 2, "pear": 2}))
    assert names(app.run()) == ["apple", "mug", "pear"]


def test_while_a_run_learns_it_can_be_stopped(project, open_page, make_run):
    run = make_run(project)
    with run.job.alive_lock():
        run.job.event_log().write(PHASE, name="fit", words="Learning")
        app = open_page("quick_start")
        assert "Train" not in labels(app)
        press(app, "Cancel and discard")
    assert run.job.stop_requested() == "discard"


def test_a_trained_project_shows_how_good_it_is_and_a_place_for_a_photo(trained, open_page, words):
    app = open_page("quick_start")
    (run,) = list_runs(trained.runs_folder)
    assert run.report().right_in_words in words(app)
    assert "Drop a photo that it has never seen." in words(app)
    assert widget(app, "button_group", "What it looks at")


def test_the_model_in_use_answers_and_what_was_trained_last_can_take_its_place(own, open_page, words):
    (good,) = list_runs(own.runs_folder)
    poor = Run(shutil.copytree(good.folder, own.runs_folder / "b later run"))
    written = read_json(poor.report_path)
    for epoch in written["epochs"]:
        epoch["val_accuracy"] = 0.1
    write_json(poor.report_path, written)
    app = open_page("quick_start")
    assert "(a run)** answers, not what was trained last (New head" in words(app)
    assert "It is the best on the validation photos of 2 runs of the same photos." in words(app)
    press(app, "Use the new one")
    assert model_in_use(own).run.name == poor.name
    assert "answers, not what" not in words(app)


def test_a_folder_that_can_be_read_in_several_ways_is_asked_about(workspace, open_page, submitted):
    this = ImportFolder.create(workspace.create("Cups"))
    this.write_request(ImportRequest(UPLOAD, names={"000000.jpg": "a.jpg"}))
    this.job.event_log().write(FAILED, message="It can be read in several ways.")
    open_page("quick_start")
    assert submitted == [("import", this.folder)]
    assert this.request().asks
