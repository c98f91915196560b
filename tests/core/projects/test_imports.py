import errno
import hashlib
import io
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest
from PIL import Image

from core.base.errors import InputError, StopRequested, StorageError
from core.base.events import FINISHED, PROGRESS
from core.jobs.job import Job, State
from core.photos.file_kinds import EMPTY, UNFINISHED, WEB_PAGE
from core.photos.inspection import inspect_known
from core.projects import edits, import_storing
from core.projects.imports import FOLDER, UPLOAD, ZIP, ImportFolder, ImportRequest, imports, run_import
from core.projects.project import Project
from core.projects.project_split import given_subsets
from core.sources.archives import keep_upload
from tests.importing import bring, bring_folder


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(import_storing, "BATCH", 3)
    monkeypatch.setattr(import_storing, "BATCH_S", 60.0)


def upload(project, files, label=""):
    this = ImportFolder.create(project)
    names = dict(keep_upload(this.incoming, i, name, data) for i, (name, data) in enumerate(files.items()))
    return this, ImportRequest(UPLOAD, label=label, names=names)


def files_below(folder):
    """Bytes and time of change of each file, by name."""
    return {
        path.relative_to(folder).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in folder.rglob("*")
        if path.is_file()
    }


def content(project):
    """What a project holds, whatever order it came in: class, name, file, bytes, reason against it."""
    photos = [*project.photos(), *project.photos_set_aside()]
    return sorted((p.label, p.name, p.file, project.path(p).read_bytes(), p.set_aside) for p in photos)


def stored_files(project):
    """All files below photos and set-aside."""
    folders = (project.photos_folder, project.set_aside_folder)
    return sorted(
        path.relative_to(project.folder).as_posix() for f in folders for path in f.rglob("*") if path.is_file()
    )


def check_every_photo(project):
    """Files, rows and thumbnails belong together, and nothing else lies about."""
    photos, aside = project.photos(), project.photos_set_aside()
    assert stored_files(project) == sorted(photo.file for photo in [*photos, *aside])
    for photo in [*photos, *aside]:
        data = project.path(photo).read_bytes()
        assert (photo.sha256, photo.bytes) == (hashlib.sha256(data).hexdigest(), len(data))
    for photo in photos:
        with Image.open(project.thumbnail(photo)) as thumbnail:
            assert (thumbnail.format, thumbnail.mode) == ("JPEG", "RGB")
            assert max(thumbnail.size) <= 320


def test_a_folder_is_copied_byte_for_byte_and_not_touched(project, tmp_path, fill):
    folder = fill(tmp_path / "fruit", {"apple": 4, "Größe 梨": 3})
    os.utime(folder / "apple" / "0.jpg", ns=(10**18, 10**18))
    before = files_below(folder)
    summary = bring_folder(project, folder)
    assert files_below(folder) == before
    assert (summary.added, summary.already_there, summary.set_aside, summary.left_out) == (7, 0, 0, [])
    assert files_below(project.photos_folder) == before  # same bytes and times, in plain class folders
    assert project.class_counts() == {"Größe 梨": 3, "apple": 4}
    assert [(photo.width, photo.height) for photo in project.photos()] == [(64, 48)] * 7
    check_every_photo(project)


def test_a_zip_gives_what_its_folder_gives(project, tmp_path, fill):
    folder = fill(tmp_path / "fruit", {"apple": 4, "pear": 3})
    packed = shutil.make_archive(str(tmp_path / "fruit"), "zip", folder)
    bring(project, ImportRequest(ZIP, packed))
    other = Project.create(tmp_path / "other", "Other")
    bring_folder(other, folder)
    assert content(project) == content(other)
    assert Path(packed).exists()
    check_every_photo(project)


def test_what_an_import_needed_on_the_way_is_gone_after_it(project, tmp_path, fill):
    packed = shutil.make_archive(str(tmp_path / "fruit"), "zip", fill(tmp_path / "fruit", {"a": 2, "b": 2}))
    this = ImportFolder.create(project)
    bring(project, ImportRequest(ZIP, packed), this)
    assert sorted(path.name for path in this.folder.iterdir()) == ["events.jsonl", "request.json"]
    assert this.job.state() is State.FINISHED


def test_uploaded_files_are_put_into_their_classes(project, jpeg):
    files = {"fruit/apple/1.jpg": jpeg(1), "fruit/pear/1.JPG": jpeg(2), "fruit/pear/note.txt": b"x"}
    this, request = upload(project, files)
    summary = bring(project, request, this)
    assert (summary.added, summary.classes, summary.left_out) == (2, 2, [("fruit/pear/note.txt", "not a photo")])
    assert {(p.label, project.path(p).read_bytes()) for p in project.photos()} == {
        ("apple", jpeg(1)),
        ("pear", jpeg(2)),
    }
    check_every_photo(project)


