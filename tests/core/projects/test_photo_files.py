"""Photos whose files are not what their rows say: found, said and mended, and nothing is lost on the way."""

import hashlib
import os

import pytest

from core.base.events import NOTE, notes_of
from core.jobs.job import Job
from core.projects import edits
from core.projects.imports import UPLOAD, ImportFolder, ImportRequest
from core.projects.photo_files import damage_in_words, damaged_photos, ready_to_read
from core.sources.archives import keep_upload
from tests.importing import bring, bring_folder


@pytest.fixture
def folder(tmp_path, fill):
    return fill(tmp_path / "fruit", {"apple": 4, "pear": 3})


@pytest.fixture
def filled(project, folder):
    bring_folder(project, folder)
    return project


def photo_called(project, name):
    (photo,) = project.photos_where("name = ?", name)
    return photo


def damage(project, name, data):
    """Give a photo's file other bytes, as a new file; None removes it."""
    path = project.path(photo_called(project, name))
    path.unlink()
    if data is not None:
        path.write_bytes(data)


def check_whole(project, n):
    photos = project.photos_where("true")
    assert len(photos) == n
    for photo in photos:
        assert hashlib.sha256(project.path(photo).read_bytes()).hexdigest() == photo.sha256
        assert project.thumbnail(photo).stat().st_size > 0


def flipped(path):
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    return bytes(data)


def test_whole_files_are_no_damage(filled):
    assert damaged_photos(filled) == []
    assert damage_in_words([]) == ""


def test_missing_empty_and_shorter_files_are_found_by_a_look(filled, folder):
    damage(filled, "apple/0.jpg", None)
    damage(filled, "apple/1.jpg", b"")
    damage(filled, "pear/2.jpg", (folder / "pear" / "2.jpg").read_bytes()[:-7])
    found = damaged_photos(filled)
    assert [photo.name for photo in found] == ["apple/0.jpg", "apple/1.jpg", "pear/2.jpg"]
    assert damage_in_words(found) == (
        "3 photos can't be used, as their files are missing, empty or changed: apple 2, pear 1. "
        "Bring in the folder that they came from once more to mend them, or set them aside."
    )
    assert "its file is missing" in damage_in_words(found[:1])


def test_many_classes_are_counted(filled):
    photos = [filled.photos()[0].__class__(**{**vars(filled.photos()[0]), "label": f"c{i}"}) for i in range(8)]
    assert ": c0 1, c1 1, c2 1, c3 1, c4 1 and 3 other classes. " in damage_in_words(photos)


def test_what_is_set_aside_is_damaged_no_longer(filled):
    damage(filled, "apple/0.jpg", b"")
    edits.set_aside(filled, [photo.id for photo in damaged_photos(filled)])
    assert damaged_photos(filled) == []
    assert [photo.name for photo in damaged_photos(filled, set_aside_too=True)] == ["apple/0.jpg"]


def test_a_folder_that_is_brought_in_again_mends_what_was_damaged(filled, folder):
    damage(filled, "apple/0.jpg", None)
    damage(filled, "apple/1.jpg", b"")
    damage(filled, "apple/2.jpg", flipped(folder / "apple" / "2.jpg"))  # of the same length
    damage(filled, "pear/2.jpg", b"shorter")
    summary = bring_folder(filled, folder)
    assert (summary.mended, summary.already_there, summary.added, summary.left_out) == (4, 3, 0, [])
    check_whole(filled, 7)
    assert os.stat(filled.path(photo_called(filled, "apple/0.jpg"))).st_mtime_ns == (
        (folder / "apple" / "0.jpg").stat().st_mtime_ns
    )
    again = bring_folder(filled, folder)
    assert (again.mended, again.already_there) == (0, 7)


def test_what_was_changed_on_purpose_is_kept(filled, folder):
    damage(filled, "apple/2.jpg", b"drawn over")
    damage(filled, "pear/2.jpg", b"drawn over too")
    assert bring_folder(filled, folder).mended == 2
    kept = {path.name: path.read_bytes() for path in (filled.set_aside_folder / "changed").iterdir()}
    assert kept == {"2.jpg": b"drawn over", "2 2.jpg": b"drawn over too"}


