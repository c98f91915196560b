"""A project whose list of photos is damaged or gone: one line among the projects, and whole again after a repair."""

import shutil
import sqlite3
from contextlib import closing

import pytest

from core.base.errors import DamagedError, InputError, StorageError
from core.jobs.job import Job
from core.projects.database.backup import back_up, backups
from core.projects.database.relisting import needs_relisting, relist
from core.projects.database.repair import REPAIRED, repair
from core.projects.edits import move
from core.projects.project import Project, open_project
from core.projects.workspace import Workspace
from tests.importing import bring_folder


def cut_in_half(project):
    project.database_path.write_bytes(project.database_path.read_bytes()[: project.database_path.stat().st_size // 2])


def make_empty(project):
    project.database_path.write_bytes(b"")


def write_garbage(project):
    project.database_path.write_bytes(b"this is no database" * 500)


def remove(project):
    project.database_path.unlink()


def put_a_folder_there(project):
    remove(project)
    project.database_path.mkdir()


DAMAGE = [cut_in_half, make_empty, write_garbage, remove, put_a_folder_there]


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path / "home", patience_s=0.1)


@pytest.fixture
def fruit(workspace, fill, tmp_path):
    """A project with four photos of two classes, none of them moved."""
    project = workspace.create("My fruit")
    bring_folder(project, fill(tmp_path / "photos", {"apple": 2, "pear": 2}))
    return project


def state(project):
    with project.database() as db:
        return [photo[1:10] for photo in db.execute("select * from photos order by file")]


def relisted(project):
    return relist(project, Job(project.folder / "imports" / "1"), 1, {}) if needs_relisting(project) else None


@pytest.fixture(autouse=True)
def a_place_for_events(fruit):
    (fruit.folder / "imports" / "1").mkdir(parents=True)


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_bad_project_is_one_line_and_the_others_are_opened(workspace, fruit, damage):
    other = workspace.create("Tools")
    damage(fruit)
    assert [project.title for project in workspace.projects()] == ["Tools"]
    (trouble,) = workspace.troubled()
    assert (trouble.project.id, trouble.can_be_repaired) == (fruit.id, True)
    assert "My fruit" in trouble.words
    assert "Choose Repair on the page Projects" in trouble.words
    with pytest.raises(DamagedError):
        workspace.open(fruit.id)
    with pytest.raises(DamagedError):
        fruit.photos()
    assert workspace.open(other.id).title == "Tools"
    assert workspace.create("Fruit").title == "Fruit"


def test_no_list_is_made_where_one_is_gone(fruit):
    remove(fruit)
    for ask in (
        fruit.photos,
        fruit.check,
        lambda: fruit.keep_setting("title", "x"),
        lambda: open_project(fruit.folder),
    ):
        with pytest.raises(DamagedError, match=r"is gone"):
            ask()
    assert not fruit.database_path.exists()


def test_an_empty_list_stays_as_it_was(fruit):
    make_empty(fruit)
    with pytest.raises(DamagedError, match=r"is damaged"):
        open_project(fruit.folder)
    assert fruit.database_path.read_bytes() == b""


@pytest.mark.parametrize("damage", DAMAGE)
def test_without_a_backup_the_list_is_made_anew_from_the_folders(workspace, fruit, damage):
    before = state(fruit)
    damage(fruit)
    words = workspace.repair(fruit)
    relisted(fruit)
    assert [row[:2] + row[3:] for row in state(fruit)] == [row[:2] + row[3:] for row in before]  # but for names
    assert workspace.troubled() == []
    assert fruit.setting(REPAIRED) == words
    with fruit.database() as db:
        assert db.execute("select count(*) from looks where near is not null").fetchone() == (4,)
    fruit.check_wholly()
    assert all(fruit.thumbnail(photo).is_file() for photo in fruit.photos())


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_backup_brings_back_all_that_it_knew(workspace, fruit, damage, jpeg):
    fruit.keep_setting("plan", "mine")
    move(fruit, [fruit.photos("apple")[0].id], "pear")
    back_up(fruit.folder, fruit.database, "2026-12-01")
    before = state(fruit)
    damage(fruit)
    words = workspace.repair(fruit)
    assert "restored from the backup of 2026-12-01: 4 photos" in words or "could still be read: 4 photos" in words
    assert (fruit.title, fruit.setting("plan"), state(fruit)) == ("My fruit", "mine", before)
    with fruit.database() as db:
        assert db.execute("select count(*) from edits").fetchone() == (1,)


def test_what_happened_since_the_backup_is_told_by_the_folders(workspace, fruit, jpeg):
    back_up(fruit.folder, fruit.database, "2026-12-01")
    moved = fruit.photos("apple")[0]
    move(fruit, [moved.id], "pear")
    (fruit.photos_folder / "pear" / "new.jpg").write_bytes(jpeg(99))
    write_garbage(fruit)
    workspace.repair(fruit)
    summary = relisted(fruit)
    assert (summary.added, summary.already_there) == (1, 1)
    assert fruit.class_counts() == {"apple": 1, "pear": 4}
    (again,) = fruit.photos_with_ids([moved.id])
    assert (again.label, fruit.path(again).is_file()) == ("pear", True)


def test_the_damaged_list_is_kept_beside_and_never_replaced(workspace, fruit):
    for name in ("project.db.damaged", "project.db.damaged 2"):
        write_garbage(fruit)
        words = workspace.repair(fruit)
        assert f"kept as {name} in" in words
        assert (fruit.folder / name).read_bytes() == b"this is no database" * 500


def test_one_damaged_page_costs_only_its_rows(workspace, fruit, tmp_path):
    for i in range(300):
        fruit.keep_setting(f"setting {i:03}", "x" * 100)
    with closing(sqlite3.connect(fruit.database_path)) as db:
        db.execute("pragma wal_checkpoint(truncate)")
    data = bytearray(fruit.database_path.read_bytes())
    page = next(
        i for i in range(8, len(data) // 4096) if data[i * 4096] == 13 and b"setting 1" in data[i * 4096 :][:4096]
    )
    data[page * 4096 : (page + 1) * 4096] = bytes(4096)
    fruit.database_path.write_bytes(bytes(data))
    with pytest.raises(DamagedError):
        fruit.check_wholly()
    words = workspace.repair(fruit)
    assert "4 photos could still be read" in words
    assert "Lost, wholly or in part: the settings." in words
    with fruit.database() as db:
        left = db.execute("select count(*) from settings where name like 'setting %'").fetchone()[0]
    assert 240 < left < 300


def test_a_part_that_a_photo_had_in_a_run_is_kept(fruit):
    content = fruit.photos("apple")[0].sha256
    write_garbage(fruit)
    repair(fruit)
    relist(fruit, Job(fruit.folder / "imports" / "1"), 1, {content: "test"})
    assert [photo.sha256 for photo in fruit.photos() if photo.split == "test"] == [content]


def test_photos_set_aside_are_listed_as_that(fruit):
    photo = fruit.photos("apple")[0]
    (fruit.set_aside_folder / "apple").mkdir(parents=True)
    fruit.path(photo).rename(fruit.set_aside_folder / "apple" / "0.jpg")
    remove(fruit)
    repair(fruit)
    relisted(fruit)
    assert fruit.class_counts() == {"apple": 1, "pear": 2}
    assert [each.set_aside for each in fruit.photos_set_aside()] == ["set aside before the list of photos was repaired"]


def test_a_whole_list_is_not_repaired(fruit):
    with pytest.raises(InputError, match=r"nothing to repair"):
        repair(fruit)
    assert not list(fruit.folder.glob("*.damaged"))


def test_a_newer_version_s_list_is_not_repaired_and_said(workspace, fruit):
    with fruit.database() as db:
        db.execute("pragma user_version = 99")
    (trouble,) = workspace.troubled()
    assert ("newer version" in trouble.words, trouble.can_be_repaired) == (True, False)
    with pytest.raises(InputError, match=r"newer version"):
        repair(fruit)


def test_a_list_that_another_program_holds_is_told_in_words(workspace, fruit):
    with closing(sqlite3.connect(fruit.database_path)) as other:
        other.execute("pragma journal_mode = delete")
        other.execute("begin exclusive")
        (trouble,) = workspace.troubled()
        assert trouble.words == (
            "Another program is using the list of photos of My fruit. Close that program and try again."
        )
        assert not trouble.can_be_repaired
        with pytest.raises(StorageError, match=r"Another program is using"):
            Project(fruit.folder, patience_s=0.1).photos()
        with pytest.raises(StorageError, match=r"Another program is using"):
            repair(Project(fruit.folder, patience_s=0.1))
    assert workspace.troubled() == []


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_bad_project_goes_to_the_trash_and_back(workspace, fruit, damage):
    damage(fruit)
    workspace.move_to_trash(fruit)
    assert (workspace.projects(), workspace.troubled()) == ([], [])
    (trashed,) = workspace.trash()
    workspace.restore(trashed)
    assert len(workspace.troubled()) == 1


def test_a_project_whose_folder_is_copied_without_its_list_is_found_by_its_photos(workspace, fruit):
    copied = fruit.folder.with_name("copy")
    shutil.copytree(fruit.photos_folder, copied / "photos")
    assert [each.project.id for each in workspace.troubled()] == ["copy"]
    repair(Project(copied))
    (copied / "imports" / "1").mkdir(parents=True)
    relisted(Project(copied))
    assert Project(copied).class_counts() == {"apple": 2, "pear": 2}
    assert backups(copied) == []