def test_photos_uploaded_for_one_class_all_go_there(project, jpeg):
    this, request = upload(project, {"1.jpg": jpeg(1), "other/1.jpg": jpeg(2), "other/deep/2.jpg": jpeg(3)}, "apple")
    assert bring(project, request, this).added == 3
    assert project.class_counts() == {"apple": 3}
    assert len({photo.file for photo in project.photos()}) == 3
    check_every_photo(project)


def test_an_upload_without_photos_says_how_to_arrange_them(project, jpeg):
    for files, words in (({"1.jpg": jpeg(1)}, "not in class folders"), ({"a/x.txt": b"x"}, "No photos were found")):
        this, request = upload(project, files)
        with pytest.raises(InputError, match=f"{words}.*Put the photos of each class into a folder"):
            bring(project, request, this)


def test_a_folder_that_does_not_exist_is_told(project, tmp_path):
    with pytest.raises(InputError, match=r"There is no folder or zip"):
        bring_folder(project, tmp_path / "gone")


def test_the_same_folder_again_adds_nothing(project, tmp_path, fill):
    folder = fill(tmp_path / "fruit", {"apple": 4, "pear": 3})
    (folder / "apple" / "bad.jpg").write_bytes(b"no photo")
    bring_folder(project, folder)
    before = content(project), stored_files(project)
    summary = bring_folder(project, folder)
    assert (summary.added, summary.set_aside, summary.already_there) == (0, 0, 8)
    assert (content(project), stored_files(project)) == before


def test_another_photo_of_the_same_name_is_kept_beside_the_first(project, tmp_path, fill):
    bring_folder(project, fill(tmp_path / "one", {"apple": 1, "pear": 1}, first_seed=0))
    summary = bring_folder(project, fill(tmp_path / "two", {"apple": 1, "pear": 1}, first_seed=50))
    assert (summary.added, summary.already_there) == (2, 0)
    assert sorted(p.file for p in project.photos("apple")) == ["photos/apple/0 2.jpg", "photos/apple/0.jpg"]
    assert {p.name for p in project.photos("apple")} == {"apple/0.jpg"}
    check_every_photo(project)


def test_names_that_differ_only_in_case_get_two_files(project, tmp_path, jpeg):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for i, name in enumerate(("a/x.jpg", "a/X.JPG", "A/x.jpg", "b/x.jpg")):
            archive.writestr(name, jpeg(i))
    bring(project, ImportRequest(ZIP, str(tmp_path / "a.zip")))
    assert len({photo.file.lower() for photo in project.photos()}) == 4
    check_every_photo(project)


@pytest.mark.parametrize("label", ["..", "CON", "a?b", "x" * 200, "🍎" * 60, "dots...", "quote \" '"])
def test_any_class_name_gets_a_folder_below_photos(project, jpeg, label):
    this, request = upload(project, {"1.jpg": jpeg(1), ("n" * 200) + ".jpg": jpeg(2)}, label)
    bring(project, request, this)
    first, second = project.photos(label)
    assert {project.path(p).parent.parent for p in (first, second)} == {project.photos_folder}
    assert all(p.file.endswith(".jpg") for p in (first, second))
    check_every_photo(project)


def test_bad_files_are_set_aside_byte_for_byte_with_their_reasons(project, tmp_path, fill, jpeg):
    folder = fill(tmp_path / "fruit", {"apple": 2, "pear": 1})
    bad = {"cut.jpg": jpeg(9)[:300], "empty.jpg": b"", "page.png": b"<html></html>"}
    for name, data in bad.items():
        (folder / "apple" / name).write_bytes(data)
    summary = bring_folder(project, folder)
    assert (summary.added, summary.set_aside) == (3, 3)
    aside = {Path(p.file).name: p for p in project.photos_set_aside()}
    assert {name: project.path(p).read_bytes() for name, p in aside.items()} == bad
    assert {name: p.set_aside for name, p in aside.items()} == {
        "cut.jpg": "damaged or cut short",
        "empty.jpg": EMPTY.reason,
        "page.png": WEB_PAGE.reason,
    }
    assert all(p.file.startswith("set-aside/apple/") for p in aside.values())
    check_every_photo(project)