def test_photos_that_were_moved_renamed_or_set_aside_are_mended_where_they_are(filled, folder):
    edits.rename_class(filled, "apple", "red apple")
    edits.set_aside(filled, [photo_called(filled, "pear/0.jpg").id])
    damage(filled, "apple/0.jpg", b"")
    damage(filled, "pear/0.jpg", b"")
    summary = bring_folder(filled, folder)
    assert (summary.mended, summary.already_there, summary.added) == (2, 5, 0)
    check_whole(filled, 7)
    assert filled.class_counts() == {"pear": 2, "red apple": 4}


def test_the_same_photo_under_another_name_mends_too(filled, folder, tmp_path):
    damage(filled, "apple/0.jpg", b"")
    other = tmp_path / "backup"
    for label in ("apple", "pear"):
        (other / label).mkdir(parents=True)
    (folder / "apple" / "0.jpg").rename(other / "apple" / "IMG 17.jpg")
    (folder / "pear" / "1.jpg").rename(other / "pear" / "1.jpg")
    summary = bring_folder(filled, other)
    assert (summary.mended, summary.already_there, summary.added) == (1, 1, 0)
    check_whole(filled, 7)


def test_uploads_mend_as_well(filled, folder):
    damage(filled, "apple/0.jpg", b"")
    this = ImportFolder.create(filled)
    files = sorted(folder.rglob("*.jpg"))
    names = dict(
        keep_upload(this.incoming, i, path.relative_to(folder).as_posix(), path.read_bytes())
        for i, path in enumerate(files)
    )
    summary = bring(filled, ImportRequest(UPLOAD, names=names), this)
    assert (summary.mended, summary.already_there) == (1, 6)
    check_whole(filled, 7)


def test_a_small_picture_that_is_empty_is_made_again(filled, folder):
    photo = filled.photos()[0]
    filled.thumbnail(photo).unlink()
    filled.thumbnail(photo).write_bytes(b"")
    bring_folder(filled, folder)
    check_whole(filled, 7)


def test_a_job_that_reads_photos_begins_with_a_word_on_damaged_ones(filled, tmp_path):
    (tmp_path / "job").mkdir()
    job = Job(tmp_path / "job")
    assert ready_to_read(filled, job) is filled
    assert job.events() == []
    damage(filled, "apple/0.jpg", b"")
    ready_to_read(filled, job)
    assert [event["event"] for event in job.events()] == [NOTE]
    assert notes_of(job.events()) == [damage_in_words(damaged_photos(filled))]


@pytest.mark.parametrize(
    "leave",
    [lambda data: b"", lambda data: data[:-1], lambda data: data[:100] + bytes(900), lambda data: data + bytes(9)],
    ids=["nothing", "the beginning", "zeros after it", "zeros behind"],
)
def test_what_a_power_cut_left_of_a_photo_unlisted_gives_its_place_to_it(leave, project, fill, tmp_path):
    folder = fill(tmp_path / "in", {"apple": 2})
    (left, other) = sorted((folder / "apple").iterdir())
    (project.photos_folder / "apple").mkdir(parents=True)
    (project.photos_folder / "apple" / left.name).write_bytes(leave(left.read_bytes()))
    bring_folder(project, folder)
    assert sorted(path.name for path in (project.photos_folder / "apple").iterdir()) == [left.name, other.name]
    assert (project.photos_folder / "apple" / left.name).read_bytes() == left.read_bytes()


@pytest.mark.parametrize("change", [lambda data: b"x" + data[1:100], lambda data: data + b"x", lambda data: None])
def test_what_is_somebody_elses_in_a_class_folder_keeps_its_place(change, project, fill, tmp_path):
    folder = fill(tmp_path / "in", {"apple": 1})
    (photo,) = (folder / "apple").iterdir()
    place, theirs = project.photos_folder / "apple" / photo.name, change(photo.read_bytes())
    place.parent.mkdir(parents=True)
    place.mkdir() if theirs is None else place.write_bytes(theirs)
    bring_folder(project, folder)
    assert place.is_dir() if theirs is None else place.read_bytes() == theirs
    (listed,) = project.photos()
    assert (project.path(listed).name, project.path(listed).read_bytes()) == ("0 2.jpg", photo.read_bytes())
