import shutil
import time

import pytest

from core.base.errors import StopRequested
from core.base.events import CANCELLED, FAILED, PHASE, PROGRESS
from core.base.files import write_json
from core.jobs import kinds
from core.jobs.job import START_GRACE_S, State
from core.projects import edits
from core.projects.imports import FOLDER, ImportFolder, ImportRequest, imports, run_import
from pages.components.photos import choosing, damaged
from tests.pages.screen import gallery, press, widget
from tests.waiting import await_that


def test_an_empty_project_offers_all_ways_to_add_photos(workspace, open_page, words):
    workspace.create("Empty")
    app = open_page("photos")
    assert len(app.tabs) == 5
    assert "Choose a folder that holds one folder per class" in words(app)
    assert "Go on to training" not in {button.label for button in app.button}


def test_all_photos_are_shown_with_the_counts_of_classes(project, open_page, words):
    app = open_page("photos")
    said = words(app)
    assert "20 photos added in" in said
    shown = gallery(app)
    assert [(each["name"], each["n"]) for each in shown["classes"]] == [("cross", 10), ("disc", 10)]
    assert len(shown["photos"]) == shown["n"] == 20
    assert "Fewer than 50 photos: cross (10), disc (10)" in said
    assert "Go on to training" in {button.label for button in app.button}
    assert "Explore them first" in {link.proto.label for link in app.get("page_link")}


def test_what_is_worth_a_look_is_said_in_a_line_that_leads_to_it(project, tmp_path, import_more, open_page, words):
    for label in ("cross", "disc"):
        (tmp_path / "more" / label).mkdir(parents=True)
    for i in range(2):
        photo = tmp_path / "photos" / "cross" / f"cross {i}.png"
        shutil.copy(photo, tmp_path / "more" / "disc" / f"also {i}.png")
        shutil.copy(photo, tmp_path / "more" / "cross" / f"again {i}.png")
    with project.database() as db:
        db.execute("update looks set brightness = 100, sharpness = 100, near = photo")
    before = open_page("photos")
    assert "The photos were checked: there is nothing to mend." in words(before)
    assert "Check the photos" not in {link.proto.label for link in before.get("page_link")}
    import_more(project, tmp_path / "more")
    app = open_page("photos")
    assert "Worth a look: 2 photos in several classes" in words(app)
    assert "Check the photos" in {link.proto.label for link in app.get("page_link")}


def test_damaged_files_are_said_and_can_be_set_aside_or_mended(project, tmp_path, import_more, open_page, words):
    first, second, third = project.photos("cross")[:3]
    project.path(first).unlink()
    for photo in (second, third):
        project.path(photo).unlink()
        project.path(photo).write_bytes(b"")
    app = open_page("photos")
    assert "3 photos can't be used, as their files are missing, empty or changed: cross 3." in words(app)
    assert "there is nothing to mend" not in words(app)
    assert "3 photos can't be used" in words(open_page("findings"))
    press(app, "Set aside 3 photos")
    assert "can't be used" not in words(open_page("photos"))
    assert {photo.set_aside for photo in project.photos_set_aside()} == {damaged.WHY}
    edits.undo(project)
    import_more(project, tmp_path / "photos")
    said = words(open_page("photos"))
    assert "17 photos had been here already. 3 photos whose files were damaged were mended." in said
    assert "can't be used" not in said


def test_of_many_kinds_of_findings_three_are_named(project, open_page, words):
    with project.database() as db:
        db.execute("update looks set brightness = 1, sharpness = 1, near = photo")
        db.execute("update photos set width = 2000, height = 60")
    assert "Worth a look: 20 very long photos, 20 nearly black photos, 20 blurred photos and 1 more finding." in words(
        open_page("photos")
    )


def test_what_was_set_aside_is_listed_with_its_reason(project, tmp_path, open_page):
    bad = tmp_path / "more" / "disc"
    bad.mkdir(parents=True)
    (bad / "text.jpg").write_text("not a picture")
    (tmp_path / "more" / "ring").mkdir()
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(FOLDER, str(tmp_path / "more")))
    run_import(project, this, workers=1)
    app = open_page("photos")
    assert "1 file set aside, see below" in app.success[0].value
    assert "ring is empty. Nothing would be learned of it." in app.warning[0].value
    assert list(app.dataframe[0].value["why"]) == ["is empty"]
    widget(app, "selectbox", "Show").set_value(choosing.ASIDE).run()
    assert [photo["aside"] for photo in gallery(app)["photos"]] == ["not an image, or of a kind that can't be read"]


def test_one_class_only_says_that_two_are_needed(workspace, tmp_path, project, open_page, words):
    single = workspace.create("Single")
    this = ImportFolder.create(single)
    (tmp_path / "single").mkdir()
    (tmp_path / "photos" / "disc").rename(tmp_path / "single" / "disc")
    this.write_request(ImportRequest(FOLDER, str(tmp_path / "single")))
    run_import(single, this, workers=1)
    app = open_page("photos")
    assert "There is only one class, disc" in words(app)
    assert "Go on to training" not in {button.label for button in app.button}


def test_a_running_import_shows_its_progress_and_a_stop_button(workspace, open_page, words):
    this = ImportFolder.create(workspace.create("Filling"))
    with this.job.alive_lock():
        this.job.event_log().write(PHASE, name="importing", words="Checking and storing the photos")
        this.job.event_log().write(PROGRESS, done=1200, total=4000, per_second=311.4, seconds_left=9)
        app = open_page("photos")
        assert [button.label for button in app.button] == ["Stop the import"]
        progress = app.get("progress")[0]
        assert progress.proto.value == 30
        assert progress.proto.text == (
            "Checking and storing the photos: 1,200 of 4,000 photos, 311 a second, about 9 seconds left"
        )
        app.button[0].click().run()
        with pytest.raises(StopRequested):
            this.job.check_stop()