def test_a_class_of_which_no_photo_comes_in_is_named_and_the_rest_is_kept(project, tmp_path, fill, jpeg):
    folder = fill(tmp_path / "fruit", {"apple": 2, "pear": 2, "plum": 1, "fig": 1})
    (folder / "plum" / "0.jpg").write_bytes(b"<html></html>")
    (folder / "plum" / "1.jpg").write_bytes(b"<html></html>")
    (folder / "fig" / "0.jpg").rename(folder / "fig" / "0.part")
    (folder / "empty").mkdir()
    summary = bring_folder(project, folder)
    assert (summary.added, project.class_counts()) == (4, {"apple": 2, "pear": 2})
    assert summary.lost == [
        "empty is empty",
        "fig: none of 1 can be read (unfinished downloads)",
        "plum: none of 2 can be read (web pages)",
    ]
    assert summary.left_out == [("empty/", "is empty"), ("fig/0.part", UNFINISHED.reason)]
    (folder / "plum" / "2.jpg").write_bytes(jpeg(77))
    assert bring_folder(project, folder).lost == summary.lost[:2]


def test_a_class_that_the_user_set_aside_is_not_called_lost(project, tmp_path, fill):
    folder = fill(tmp_path / "fruit", {"apple": 2, "pear": 2})
    bring_folder(project, folder)
    edits.set_aside(project, [photo.id for photo in project.photos("pear")])
    assert bring_folder(project, folder).lost == []


def test_uploads_of_a_class_without_a_photo_are_named_too(project, jpeg):
    this, request = upload(project, {"f/a/1.jpg": jpeg(1), "f/b/1.jpg": jpeg(2), "f/c/1.pdf": b"%PDF-1.7"})
    assert bring(project, request, this).lost == ["c: none of 1 can be read (PDF documents)"]


def test_photos_come_in_whatever_they_are_called_and_get_an_ending(project, tmp_path, jpeg):
    for label, names in {"apple": ["1.dat", "2", "3.jpg_large"], "pear": ["1.jpg?w=300", "2.JPG~"]}.items():
        for n, name in enumerate(names):
            (tmp_path / "fruit" / label).mkdir(parents=True, exist_ok=True)
            (tmp_path / "fruit" / label / name).write_bytes(jpeg(10 * n + len(label)))
    assert bring_folder(project, tmp_path / "fruit").added == 5
    assert {Path(photo.file).suffix for photo in project.photos()} == {".jpg"}
    assert {photo.name for photo in project.photos("pear")} == {"pear/1.jpg?w=300", "pear/2.JPG~"}
    assert bring_folder(project, tmp_path / "fruit").already_there == 5
    check_every_photo(project)


def test_one_file_that_cannot_be_opened_does_not_stop_the_rest(project, tmp_path, fill, monkeypatch):
    folder = fill(tmp_path / "fruit", {"apple": 3, "pear": 2})
    real_open = Path.open

    def locked(path, *args, **options):
        if path.parent.name == "apple" and path.name == "1.jpg" and folder in path.parents:
            raise PermissionError(errno.EACCES, "locked")
        return real_open(path, *args, **options)

    monkeypatch.setattr(Path, "open", locked)
    monkeypatch.setattr(import_storing, "inspect_all", inspect_known)  # in this process, where the file is locked
    for added in (4, 0):
        summary = bring_folder(project, folder)
        assert (summary.added, summary.left_out) == (added, [("apple/1.jpg", "no permission to read it")])
    check_every_photo(project)


def test_a_file_name_that_is_no_valid_text_comes_in(project, tmp_path, fill, jpeg):
    folder = fill(tmp_path / "fruit", {"apple": 1, "pear": 1})
    try:
        with open(os.path.join(bytes(folder / "apple"), b"caf\xe9.jpg"), "wb") as file:
            file.write(jpeg(9))
    except OSError:
        pytest.skip("this file system takes only valid text as names")
    assert bring_folder(project, folder).added == 3
    assert "apple/caf\ufffd.jpg" in {photo.name for photo in project.photos()}
    check_every_photo(project)


def test_a_test_folder_keeps_its_part(project, tmp_path, fill):
    folder = tmp_path / "fruit"
    fill(folder / "Training", {"a": 5, "b": 5})
    fill(folder / "Test", {"a": 2, "b": 2}, first_seed=70)
    bring_folder(project, folder)
    assert [photo.split for photo in project.photos()].count("test") == 4
    assert given_subsets(project) == {"test"}
    check_every_photo(project)


