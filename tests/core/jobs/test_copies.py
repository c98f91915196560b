"""The copy of a project, or of a whole workspace, made by a file manager: it works with what is in it."""

import hashlib
import shutil
import zipfile

import pytest

from core.base import checksums
from core.base.events import PHASE, QUEUED
from core.base.files import read_json, write_json
from core.jobs import kinds
from core.jobs.active import active_jobs
from core.jobs.job import Job, State
from core.jobs.queue import Jobs
from core.models.config import TrainConfig
from core.packing.folder import TransferFolder
from core.projects import edits
from core.projects.imports import ZIP, ImportFolder, ImportRequest, run_import
from core.projects.project import Project, open_project
from core.runs.photo_places import photos_where_they_were, split_run_photos, with_own_places, with_places_now
from core.runs.run import Run, list_runs
from core.runs.trash import move_to_trash
from core.teachable_machine.folder import new_external_model
from tests.importing import bring, bring_folder


@pytest.fixture
def project(project, tmp_path, fill):
    bring_folder(project, fill(tmp_path / "fruit", {"apple": 3, "pear": 3}))
    return project


@pytest.fixture
def run(project):
    return Run.create(project.runs_folder / "a run", TrainConfig(), split_run_photos(project, TrainConfig()))


def copied(project):
    return open_project(shutil.copytree(project.folder, project.folder.with_name("fruit (copy)")))


def contents(folder):
    return {path: hashlib.sha256(path.read_bytes()).digest() for path in folder.rglob("*") if path.is_file()}


def lie_in(photos, project):
    return all(photo.path.startswith(f"{project.folder}/") for photo in photos)


def test_a_run_of_a_copy_finds_its_photos_in_the_copy(project, run):
    copy = copied(project)
    (theirs,) = list_runs(copy.runs_folder)
    assert lie_in(theirs.photos(), copy)
    assert lie_in(run.photos(), project)
    assert [photo.sha256 for photo in theirs.photos()] == [photo.sha256 for photo in run.photos()]
    assert theirs.number == run.number > 0
    project.folder.rename(project.folder.with_name("put aside"))
    assert len(photos_where_they_were(theirs.photos()).photos) == 6
    continued = Run.create(copy.runs_folder / "goes on", TrainConfig(), theirs.photos())
    assert lie_in(continued.photos(), copy)
    assert [each.name for each in list_runs(copy.runs_folder)] == ["goes on", "a run"]


def test_a_run_of_a_renamed_project_finds_its_photos_also_from_the_trash(project, run):
    renamed = Project(project.folder.rename(project.folder.with_name("renamed")))
    run = Run(renamed.runs_folder / run.name)
    assert photos_where_they_were(run.photos()).lost == 0
    move_to_trash(renamed, run)
    assert lie_in(Run(renamed.folder / "trash" / run.name).photos(), renamed)


def test_a_photo_that_the_copy_has_otherwise_is_not_taken_from_the_original(project, run):
    copy = copied(project)
    edits.rename_class(copy, "pear", "quince")
    edits.set_aside(copy, [copy.photos("apple")[0].id])
    photos = Run(copy.runs_folder / run.name).photos()
    now = with_places_now(copy, photos)
    assert lie_in(now, copy)
    assert photos_where_they_were(now).missing == 4
    assert [photo.path for photo in with_own_places(run, run.photos())] == [photo.path for photo in run.photos()]


def test_photos_listed_on_another_system_are_found_where_the_project_lies_now(project, run):
    elsewhere = [rf"C:\Users\me\Espalier\projects\fruit\photos\{p.label}\{p.path.split('/')[-1]}" for p in run.photos()]
    text = run.photos_path.read_text()
    for photo, place in zip(run.photos(), elsewhere, strict=True):
        text = text.replace(photo.path, place)
    checksums.unseal(run.photos_path)
    run.photos_path.write_text(text)
    assert photos_where_they_were(run.photos()).lost == 0


