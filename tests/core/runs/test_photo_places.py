import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import InputError
from core.base.files import file_sha256, write_json
from core.models.config import TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.projects import edits
from core.projects.changes.versions import rotate
from core.projects.project import Project
from core.runs.kept_photos import keep_sources
from core.runs.photo_places import (
    came_from,
    confidences,
    photos_found_in,
    photos_where_they_were,
    refuse_gone,
    run_photos,
    still_so,
    with_places_now,
)
from core.runs.predictions import write_predictions
from core.runs.run import Run
from tests.importing import bring_folder


@pytest.fixture
def moved(tmp_path, fill):
    """A project that was moved by hand after a run was made, and the run's photos: places at which nothing is now."""
    project = Project.create(tmp_path / "here", "Shapes")
    bring_folder(project, fill(tmp_path / "photos", {"disc": 3, "cross": 2}))
    photos = run_photos(project, project.photos())
    project.folder.rename(tmp_path / "there")
    return Project(tmp_path / "there"), photos


def test_photos_are_found_where_the_project_was_moved_to(moved):
    project, photos = moved
    now = with_places_now(project, photos)
    assert [photo.path for photo in now] == [photo.path.replace("/here/", "/there/") for photo in photos]
    assert [(photo.sha256, photo.label, photo.split) for photo in now] == [
        (photo.sha256, photo.label, photo.split) for photo in photos
    ]
    assert still_so(project, photos) == now


def test_what_has_another_class_since_or_is_set_aside_keeps_its_row_and_is_not_learned_as_before(moved):
    project, photos = moved
    discs = [photo.id for photo in project.photos("disc")]
    edits.move(project, discs[:1], "cross")
    edits.set_aside(project, discs[1:2])
    now = with_places_now(project, photos)
    assert [photo.sha256 for photo in now] == [photo.sha256 for photo in photos]
    gone = [photo for photo in now if "/here/" in photo.path]
    assert [photo.label for photo in gone] == ["disc", "disc"]
    assert still_so(project, photos) == [photo for photo in now if photo not in gone]


@pytest.fixture
def run(tmp_path, fill):
    """A run on the photos of a folder: two of each of two classes."""
    folder = fill(tmp_path / "photos", {"disc": 2, "cross": 2})
    paths = sorted(folder.rglob("*.jpg"))
    photos = [LabelledPhoto(str(path), path.parent.name, "train", file_sha256(path)) for path in paths]
    return Run.create(tmp_path / "run", TrainConfig(), photos)


def summary(found):
    return len(found.photos), found.missing, found.changed


def test_content_decides_whether_a_photo_is_still_where_it_was(run, tmp_path):
    assert summary(photos_where_they_were(run.photos())) == (4, 0, 0)
    (tmp_path / "photos" / "disc" / "0.jpg").unlink()
    (tmp_path / "photos" / "disc" / "1.jpg").write_bytes(b"another picture")
    found = photos_where_they_were(run.photos())
    assert summary(found) == (2, 1, 1)
    assert {photo.label for photo in found.photos} == {"cross"}


def test_photos_are_found_in_any_arrangement_under_any_name(run, tmp_path):
    flat = tmp_path / "flat"
    flat.mkdir()
    for n, photo in enumerate(run.photos()):
        shutil.move(photo.path, flat / f"holiday {n}.jpeg")
    found = photos_found_in(run.photos(), flat, tmp_path)
    assert summary(found) == (4, 0, 0)
    assert [photo.path for photo in found.photos] == [str(flat / f"holiday {n}.jpeg") for n in range(4)]
    assert [(p.sha256, p.label) for p in found.photos] == [(p.sha256, p.label) for p in run.photos()]


def test_what_is_missing_and_what_was_changed_is_told_apart(run, tmp_path, jpeg):
    moved = tmp_path / "photos"
    (moved / "cross" / "0.jpg").write_bytes(jpeg(77))
    (moved / "cross" / "1.jpg").unlink()
    moved = moved.rename(tmp_path / "moved")
    assert summary(photos_found_in(run.photos(), moved, tmp_path)) == (2, 1, 1)


def test_photos_are_found_in_an_archive(run, tmp_path):
    archive = shutil.make_archive(str(tmp_path / "all"), "zip", tmp_path / "photos")
    shutil.rmtree(tmp_path / "photos")
    (tmp_path / "staging").mkdir()
    found = photos_found_in(run.photos(), Path(archive), tmp_path / "staging")
    assert summary(found) == (4, 0, 0)
    assert all(Path(photo.path).parent == tmp_path / "staging" for photo in found.photos)


def test_a_place_that_is_not_there_is_named(run, tmp_path):
    with pytest.raises(InputError, match=r"There is no folder or zip called .*nowhere"):
        photos_found_in(run.photos(), tmp_path / "nowhere", tmp_path)


def test_a_run_knows_where_its_photos_came_from(run, tmp_path):
    assert came_from(run) == str(tmp_path / "photos")
    keep_sources(run, [tmp_path / "photos.zip", tmp_path / "test.zip"])
    assert came_from(run) == f"{tmp_path / 'photos.zip'} and {tmp_path / 'test.zip'}"
    run.sources_path.write_bytes(b"no JSON")
    assert came_from(run) == str(tmp_path / "photos")
    run.photos_path.unlink()
    assert came_from(run) == "a place that is not known any more"


def test_only_where_all_photos_are_gone_work_is_refused(run, tmp_path):
    photos = run.photos()
    Path(photos[0].path).unlink()
    refuse_gone(photos)
    refuse_gone([])
    with pytest.raises(InputError, match=r"can't be found any more. They were in .*disc: bring them back"):
        refuse_gone([replace(photos[2], path=str(tmp_path / "photos" / "disc" / "9.jpg"))])


def test_how_sure_a_run_was_is_known_by_photo_but_not_of_a_version_made_since(tmp_path, fill):
    project = Project.create(tmp_path / "project", "Fruit")
    bring_folder(project, fill(tmp_path / "fruit", {"apple": 2, "pear": 2}))
    photos = [replace(photo, split="test") for photo in run_photos(project, project.photos())]
    run = Run.create(project.runs_folder / "run", TrainConfig(), photos)
    write_json(run.labels_path, ["apple", "pear"])
    run.engine_path.write_text("in place of a model")
    answers = {"train": photos[:2], "test": photos[2:]}
    probabilities = np.array([[0.9, 0.1], [0.3, 0.7]], np.float32)
    given = {"train": probabilities, "test": probabilities[::-1]}
    write_predictions(run.predictions_path, answers, given, ["apple", "pear"])
    assert confidences(project, run) == pytest.approx({1: 0.9, 2: 0.7, 3: 0.7, 4: 0.9})
    rotate(project, [2], 1)
    assert confidences(project, run) == pytest.approx({1: 0.9, 3: 0.7, 4: 0.9})