def stop_after_the_first_batch(this):
    def on_event(event):
        if event["event"] == PROGRESS and event["done"] >= 3:
            this.job.request_stop(keep=True)

    this.job = Job(this.folder, on_event)


@pytest.mark.usefixtures("small_batches")
def test_a_stopped_import_run_again_equals_an_uninterrupted_one(project, tmp_path, fill):
    folder = fill(tmp_path / "fruit", {"apple": 6, "pear": 6})
    (folder / "pear" / "bad.jpg").write_bytes(b"no photo")
    this = ImportFolder.create(project)
    stop_after_the_first_batch(this)
    with pytest.raises(StopRequested):
        bring(project, ImportRequest(FOLDER, str(folder)), this)
    assert len(project.photos()) == 3
    check_every_photo(project)
    summary = bring_folder(project, folder)
    assert (summary.added, summary.set_aside, summary.already_there) == (9, 1, 3)
    whole = Project.create(tmp_path / "whole", "Whole")
    bring_folder(whole, folder)
    assert content(project) == content(whole)
    check_every_photo(project)


@pytest.mark.usefixtures("small_batches")
def test_a_stopped_zip_leaves_nothing_unpacked_and_goes_on_from_there(project, tmp_path, fill):
    packed = shutil.make_archive(str(tmp_path / "fruit"), "zip", fill(tmp_path / "fruit", {"apple": 6, "pear": 6}))
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(ZIP, packed))
    monitor = this.job
    calls = []

    def on_event(event):
        calls.append(event)
        if event["event"] == PROGRESS and project.photos():
            monitor.request_stop(keep=True)

    this.job = Job(this.folder, on_event)
    with pytest.raises(StopRequested):
        run_import(project, this, workers=2)
    assert not this.unpacked.exists()
    this.job.forget_stop()
    assert run_import(project, ImportFolder(this.folder), workers=2).already_there == 3
    assert project.class_counts() == {"apple": 6, "pear": 6}
    check_every_photo(project)


@pytest.mark.usefixtures("small_batches")
@pytest.mark.parametrize("links", [True, False])
def test_an_upload_killed_between_file_and_row_loses_nothing(project, jpeg, monkeypatch, links):
    files = {f"{label}/{i}.jpg": jpeg(10 * ord(label) + i) for label in "ab" for i in range(4)}
    if not links:  # as on a stick with a FAT file system, which can only move
        monkeypatch.setattr(os, "link", lambda source, target: (_ for _ in ()).throw(PermissionError()))
    this, request = upload(project, files)
    add_rows, calls = Project.add_rows, []

    def killed_at_the_second(self, rows, *known):
        calls.append(rows)
        if len(calls) == 2:
            raise KeyboardInterrupt
        add_rows(self, rows, *known)

    with monkeypatch.context() as patch:
        patch.setattr(Project, "add_rows", killed_at_the_second)
        with pytest.raises(KeyboardInterrupt):
            bring(project, request, this)
    assert len(project.photos()) == 3
    run_import(project, this, workers=2)
    if links:
        assert {(p.name, project.path(p).read_bytes()) for p in project.photos()} == set(files.items())
        check_every_photo(project)
    else:  # what was moved and not yet listed is still in its class folder
        on_disk = {path.read_bytes() for path in project.photos_folder.rglob("*.jpg")}
        assert on_disk == set(files.values())


