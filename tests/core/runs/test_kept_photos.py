import os
import shutil
from pathlib import Path

import pytest

from core.base import checksums
from core.base.files import file_sha256
from core.models.config import TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.runs.kept_photos import KeptPhotos, keep_photos, kept_photos, remove_kept, room_of
from core.runs.photo_places import photos_where_they_were
from core.runs.run import Run


@pytest.fixture
def unpacked(tmp_path):
    """Photos as an archive's are unpacked, under numbered names: contents 0 to 3, the last two in one class."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    for n in range(4):
        (folder / f"{n}.jpg").write_bytes(bytes([n]) * (n + 1))
    return folder


def made(folder, unpacked, labels=("apple", "pear", "plum", "plum")):
    """A run on those photos."""
    paths = sorted(unpacked.iterdir())
    photos = [LabelledPhoto(str(p), label, "train", file_sha256(p)) for p, label in zip(paths, labels, strict=True)]
    return Run.create(folder, TrainConfig(), photos)


def names_of(run, *names):
    return dict(zip([photo.sha256 for photo in run.photos()], names, strict=True))


def test_copies_lie_in_class_folders_under_their_own_names_and_the_source_may_go(tmp_path, unpacked):
    run = made(tmp_path / "run", unpacked)
    keep_photos(run, [unpacked], names_of(run, "a.jpg", "b.jpg", "c.jpg", "c.jpg"), [])
    shutil.rmtree(unpacked)
    kept = [Path(photo.path).relative_to(tmp_path / "run").as_posix() for photo in run.photos()]
    assert kept == ["photos/apple/a.jpg", "photos/pear/b.jpg", "photos/plum/c.jpg", "photos/plum/c 2.jpg"]
    assert photos_where_they_were(run.photos()).photos == run.photos()
    assert room_of(run) == KeptPhotos(photos=4, bytes=1 + 2 + 3 + 4)


def test_a_run_that_is_moved_as_a_whole_finds_its_copies(tmp_path, unpacked):
    run = made(tmp_path / "run", unpacked)
    keep_photos(run, [unpacked], {}, [])
    moved = Run(run.folder.rename(tmp_path / "moved"))
    assert len(photos_where_they_were(moved.photos()).photos) == 4
    assert Run(unpacked / ".." / "moved").photos() == moved.photos()
    assert kept_photos(Run(unpacked / ".." / "moved")) == moved.photos()


def test_photos_of_a_lasting_folder_stay_where_they_are(tmp_path, unpacked):
    run = made(tmp_path / "run", unpacked)
    before = run.photos()
    keep_photos(run, [tmp_path / "elsewhere"], {}, [])
    assert run.photos() == before
    assert (room_of(run), run.kept_folder.exists()) == (KeptPhotos(0, 0), False)


def test_no_name_leads_out_of_the_run_or_to_one_place_twice(tmp_path, unpacked):
    run = made(tmp_path / "run", unpacked, labels=("../Up", ".._up", "con", "con"))
    keep_photos(run, [unpacked], names_of(run, "../../out.jpg", "/root.jpg", "A.JPG", "a.jpg"), [])
    places = [Path(photo.path) for photo in run.photos()]
    assert all(run.kept_folder.resolve() in place.resolve().parents for place in places)
    assert len({str(place).lower() for place in places}) == 4
    assert [place.read_bytes()[0] for place in places] == [0, 1, 2, 3]
    assert sorted(child.name for child in tmp_path.iterdir()) == ["run", "temporary"]


def test_the_same_photos_take_room_once_and_outlive_each_other(tmp_path, unpacked):
    first, second = made(tmp_path / "first", unpacked), made(tmp_path / "second", unpacked)
    for run in (first, second):
        keep_photos(run, [unpacked], {}, [first, second])
    shutil.rmtree(unpacked)
    assert all(os.path.samefile(a.path, b.path) for a, b in zip(first.photos(), second.photos(), strict=True))
    assert remove_kept(first) == KeptPhotos(4, 10)
    assert photos_where_they_were(first.photos()).missing == 4
    assert len(photos_where_they_were(second.photos()).photos) == 4


def test_a_copy_that_was_changed_is_not_shared(tmp_path, unpacked):
    first, second = made(tmp_path / "first", unpacked), made(tmp_path / "second", unpacked)
    keep_photos(first, [unpacked], {}, [])
    shutil.copy(Path(first.photos()[1].path), tmp_path / "other")
    Path(first.photos()[0].path).unlink()
    (tmp_path / "other").rename(first.photos()[0].path)
    keep_photos(second, [unpacked], {}, [first])
    assert len(photos_where_they_were(second.photos()).photos) == 4


def test_nothing_half_kept_stays(tmp_path, unpacked):
    run = made(tmp_path / "run", unpacked)
    (unpacked / "3.jpg").unlink()
    before = run.photos()
    with pytest.raises(FileNotFoundError):
        keep_photos(run, [unpacked], {}, [])
    assert (run.photos(), run.kept_folder.exists()) == (before, False)


def test_removing_takes_the_listed_copies_and_nothing_else(tmp_path, unpacked):
    run = made(tmp_path / "run", unpacked)
    keep_photos(run, [unpacked], {}, [])
    (run.kept_folder / "apple" / "mine.txt").write_text("a note")
    outside = tmp_path / "outside.jpg"
    outside.write_bytes(b"of somebody else")
    text = run.photos_path.read_text().replace("photos/pear/1.jpg", "photos/../../outside.jpg")
    checksums.unseal(run.photos_path)
    run.photos_path.write_text(text)
    assert remove_kept(run) == KeptPhotos(3, 1 + 3 + 4)
    assert outside.exists()
    left = {p.relative_to(run.kept_folder).as_posix() for p in run.kept_folder.rglob("*") if p.is_file()}
    assert left == {"apple/mine.txt", "pear/1.jpg"}
    assert remove_kept(run) == KeptPhotos(0, 0)


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_removing_follows_no_link_out_of_the_run(tmp_path, unpacked):
    run = made(tmp_path / "run", unpacked)
    keep_photos(run, [unpacked], {}, [])
    (run.kept_folder / "plum").rename(tmp_path / "mine")
    (run.kept_folder / "plum").symlink_to(tmp_path / "mine")
    remove_kept(run)
    assert len(list((tmp_path / "mine").iterdir())) == 2
    assert not (run.kept_folder / "apple").exists()
