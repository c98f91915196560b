"""A list of photos is repaired after some were rotated: they stay one photo each, and their originals come back."""

import shutil

import pytest

from core.base.files import content_of
from core.jobs.job import Job
from core.projects import edits
from core.projects.changes.shelf import former_versions, versions_of
from core.projects.changes.versions import crop, restore_original, rotate
from core.projects.database.backup import back_up
from core.projects.database.relisting import needs_relisting, relist
from core.projects.database.repair import repair
from core.projects.workspace import Workspace
from tests.importing import bring_folder


@pytest.fixture
def fruit(tmp_path, fill):
    """Two apples (1, 2) and two pears (3, 4), and a backup of then."""
    project = Workspace(tmp_path / "home").create("Fruit")
    bring_folder(project, fill(tmp_path / "photos", {"apple": 2, "pear": 2}))
    edits.keep(project, [1, 3], "blurred")
    back_up(project.folder, project.database, "2026-12-01")
    return project


def repaired(project, backed=True, parts=None):
    if not backed:
        shutil.rmtree(project.folder / "backups")
    project.database_path.write_bytes(b"this is no database" * 500)
    repair(project)
    assert needs_relisting(project)
    summary = relist(project, Job(project.folder / "imports" / "1"), 1, parts or {})
    assert not needs_relisting(project)
    return summary


@pytest.fixture(autouse=True)
def a_place_for_events(fruit):
    (fruit.folder / "imports" / "1").mkdir(parents=True)


def known(project):
    return {photo.file: (photo.label, photo.sha256, photo.made) for photo in project.photos_where("true")}


def assert_original_comes_back(project, original):
    (photo,) = project.photos_where("made != ''")
    restore_original(project, [photo.id])
    (now,) = project.photos_with_ids([photo.id])
    assert (now.sha256, now.made) == (original, "")
    assert content_of(project.path(now)) == original
    edits.undo(project)
    assert project.photos_with_ids([photo.id]) == [photo]


def test_a_photo_that_was_turned_since_the_backup_stays_one_photo(fruit):
    (before,) = fruit.photos_with_ids([1])
    rotate(fruit, [1], 1)
    turned = known(fruit)
    summary = repaired(fruit)
    assert (summary.added, summary.already_there) == (0, 1)
    assert known(fruit) == turned
    (photo,) = fruit.photos_with_ids([1])
    assert (photo.kept, photo.name, photo.width) == ("blurred", before.name, before.height)
    assert_original_comes_back(fruit, before.sha256)


def test_a_version_of_a_version_that_is_newer_than_the_backup_is_known(fruit):
    (before,) = fruit.photos_with_ids([1])
    rotate(fruit, [1], 1)
    back_up(fruit.folder, fruit.database, "2026-12-02")
    crop(fruit, 1, (0, 0, 20, 30))
    cropped = known(fruit)
    repaired(fruit)
    assert known(fruit) == cropped
    assert len(versions_of(fruit, [1])) == 3
    assert_original_comes_back(fruit, before.sha256)


def test_what_was_undone_since_the_backup_is_the_original_again(fruit):
    before = known(fruit)
    rotate(fruit, [1], 1)
    back_up(fruit.folder, fruit.database, "2026-12-02")
    edits.undo(fruit)
    repaired(fruit)
    assert known(fruit) == before
    assert len(former_versions(fruit)) == 1


def test_a_list_that_is_lost_is_made_anew_without_counting_originals(fruit):
    (before,) = fruit.photos_with_ids([1])
    rotate(fruit, [1], 1)
    turned = known(fruit)
    summary = repaired(fruit, backed=False, parts={before.sha256: "test"})
    assert summary.added == 4
    assert known(fruit) == turned
    assert fruit.class_counts() == {"apple": 2, "pear": 2}
    (photo,) = fruit.photos_where("made != ''")
    assert photo.split == "test"  # as its original in a run
    assert_original_comes_back(fruit, before.sha256)


def test_a_damaged_note_costs_what_it_told_and_nothing_else(fruit):
    rotate(fruit, [1], 1)
    for note in (fruit.folder / "versions" / "1").glob("*.json"):
        note.write_text("[")
    summary = repaired(fruit, backed=False)
    assert summary.added == 4
    assert fruit.photos_where("made != ''") == []
    assert len(list((fruit.folder / "versions" / "1").glob("*.jpg"))) == 1  # the original is still there
