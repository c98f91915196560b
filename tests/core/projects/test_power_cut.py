"""What is said to be finished is on the disk: after a power cut every photo is whole, and under the name of its row."""

import os
import shutil

import pytest

from core.base import disk
from core.base.events import FINISHED, PROGRESS, read_events
from core.jobs.job import Job
from core.packing.pack import pack
from core.packing.unpack import unpack
from core.projects import edits, import_storing
from core.projects.imports import FOLDER, UPLOAD, ZIP, ImportFolder, ImportRequest, run_import
from core.projects.photo_files import damaged_photos
from core.projects.project import Project, open_project
from core.projects.workspace import Workspace
from core.sources.archives import keep_upload
from tests.importing import bring, bring_folder
from tests.power_cut import remembered


@pytest.fixture
def home(tmp_path):
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


@pytest.fixture
def project(home):
    return Project.create(home / "projects" / "fruit", "Fruit")


@pytest.fixture
def power(home, project, tmp_path, monkeypatch):
    memory = remembered(home, tmp_path / "held", monkeypatch)
    yield memory
    memory.close()


def photos_of(project):
    """Class and bytes by name; fails where a file is not what its row says."""
    assert damaged_photos(project, set_aside_too=True) == []
    photos = [*project.photos(), *project.photos_set_aside()]
    return {photo.name: (photo.label, project.path(photo).read_bytes()) for photo in photos}


def left_of(power, project, target):
    """The project as a power cut would leave it now."""
    return open_project(power.left(target) / "projects" / project.id)


def request_for(kind, this, folder):
    if kind == ZIP:
        return ImportRequest(ZIP, shutil.make_archive(str(folder), "zip", folder))
    if kind == FOLDER:
        return ImportRequest(FOLDER, str(folder))
    files = sorted(folder.rglob("*.jpg"))
    names = [
        keep_upload(this.incoming, i, str(path.relative_to(folder)), path.read_bytes()) for i, path in enumerate(files)
    ]
    return ImportRequest(UPLOAD, names=dict(names))


@pytest.mark.parametrize("kind", [FOLDER, ZIP, UPLOAD])
def test_all_photos_of_a_finished_import_are_whole(kind, power, project, tmp_path, fill):
    folder = fill(tmp_path / "fruit", {"apple": 4, "Größe 梨": 3})
    this = ImportFolder.create(project)
    bring(project, request_for(kind, this, folder), this)
    left = left_of(power, project, tmp_path / "left")
    assert photos_of(left) == photos_of(project)
    assert len(photos_of(left)) == 7
    events = read_events(left.imports_folder / this.folder.name / "events.jsonl")
    assert events[-1]["event"] == FINISHED


def test_small_pictures_that_a_power_cut_took_are_made_again_by_the_next_import(power, project, tmp_path, draw):
    (tmp_path / "fruit" / "apple").mkdir(parents=True)
    for i in range(2):  # larger than what is its own small picture
        draw(i, (600, 400)).save(tmp_path / "fruit" / "apple" / f"{i}.jpg")
    bring_folder(project, tmp_path / "fruit")
    left = left_of(power, project, tmp_path / "left")
    small = [left.thumbnail(photo) for photo in left.photos()]
    assert not any(path.exists() and path.stat().st_size for path in small)
    summary = bring_folder(left, tmp_path / "fruit")
    assert (summary.added, summary.already_there, summary.mended) == (0, 2, 0)
    assert [left.thumbnail(p).read_bytes() for p in left.photos()] == [
        project.thumbnail(p).read_bytes() for p in project.photos()
    ]