@pytest.mark.usefixtures("small_batches")
def test_a_disk_that_fills_up_is_told_and_what_was_added_stays(project, tmp_path, fill, monkeypatch):
    folder = fill(tmp_path / "fruit", {"apple": 6, "pear": 6})
    copy, copied = shutil.copyfile, []

    def filling(source, target):
        copied.append(source)
        if len(copied) > 7:
            Path(target).write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return copy(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(shutil, "copyfile", filling)
        with pytest.raises(StorageError, match=r"disk is full.*while storing the photos.*still there"):
            bring_folder(project, folder)
    assert len(project.photos()) == 6
    assert all(project.path(p).read_bytes() == (folder / p.name).read_bytes() for p in project.photos())
    assert bring_folder(project, folder).added == 6
    check_every_photo(project)


@pytest.fixture
def tiny_disk(tmp_path):
    """A real file system of 1 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True)
    if mounted.returncode:
        pytest.skip("this user can't mount a file system")
    yield disk
    subprocess.run(["umount", str(disk)], check=True, timeout=30)


@pytest.mark.skipif(not shutil.which("mount"), reason="this system has no mount")
@pytest.mark.usefixtures("small_batches")
def test_a_really_full_disk_is_told_and_what_was_added_stays(tiny_disk, tmp_path, draw):
    folder = tmp_path / "fruit"
    for label, first in (("apple", 0), ("pear", 50)):
        (folder / label).mkdir(parents=True)
        for i in range(10):
            encoded = io.BytesIO()
            draw(first + i).save(encoded, "JPEG", comment=os.urandom(60_000))
            (folder / label / f"{i}.jpg").write_bytes(encoded.getvalue())
    project = Project.create(tiny_disk / "project", "Fruit")
    (tiny_disk / "ballast").write_bytes(bytes(200_000))
    with pytest.raises(StorageError, match=r"disk is full"):
        bring_folder(project, folder)
    (tiny_disk / "ballast").unlink()  # reading the list takes some room too
    photos = project.photos()
    assert 3 <= len(photos) < 20
    assert all(project.path(p).read_bytes() == (folder / p.name).read_bytes() for p in photos)


def test_progress_ends_with_everything_and_the_summary_is_the_last_event(project, tmp_path, fill):
    this = ImportFolder.create(project)
    summary = bring(project, ImportRequest(FOLDER, str(fill(tmp_path / "fruit", {"a": 3, "b": 3}))), this)
    events = this.job.events()
    assert [(e["done"], e["total"]) for e in events if e["event"] == PROGRESS][-1] == (6, 6)
    assert events[-1]["event"] == FINISHED
    assert events[-1]["added"] == summary.added == 6


def test_imports_are_listed_newest_first(project):
    assert imports(project) == []
    made = [ImportFolder.create(project).folder for _ in range(3)]
    assert [each.folder for each in imports(project)] == made[::-1]


def test_an_upload_keeps_its_bytes_under_a_number_and_only_a_short_suffix(project):
    this = ImportFolder.create(project)
    kept = [
        keep_upload(this.incoming, i, name, b"x")
        for i, name in enumerate(["../../a/B.JPEG", "no suffix", "a.longsuffix"])
    ]
    assert [stored for stored, _ in kept] == ["000000.jpeg", "000001", "000002.longs"]
    assert [name for _, name in kept] == ["../../a/B.JPEG", "no suffix", "a.longsuffix"]
    assert sorted(path.name for path in this.incoming.iterdir()) == sorted(stored for stored, _ in kept)


def test_a_request_comes_back_equal(project):
    this = ImportFolder.create(project)
    request = ImportRequest(UPLOAD, label="Größe", names={"000000.jpg": "a/梨 🍎.jpg"})
    this.write_request(request)
    assert ImportFolder(this.folder).request() == request


def test_a_folder_brought_in_again_after_tidying_adds_only_what_is_new(project, tmp_path, fill):
    folder = fill(tmp_path / "fruit", {"apple": 3, "pear": 3})
    bring_folder(project, folder)
    moved, aside = project.photos("apple")[:2]
    edits.move(project, [moved.id], "quince")
    edits.set_aside(project, [aside.id])
    edits.rename_class(project, "pear", "Pear")
    fill(folder, {"apple": 4})
    summary = bring_folder(project, folder)
    assert (summary.added, summary.already_there) == (1, 6)
    assert project.class_counts() == {"Pear": 3, "apple": 2, "quince": 1}


def test_a_photo_that_is_brought_for_two_classes_by_hand_is_in_both(project, jpeg):
    for label in ("apple", "pear"):
        this, request = upload(project, {"1.jpg": jpeg(1)}, label)
        assert bring(project, request, this).added == 1
    assert project.class_counts() == {"apple": 1, "pear": 1}


def test_progress_tells_the_rate_and_the_time_left(project, tmp_path, fill, monkeypatch):
    monkeypatch.setattr(import_storing, "BATCH_S", 60.0)  # so that 100 photos are a batch on a busy computer too
    this = ImportFolder.create(project)
    bring(project, ImportRequest(FOLDER, str(fill(tmp_path / "fruit", {"a": 150, "b": 150}))), this)
    events = this.job.events()
    begun = next(i for i, event in enumerate(events) if event.get("name") == "comparing")
    progress = [event for event in events[:begun] if event["event"] == PROGRESS]
    compared = [event for event in events[begun:] if event["event"] == PROGRESS]
    assert (compared[0]["done"], compared[0]["total"]) == (0, 300)
    assert [(event["done"], event["total"]) for event in progress] == [(100, 300), (200, 300), (300, 300)]
    assert all(event["per_second"] > 0 for event in progress)
    assert [event["seconds_left"] for event in progress[::2]] == [None, 0]  # after one step there is no ground for one
