import os
import time
from pathlib import Path

import pytest

from core.advice.folder import advice_of
from core.base.computer import home_folder
from core.base.errors import InputError, StorageError
from core.base.events import PHASE
from core.batches.folder import BatchFolder, BatchRequest
from core.models.config import TrainConfig
from core.projects.imports import ImportFolder
from core.projects.project import Project
from core.projects.workspace import MAX_TITLE, Workspace
from core.runs.run import Run

TITLES = [
    "Fruit",
    "quotes \" and '",
    "🍎🍌",
    "a/b\\c",
    "..",
    "CON",
    "nul",
    "trailing dots...",
    "\u202eright to left",
    "תפוחים",
    "🍎" * MAX_TITLE,
    "梨" * MAX_TITLE,
    "robert'); drop table photos;--",
    "<b>bold</b>",
]


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "home")


def test_an_empty_workspace_has_nothing_in_it(workspace):
    assert (workspace.projects(), workspace.trash()) == ([], [])
    assert not workspace.home.exists()


@pytest.mark.parametrize("title", TITLES)
def test_any_title_makes_a_project_that_opens_goes_to_the_trash_and_comes_back(workspace, title):
    project = workspace.create(title)
    assert project.folder.parent == workspace.home / "projects"
    assert workspace.open(project.id).title == title
    workspace.move_to_trash(project)
    assert workspace.projects() == []
    (trashed,) = workspace.trash()
    assert trashed.title == title
    restored = workspace.restore(trashed)
    assert (restored.id, restored.title) == (project.id, title)
    assert {path.name for path in workspace.home.iterdir()} == {"projects", "trash", "counter.json", "counter.lock"}


def test_titles_that_need_the_same_folder_get_two(workspace):
    assert [workspace.create(title).id for title in ("a/b", "a:b", "A*B")] == ["a_b", "a_b 2", "A_B 3"]


def test_a_half_made_project_is_not_listed_and_its_name_can_be_used(workspace):
    (workspace.home / "projects" / "Fruit" / "photos").mkdir(parents=True)
    assert workspace.projects() == []
    assert workspace.create("Fruit").title == "Fruit"


def test_a_damaged_project_neither_hides_the_others_nor_stops_new_ones(workspace):
    workspace.create("good")
    bad = workspace.create("bad")
    bad.database_path.write_bytes(b"not a database" * 100)
    assert [project.title for project in workspace.projects()] == ["good"]
    (trouble,) = workspace.troubled()
    assert (trouble.project.id, trouble.can_be_repaired) == ("bad", True)
    assert workspace.create("new").title == "new"
    with pytest.raises(InputError, match=r"damaged"):
        workspace.open("bad")


@pytest.mark.parametrize("title", ["", "   ", "x" * (MAX_TITLE + 1)])
def test_an_empty_or_endless_title_is_refused(workspace, title):
    with pytest.raises(InputError, match=r"needs 1 to 60 characters"):
        workspace.create(title)


@pytest.mark.parametrize("title", ["Fruit", "fruit", " FRUIT "])
def test_a_title_in_use_is_refused(workspace, title):
    workspace.create("Fruit")
    with pytest.raises(InputError, match=r"already a project called"):
        workspace.create(title)


def test_a_new_title_keeps_the_folder(workspace):
    project = workspace.create("Fruit")
    workspace.rename(project, "Vegetables")
    assert (project.title, workspace.open("Fruit").title) == ("Vegetables", "Vegetables")


def test_a_title_may_change_its_case_but_not_become_anothers(workspace):
    project = workspace.create("fruit")
    workspace.create("other")
    workspace.rename(project, "Fruit")
    assert project.title == "Fruit"
    with pytest.raises(InputError, match=r"already a project called Other"):
        workspace.rename(project, "Other")


def test_the_project_changed_last_comes_first(workspace):
    for age, title in enumerate(("a", "b", "c")):
        project = workspace.create(title)
        os.utime(project.database_path, (1000 + age, 1000 + age))
    assert [project.title for project in workspace.projects()] == ["c", "b", "a"]
    ahead = time.time() + 3600  # the clock was an hour ahead when "b" was changed, and since then "a"
    os.utime(workspace.open("b").database_path, (ahead, ahead))
    os.utime(workspace.open("a").database_path, (2000, 2000))
    assert [project.title for project in workspace.projects()] == ["a", "c", "b"]