def test_a_failed_import_says_why(workspace, tmp_path, open_page):
    project = workspace.create("Loose")
    this = ImportFolder.create(project)
    (tmp_path / "loose").mkdir()
    this.write_request(ImportRequest(FOLDER, str(tmp_path / "loose")))
    app = open_page("photos")
    from pages.components.shared import current

    current.jobs().submit(kinds.IMPORT, this.folder)
    await_that(lambda: this.job.state() is State.FAILED, seconds=30)
    app = open_page("photos")
    assert app.error[0].value.startswith("No photos were found in loose.")
    assert "Traceback" not in app.error[0].value
    assert "Continue the import" not in [button.label for button in app.button]  # it would fail again


@pytest.mark.slow
def test_an_import_whose_process_died_can_be_continued(workspace, tmp_path, project, open_page):
    other = workspace.create("Killed")
    this = ImportFolder.create(other)
    this.write_request(ImportRequest(FOLDER, str(tmp_path / "photos")))
    write_json(this.folder / "job.json", {"work": "import", "submitted": time.time() - START_GRACE_S - 1})
    this.job.event_log().write(PHASE, name="importing", words="Checking")
    app = open_page("photos")
    assert "The import ended unexpectedly" in app.warning[0].value
    press(app, "Continue the import")
    await_that(lambda: this.job.state() is State.FINISHED, seconds=30)
    assert other.class_counts() == {"cross": 10, "disc": 10}


def test_an_import_that_failed_half_way_can_be_continued(workspace, open_page):
    this = ImportFolder.create(workspace.create("Full"))
    this.job.event_log().write(PROGRESS, done=100, total=400, per_second=50, seconds_left=6)
    this.job.event_log().write(FAILED, message="The disk is full.")
    app = open_page("photos")
    assert app.error[0].value == "The disk is full."
    assert "Continue the import" in [button.label for button in app.button]


def test_a_stopped_import_says_that_what_was_added_stays(workspace, open_page):
    this = ImportFolder.create(workspace.create("Stopped"))
    this.job.event_log().write(CANCELLED, message="")
    app = open_page("photos")
    assert "What had been added stays" in app.info[0].value


def test_a_path_that_does_not_exist_is_refused_in_words(workspace, open_page):
    project = workspace.create("Empty")
    app = open_page("photos")
    next(each for each in app.text_input if each.label.startswith("Path of")).input("/nowhere/at/all")
    press(app, "Import")
    assert app.error[0].value == "There is no folder or zip called /nowhere/at/all on this computer."
    assert imports(project) == []


@pytest.fixture
def asked(workspace, tmp_path, fill):
    """A project with an import of owls and foxes, in a city and in a wood, that waits for an answer."""
    for seed, place in enumerate(("city", "wood")):
        fill(tmp_path / "seen" / place, {"owl": 3, "fox": 2}, first_seed=10 * seed)
    project = workspace.create("Asked")
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(FOLDER, str(tmp_path / "seen"), asks=True))
    run_import(project, this, workers=1)
    return this


def test_a_question_shows_no_classes_before_a_reading_is_chosen_and_then_its_own(asked, open_page, words):
    app = open_page("photos")
    assert "seen: which do you mean?" in words(app)
    assert "Bring them in" in {button.label for button in app.button if button.disabled}
    assert app.get("image") == app.text_input.values == []
    app.radio[0].set_value("folders:2").run()
    assert [box.value for box in app.text_input] == ["fox", "owl"]
    assert "4 photos" in words(app)
    assert len(app.get("image")) == 6
    assert "Add photos" not in {expander.label for expander in app.expander}


@pytest.mark.slow
def test_the_answer_starts_the_import_with_what_was_chosen(workspace, asked, open_page):
    app = open_page("photos")
    app.radio[0].set_value("folders:2").run()
    app.text_input[0].set_value("red fox").run()
    app.checkbox[1].uncheck().run()
    press(app, "Bring them in")
    request = asked.request()
    assert (request.layout, request.names_of_classes, request.asks) == (
        "folders:2",
        {"fox": "red fox", "owl": ""},
        False,
    )
    await_that(lambda: asked.job.state() is State.FINISHED, seconds=60)


def test_a_question_can_be_cancelled(asked, open_page, words):
    app = open_page("photos")
    press(app, "Cancel")
    assert "which do you mean?" not in words(app)
    assert not asked.folder.exists()


def test_photos_without_a_class_are_shown_with_the_way_to_put_them_into_one(
    workspace, tmp_path, fill, open_page, words
):
    fill(tmp_path / "set" / "train", {"apple": 3, "pear": 3})
    fill(tmp_path / "set", {"test": 2}, first_seed=50)
    project = workspace.create("Apart")
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(FOLDER, str(tmp_path / "set")))
    run_import(project, this, workers=1)
    app = open_page("photos")
    assert "6 photos added in" in words(app)
    assert "2 photos without a class kept apart" in words(app)
    widget(app, "selectbox", "Show").set_value(choosing.WITHOUT).run()
    shown = gallery(app)
    assert [photo["aside"] for photo in shown["photos"]] == ["no class yet"] * 2
    assert shown["n"] == 2
