"""One bad project takes no other page: it is a line with what is wrong, and comes back by one click."""

import sqlite3
from contextlib import closing

import pytest

from core.base.events import FINISHED
from core.projects.imports import RELIST, imports
from pages.components.shared import current
from tests.pages.screen import labels, press


def half(project):
    project.database_path.write_bytes(project.database_path.read_bytes()[:9000])


def empty(project):
    project.database_path.write_bytes(b"")


def gone(project):
    project.database_path.unlink()


@pytest.fixture
def other(project, workspace):
    """A good project beside one that a test spoils; the other was changed last."""
    return workspace.create("Tools")


@pytest.mark.parametrize("spoil", [half, empty, gone])
def test_a_bad_project_is_one_line_and_the_others_work_on(project, other, open_page, words, spoil):
    spoil(project)
    app = open_page("projects")
    assert "**Shapes** can't be opened." in words(app)
    assert [each.value for each in app.error if "Choose Repair on the page Projects" in each.value]
    assert "**Tools**" in words(app)
    assert {"Repair", "Move to trash", "Open"} <= set(labels(app))
    for page in ("photos", "train", "runs"):
        assert open_page(page).session_state[current.PROJECT] == other.id


@pytest.mark.parametrize("spoil", [half, empty, gone])
def test_a_project_that_spoils_while_its_page_is_open_is_told_in_words(project, other, open_page, spoil):
    app = open_page("projects")
    app.button(key=f"open_{project.id}").click().run()
    assert app.title[0].value == "Photos"
    spoil(project)
    for page in ("photos", "explore", "results", "sort", "try_it", "projects"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        assert "The list of photos of Shapes" in app.sidebar.warning[0].value
    assert spoil is not gone or not project.database_path.exists()


def test_the_only_project_is_bad_and_every_page_opens(project, open_page, words):
    gone(project)
    for page in ("photos", "explore", "advice", "train", "results", "try_it", "take_away", "sort", "labels"):
        assert "There is no project yet" in words(open_page(page))


def test_repair_brings_a_project_back_and_says_what_was_lost(project, open_page, words, submitted):
    gone(project)
    app = press(open_page("projects"), "Repair")
    assert "The list of photos was repaired. No photo could be read from the list" in words(app)
    assert ": the changes to undo, the settings, what was said of photos." in words(app)
    assert [kind for kind, _ in submitted] == ["import"]
    (this, *_) = imports(project)
    assert this.request().kind == RELIST
    press(app, "All right")
    assert "The list of photos was repaired" not in words(app)


def test_what_was_found_in_the_folders_is_said_on_the_photos_page(project, open_page, words, submitted):
    gone(project)
    press(open_page("projects"), "Repair")
    (this, *_) = imports(project)
    this.job.event_log().write(FINISHED, added=20, already_there=1, set_aside=2, read_anew=0, seconds=1.0)
    assert "20 photos found in the project's folders and listed; 1 photo moved since" in words(open_page("photos"))


def test_damage_in_the_middle_of_a_list_is_found_on_the_projects_page(project, other, open_page, words):
    with closing(sqlite3.connect(project.database_path)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
        root = db.execute("select rootpage from sqlite_master where name = 'edits'").fetchone()[0]
    data = bytearray(project.database_path.read_bytes())
    data[(root - 1) * 4096 : root * 4096] = b"\x55" * 4096
    project.database_path.write_bytes(bytes(data))
    assert "**Shapes** can't be opened." in words(open_page("projects"))


@pytest.mark.slow
def test_a_project_that_another_program_holds_is_said_and_offers_no_repair(project, other, open_page, words):
    with closing(sqlite3.connect(project.database_path)) as held:
        held.execute("pragma journal_mode = delete")
        held.execute("begin exclusive")
        app = open_page("projects")
        assert "Another program is using the list of photos of Shapes." in app.error[0].value
        assert "Repair" not in labels(app)
        assert "**Tools**" in words(app)