@pytest.mark.parametrize(
    "project_id", ["../x", "..", ".", "", "/etc", "a/../../x", "..\\x", "C:x", "x\x00", "nothing here", "Fruit."]
)
def test_hostile_and_unknown_ids_are_refused(workspace, project_id):
    workspace.create("Fruit")
    (workspace.home / "x").mkdir()
    (workspace.home / "x" / "project.db").write_bytes(b"")
    with pytest.raises(InputError, match=r"no (such )?project"):
        workspace.open(project_id)


def test_a_project_comes_back_beside_one_that_took_its_title_and_folder(workspace):
    old = workspace.create("a/b. c")
    old.keep_setting("mark", "old")
    workspace.move_to_trash(old)
    new = workspace.create("a/b. c")
    restored = workspace.restore(workspace.trash()[0])
    assert restored.title == "a/b. c 2"
    assert restored.setting("mark") == "old"
    assert restored.folder != new.folder
    assert {project.title for project in workspace.projects()} == {"a/b. c", "a/b. c 2"}


def test_a_project_whose_title_can_t_be_kept_stays_in_the_trash_and_it_is_said(workspace, monkeypatch):
    workspace.move_to_trash(workspace.create("Fruit"))
    workspace.create("Fruit")

    def fails(*_):
        raise StorageError("The disk failed.")

    with monkeypatch.context() as patched:
        patched.setattr(Project, "keep_setting", fails)
        with pytest.raises(StorageError, match="failed"):
            workspace.restore(workspace.trash()[0])
    assert [project.title for project in workspace.projects()] == ["Fruit"]
    assert workspace.restore(workspace.trash()[0]).title == "Fruit 2"


def test_a_project_comes_back_beside_the_remains_of_a_half_made_one(workspace):
    workspace.move_to_trash(workspace.create("Fruit"))
    (workspace.home / "projects" / "Fruit" / "photos").mkdir(parents=True)
    assert workspace.restore(workspace.trash()[0]).title == "Fruit"


def test_the_trash_shows_the_last_removed_first(workspace):
    for title in ("a", "b", "c"):
        workspace.move_to_trash(workspace.create(title))
    assert [project.title for project in workspace.trash()] == ["c", "b", "a"]


def test_a_project_at_work_does_not_go_to_the_trash(workspace):
    project = workspace.create("Fruit")
    run = Run.create(project.runs_folder / "run", TrainConfig(), [])
    refused = pytest.raises(InputError, match=r"Fruit is still being worked on. Wait for it or stop it first")
    with run.job.alive_lock().acquire(timeout=0), refused:
        workspace.move_to_trash(project)
    assert [each.title for each in workspace.projects()] == ["Fruit"]


def test_an_import_that_was_never_started_does_not_hold_its_project_forever(workspace):
    project = workspace.create("Fruit")
    this = ImportFolder.create(project)
    long_ago = time.time() - 3600
    os.utime(this.folder, (long_ago, long_ago))
    workspace.move_to_trash(project)
    assert [each.title for each in workspace.trash()] == ["Fruit"]


def test_the_home_is_what_the_environment_says_else_in_the_users_home():
    assert home_folder({"ESPALIER_HOME": "/data/espalier"}) == Path("/data/espalier")
    assert home_folder({}) == home_folder({"ESPALIER_HOME": ""}) == Path.home() / "Espalier"


def test_a_project_that_is_measured_does_not_go_to_the_trash(workspace):
    project = workspace.create("Fruit")
    advice = advice_of(project)
    advice.folder.mkdir()
    advice.job.event_log().write(PHASE, name="features", words="Looking")
    with advice.job.alive_lock().acquire(timeout=1), pytest.raises(InputError, match=r"still being worked on"):
        workspace.move_to_trash(project)
    workspace.move_to_trash(project)


def test_a_project_whose_run_answers_many_photos_does_not_go_to_the_trash(workspace):
    project = workspace.create("Fruit")
    batch = BatchFolder.create(project)
    batch.write_request(BatchRequest("a run", "holiday.zip"))
    batch.job.event_log().write(PHASE, name="predict", words="Asking")
    with batch.job.alive_lock().acquire(timeout=1), pytest.raises(InputError, match=r"still being worked on"):
        workspace.move_to_trash(project)