def test_whenever_the_power_goes_during_an_import_all_that_is_listed_is_whole(
    power, project, tmp_path, fill, monkeypatch
):
    monkeypatch.setattr(import_storing, "BATCH", 3)
    folder = fill(tmp_path / "fruit", {"apple": 4, "pear": 4})
    listed = []

    def cut(event):
        if event["event"] == PROGRESS:
            left = left_of(power, project, tmp_path / f"left {len(listed)}")
            listed.append(len(photos_of(left)))

    this = ImportFolder.create(project)
    this.write_request(ImportRequest(FOLDER, str(folder)))
    this.job = Job(this.folder, cut)
    run_import(project, this, workers=2)
    assert listed[:3] == [3, 6, 8]
    again = Project(tmp_path / "left 0" / "projects" / project.id)
    assert bring_folder(again, folder).added == 5
    assert photos_of(again) == photos_of(project)


def test_uploads_are_on_disk_before_their_import_is_asked_for(power, project, tmp_path, fill):
    this = ImportFolder.create(project)
    this.write_request(request_for(UPLOAD, this, fill(tmp_path / "fruit", {"apple": 2, "pear": 2})))
    left = left_of(power, project, tmp_path / "left")
    assert run_import(left, ImportFolder(left.imports_folder / this.folder.name), workers=2).added == 4


def test_a_renamed_class_lies_where_its_rows_say(power, project, tmp_path, fill):
    bring_folder(project, fill(tmp_path / "fruit", {"apple": 3, "pear": 3}))
    edits.rename_class(project, "apple", "red apple")
    edits.set_aside(project, [project.photos("pear")[0].id])
    left = left_of(power, project, tmp_path / "left")
    assert photos_of(left) == photos_of(project)
    edits.undo(project)
    edits.undo(project)
    assert photos_of(left_of(power, project, tmp_path / "undone")) == photos_of(project)


def test_whenever_the_power_goes_during_a_change_no_photo_is_lost(power, project, tmp_path, fill, monkeypatch):
    bring_folder(project, fill(tmp_path / "fruit", {"apple": 3, "pear": 3}))
    before, n_cut, looks = photos_of(project), 0, False
    real = disk.move, disk.sync_folder

    def cutting(function):
        def cut(*paths):
            nonlocal n_cut, looks
            function(*paths)
            if not looks:  # what is left is repaired by the same functions
                n_cut, looks = n_cut + 1, True
                assert photos_of(edits.repair(left_of(power, project, tmp_path / f"left {n_cut}"))) == before
                looks = False

        return cut

    with monkeypatch.context() as patch:
        patch.setattr(disk, "move", cutting(real[0]))
        patch.setattr(disk, "sync_folder", cutting(real[1]))
        edits.rename_class(project, "apple", "red apple")
    assert n_cut > 4
    assert photos_of(left_of(power, project, tmp_path / "left")) == photos_of(project)


def test_a_packed_project_and_one_that_was_opened_are_whole(power, home, project, tmp_path, fill):
    bring_folder(project, fill(tmp_path / "fruit", {"apple": 3, "pear": 3}))
    disk.make_folder(home / "going")
    pack(project, home / "going" / "fruit.zip")
    opened = unpack(home / "going" / "fruit.zip", Workspace(home), home / "going")
    left = power.left(tmp_path / "left")
    assert (left / "going" / "fruit.zip").read_bytes() == (home / "going" / "fruit.zip").read_bytes()
    disk.sync_folder(opened.folder.parent)
    assert photos_of(left_of(power, opened, tmp_path / "opened")) == photos_of(project)


def test_sqlite_syncs_at_each_commit(project):
    with project.database() as db:
        assert db.execute("pragma journal_mode").fetchone() == ("wal",)
        assert db.execute("pragma synchronous").fetchone() == (2,)  # FULL


def test_what_was_only_written_would_be_lost(power, home, tmp_path):
    (home / "written").write_bytes(b"1")
    (home / "named").write_bytes(b"2")
    disk.sync_folder(home)
    (home / "synced").write_bytes(b"3")
    disk.sync_files([home / "synced"])
    os.replace(home / "synced", home / "renamed")
    left = power.left(tmp_path / "left")
    found = {path.name: path.read_bytes() for path in left.iterdir() if path.is_file()}
    assert found == {"written": b"", "named": b"", "synced": b"3"}