def test_a_run_of_the_command_line_keeps_the_places_outside_also_in_a_project(project, run):
    write_json(run.sources_path, ["/far"])
    text = run.photos_path.read_text().replace(str(project.folder), "/far")
    checksums.unseal(run.photos_path)
    run.photos_path.write_text(text)
    assert all(photo.path.startswith("/far/photos/") for photo in run.photos())


def test_the_copy_of_a_running_run_is_lost_and_its_worker_stays(project, run, hold):
    worker = hold(run.job, QUEUED, PHASE)
    write_json(run.folder / "job.json", {"work": "train", "submitted": 0, "pid": worker.pid})
    copy = copied(project)
    theirs = Run(copy.runs_folder / run.name).job
    assert (run.job.state(), theirs.state()) == (State.RUNNING, State.LOST)
    assert list(active_jobs(copy.folder)) == []
    theirs.kill()
    assert worker.poll() is None


def test_the_copy_of_a_run_just_submitted_is_lost(project, run, monkeypatch):
    monkeypatch.setattr(Job, "launch", lambda self, command, name: None)
    Jobs(project.folder.parents[1]).submit(kinds.TRAIN, run.folder)
    assert run.job.state() is State.STARTING
    assert Run(copied(project).runs_folder / run.name).job.state() is State.LOST


def test_the_queue_of_a_copied_workspace_waits_for_none_of_the_original(project, run, hold, tmp_path, monkeypatch):
    monkeypatch.setattr(Job, "launch", lambda self, command, name: None)
    home = project.folder.parents[1]
    Jobs(home).submit(kinds.TRAIN, run.folder)
    hold(run.job, PHASE)
    copy = shutil.copytree(home, tmp_path / "home of a copy")
    again = Run.create(copy / run.folder.parent.relative_to(home) / "again", TrainConfig(), [])
    Jobs(copy).submit(kinds.TRAIN, again.folder)
    assert Jobs(copy).waiting_ahead(again.folder) == 0
    assert run.job.state() is State.RUNNING
    assert [len(list((each / "queue").iterdir())) for each in (home, copy)] == [1, 1]


def test_an_import_that_was_copied_while_it_asked_leaves_the_original_as_it_is(project, tmp_path, fill):
    this, folder = ImportFolder.create(project), fill(tmp_path / "more", {"plum": 2, "fig": 2}, first_seed=50)
    with zipfile.ZipFile(this.incoming / "000000.zip", "w") as archive:
        for path in folder.rglob("*.jpg"):
            archive.write(path, path.relative_to(folder))
    names = {"000000.zip": "more.zip"}
    bring(project, ImportRequest(ZIP, str(this.incoming / "000000.zip"), names=names, asks=True), this)
    copy, before = copied(project), contents(this.folder)
    theirs = ImportFolder(copy.imports_folder / this.folder.name)
    theirs.answer(theirs.question().readings[0].layout, {"plum": "plum", "fig": "fig"})
    project.folder.rename(project.folder.with_name("put aside"))
    assert run_import(copy, theirs, workers=1).added == 4
    project.folder.with_name("put aside").rename(project.folder)
    assert contents(this.folder) == before


def test_uploads_that_a_request_names_are_those_of_the_copy(project, run):
    model = new_external_model(project, "a model")
    model.upload.write_bytes(b"theirs")
    model.write_request(run, model.upload)
    outside = new_external_model(project, "another")
    outside.write_request(run, project.folder.parent / "export.zip")
    copy = copied(project)
    foreign = {name: type(model)(copy.folder / "foreign" / name) for name in (model.folder.name, outside.folder.name)}
    assert foreign[model.folder.name].request() == ("a run", foreign[model.folder.name].upload)
    assert foreign[outside.folder.name].request() == ("a run", project.folder.parent / "export.zip")
    opening = TransferFolder.below(project.folder.parents[1] / "going", "open ")
    moved = TransferFolder(project.folder / opening.folder.name)
    assert moved.own(str(opening.upload)) == moved.upload
    assert read_json(model.request_path)["archive"] == str(model.upload)
