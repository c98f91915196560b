import io
import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict

import numpy as np
import pytest
from PIL import Image

from core.base.errors import InputError
from core.base.files import content_of
from core.photos.making.recipe import Making
from core.projects import edits
from core.projects.changes import versions
from core.projects.changes.shelf import formerly, versions_of
from core.projects.changes.versions import crop, restore_original, rotate
from core.projects.project import Project
from core.projects.project_split import near_copy_groups, split_photos
from core.projects.split import Shares
from core.runs.photo_places import photos_evaluated
from tests.importing import bring_folder


def picture(seed, size=(64, 40)):
    coarse = np.random.default_rng(seed).integers(0, 256, (5, 8, 3), np.uint8)
    return Image.fromarray(coarse).resize(size, Image.Resampling.BICUBIC)


def put(folder, name, seed, **options):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    picture(seed).save(folder / name, **options)


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "fruit"
    for label, names in {"apple": "abcd", "pear": "efgh"}.items():
        for name in names:
            put(folder, f"{label}/{name}.png", ord(name))
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8769)[0x9003] = "2024:05:06 07:08:09"
    put(folder, "pear/phone.JPG", 1, quality=95, exif=exif.tobytes())
    return folder


@pytest.fixture
def project(tmp_path, source):
    project = Project.create(tmp_path / "project", "Fruit")
    bring_folder(project, source)
    return project


def one(project, name):
    (photo,) = project.photos_where("name like ?", f"%{name}")
    return photo


def pixels(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def state(project):
    """All rows and every file that is a photo's, without what lies on shelves."""
    with project.database() as db:
        looks = db.execute("select photo, phash, taken, near from looks order by photo").fetchall()
    photos = [asdict(photo) for photo in project.photos_where("true")]
    return photos, looks, {photo["file"]: (project.folder / photo["file"]).read_bytes() for photo in photos}


def test_a_turned_photo_is_the_same_photo_with_another_content(project):
    edits.keep(project, [1], "blurred")
    edits.hold_out(project, [1], "test")
    before = one(project, "a.png")
    original = project.path(before).read_bytes()
    edit = rotate(project, [1], 1)
    assert edit.what == "Turned 1 photo to the right"
    after = one(project, "a.png")
    assert (after.id, after.name, after.label, after.split, after.kept, after.added) == (
        before.id, before.name, "apple", "test", "blurred", before.added,
    )  # fmt: skip
    assert (after.width, after.height, after.file) == (40, 64, "photos/apple/a 2.png")
    assert content_of(project.path(after)) == after.sha256 != before.sha256
    assert project.path(after).stat().st_size == after.bytes
    assert np.array_equal(pixels(project.path(after)), np.rot90(np.asarray(picture(ord("a"))), -1))
    assert pixels(project.thumbnail(after)).shape == (64, 40, 3)
    (was,) = formerly(project)
    assert project.path(was).read_bytes() == original
    assert (was.sha256, was.width, was.height, was.file) == (
        before.sha256, 64, 40, f"versions/1/{before.sha256}.png",
    )  # fmt: skip
    assert project.class_counts() == {"apple": 4, "pear": 5}
    assert project.photos_set_aside() == []


def test_undo_and_redo_exchange_the_original_and_the_version(project):
    before = state(project)
    rotate(project, [1, 2, one(project, "phone.JPG").id], 3)
    turned = state(project)
    assert edits.undo(project).what == "Turned 3 photos to the left"
    assert state(project) == before
    edits.redo(project)
    assert state(project) == turned
    edits.undo(project)
    assert state(project) == before


def test_a_version_of_a_version_is_made_of_the_original(project):
    phone = one(project, "phone.JPG")
    original = project.path(phone).read_bytes()
    assert (phone.width, phone.height) == (40, 64)
    for _ in range(3):
        rotate(project, [phone.id], 1)
    thrice = project.path(one(project, "phone.JPG")).read_bytes()
    edits.undo(project)
    edits.undo(project)
    edits.undo(project)
    rotate(project, [phone.id], -1)
    assert project.path(one(project, "phone.JPG")).read_bytes() == thrice
    rotate(project, [phone.id], 1)
    again = one(project, "phone.JPG")
    assert (again.sha256, again.made) == (phone.sha256, "")
    assert project.path(again).read_bytes() == original


def test_a_turned_jpeg_keeps_its_date_and_is_upright(project):
    phone = one(project, "phone.JPG")
    with Image.open(project.path(phone)) as before:
        upright = np.asarray(before.transpose(Image.Transpose.ROTATE_270), float)
    rotate(project, [phone.id], 1)
    after = one(project, "phone.JPG")
    with Image.open(project.path(after)) as image:
        assert image.format == "JPEG"
        assert image.size == (after.width, after.height) == (64, 40)
        assert 0x0112 not in image.getexif()
        assert image.getexif().get_ifd(0x8769)[0x9003] == "2024:05:06 07:08:09"
        assert np.abs(np.asarray(image, float) - np.rot90(upright, -1)).mean() < 4
    with project.database() as db:
        assert db.execute("select taken from looks where photo = ?", (phone.id,)).fetchone() == (1714979289.0,)


def test_a_rectangle_of_a_turned_photo_is_cut_where_it_was_drawn(project):
    rotate(project, [1], 1)
    shown = pixels(project.path(one(project, "a.png")))
    assert crop(project, 1, (4, 10, 30, 60)).what == "Cropped apple/a.png"
    after = one(project, "a.png")
    assert (after.width, after.height) == (26, 50)
    assert np.array_equal(pixels(project.path(after)), shown[10:60, 4:30])
    crop(project, 1, (1, 2, 20, 40))
    assert np.array_equal(pixels(project.path(one(project, "a.png"))), shown[12:50, 5:24])
    rotate(project, [1], 2)
    assert np.array_equal(pixels(project.path(one(project, "a.png"))), shown[12:50, 5:24][::-1, ::-1])


def test_the_original_is_brought_back_after_many_changes_and_that_is_undone(project):
    before = one(project, "a.png")
    rotate(project, [1], 1)
    crop(project, 1, (0, 0, 30, 30))
    edits.move(project, [1], "pear")
    cropped = one(project, "a.png")
    assert cropped.file == "photos/pear/a.png"
    assert restore_original(project, [1, 2]).what == "Went back to the original of 1 photo"
    after = one(project, "a.png")
    assert (after.sha256, after.made, after.label) == (before.sha256, "", "pear")
    assert content_of(project.path(after)) == before.sha256
    edits.undo(project)
    assert one(project, "a.png") == cropped
    assert len(versions_of(project, [1])) == 3
    edits.undo(project)
    edits.undo(project)
    edits.undo(project)
    assert one(project, "a.png") == before
    with pytest.raises(InputError, match="nothing to change"):
        restore_original(project, [1])


@pytest.mark.parametrize(
    ("box", "said"),
    [
        ((0, 0, 65, 40), r"must lie in the picture, which has 64 x 40 pixels"),
        ((-1, 0, 30, 30), r"must lie in the picture"),
        ((30, 0, 30, 30), r"must lie in the picture"),
        ((0, 0, 15, 30), r"too small: a photo needs 16 pixels"),
        ((0, 0, float("nan"), 30), r"four numbers"),
        ((0, 0, 30), r"four numbers"),
    ],
)
def test_a_rectangle_that_can_not_be_cut_is_refused_and_nothing_changes(project, box, said):
    before = state(project)
    with pytest.raises(InputError, match=said):
        crop(project, 1, box)
    assert state(project) == before
    assert edits.last_edit(project) is None


def test_the_whole_picture_as_a_rectangle_changes_nothing(project):
    with pytest.raises(InputError, match="nothing to change"):
        crop(project, 1, (0, 0, 64, 40))


def test_what_can_not_be_turned_is_told_and_the_others_stay_as_they_were(project, tmp_path):
    (tmp_path / "more" / "apple").mkdir(parents=True)
    (tmp_path / "more" / "apple" / "text.jpg").write_text("no photo")
    bring_folder(project, tmp_path / "more")
    (text,) = project.photos_set_aside()
    damaged = one(project, "b.png")
    project.path(damaged).write_bytes(b"changed")
    before = state(project)
    with pytest.raises(InputError, match=r"apple/text.jpg can't be read as a picture"):
        rotate(project, [1, text.id], 1)
    with pytest.raises(InputError, match=r"apple/b.png can't be changed: changed since .* No photo was changed"):
        rotate(project, [1, damaged.id], 1)
    with pytest.raises(InputError, match="not in the project any more"):
        rotate(project, [999], 1)
    with pytest.raises(InputError, match="full turn changes nothing"):
        rotate(project, [1], 4)
    assert state(project) == before


def test_more_photos_than_a_person_waits_for_are_refused(project, monkeypatch):
    monkeypatch.setattr(versions, "MOST_AT_ONCE", 2)
    with pytest.raises(InputError, match="2 photos can be rotated at once"):
        rotate(project, [1, 2, 3], 1)
    assert rotate(project, [1, 2], 1).what == "Turned 2 photos to the right"


def test_windows_that_turn_one_photo_at_once_keep_one_order(project):
    def turn(_):
        with suppress(InputError):  # another window was first
            return rotate(Project(project.folder), [1], 1)

    with ThreadPoolExecutor(3) as windows:
        done = [edit for edit in windows.map(turn, range(3)) if edit]
    photo = one(project, "a.png")
    assert done
    assert Making.of_text(photo.made) == Making(len(done) % 4)
    assert content_of(project.path(photo)) == photo.sha256
    for _ in done:
        edits.undo(project)
    assert one(project, "a.png").made == ""


def test_a_version_stays_in_the_subset_and_group_of_its_original(project):
    splits = {photo.id: photo.split for photo in split_photos(project, 0, Shares(0.25, 0.25))}
    rotate(project, list(splits), 1)
    assert {photo.id: photo.split for photo in split_photos(project, 1, Shares(0.25, 0.25))} == splits
    edits.undo(project)
    assert {photo.id: photo.split for photo in split_photos(project, 2, Shares(0.25, 0.25))} == splits


def test_a_copy_of_the_original_goes_where_its_version_went(project, source, tmp_path):
    rotate(project, [1], 1)
    put(tmp_path / "more", "apple/another name.png", ord("a"))
    put(tmp_path / "more", "apple/smaller.jpg", ord("a"), quality=80)
    assert bring_folder(project, tmp_path / "more").added == 2
    photos = project.photos()
    groups = dict(zip([photo.name for photo in photos], near_copy_groups(project, photos), strict=True))
    assert groups["apple/another name.png"] == groups["apple/a.png"] == groups["apple/smaller.jpg"]
    assert len(set(groups.values())) == len(photos) - 2


def test_a_version_that_looks_like_another_photo_joins_its_group(project, tmp_path):
    put(tmp_path / "more", "apple/x.png", 77)
    turned = picture(77).transpose(Image.Transpose.ROTATE_270)
    turned.resize((44, 70)).save(tmp_path / "more" / "apple" / "y.png")
    bring_folder(project, tmp_path / "more")
    x, y = one(project, "x.png"), one(project, "y.png")
    assert len(set(near_copy_groups(project, [x, y]))) == 2
    rotate(project, [x.id], 1)
    assert len(set(near_copy_groups(project, [x, y]))) == 1


def test_the_original_brought_in_again_is_known(project, source):
    rotate(project, [1, one(project, "phone.JPG").id], 1)
    again = bring_folder(project, source)
    assert (again.added, again.already_there) == (0, 9)
    assert project.class_counts() == {"apple": 4, "pear": 5}


def test_a_damaged_original_is_told_and_mended_by_bringing_it_in_again(project, source):
    rotate(project, [1], 1)
    (was,) = formerly(project)
    project.path(was).write_bytes(b"")
    before = state(project)
    with pytest.raises(InputError, match=r"What apple/a.png was then is missing or damaged"):
        edits.undo(project)
    assert state(project) == before
    assert bring_folder(project, source).mended == 1
    edits.undo(project)
    assert content_of(project.path(one(project, "a.png"))) == was.sha256


def test_equal_photos_are_turned_each_for_itself(project, tmp_path):
    put(tmp_path / "more", "pear/a again.png", ord("a"))
    bring_folder(project, tmp_path / "more")
    ids = [1, one(project, "a again.png").id]
    before = state(project)
    rotate(project, ids, 1)
    first, second = project.photos_with_ids(ids)
    assert first.sha256 == second.sha256 == content_of(project.path(first)) == content_of(project.path(second))
    edits.undo(project)
    assert [photo["sha256"] for photo in state(project)[0]] == [photo["sha256"] for photo in before[0]]
    edits.redo(project)
    assert [content_of(project.path(photo)) for photo in project.photos_with_ids(ids)] == [first.sha256] * 2


def test_a_photo_of_one_colour_stays_the_file_it_is(project, tmp_path):
    (tmp_path / "more" / "apple").mkdir(parents=True)
    encoded = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(encoded, "PNG")
    (tmp_path / "more" / "apple" / "red.png").write_bytes(encoded.getvalue())
    bring_folder(project, tmp_path / "more")
    red = one(project, "red.png")
    rotate(project, [red.id], 1)
    rotate(project, [red.id], 1)
    after = one(project, "red.png")
    assert (after.file, after.sha256, json.loads(after.made)) == (red.file, red.sha256, {"turns": 2})
    assert restore_original(project, [red.id])
    assert one(project, "red.png") == red


def test_what_a_run_saw_is_found_as_it_was(project):
    before = one(project, "a.png")
    edits.move(project, [1], "pear")
    rotate(project, [1], 1)
    (found,) = photos_evaluated(project, [(before.sha256, "apple")])
    assert (found.id, found.label) == (1, "pear")
    assert content_of(project.path(found)) == before.sha256


def test_set_aside_and_renamed_a_version_keeps_its_own_ending(project, tmp_path):
    (tmp_path / "more" / "apple").mkdir(parents=True)
    picture(50).save(tmp_path / "more" / "apple" / "old.bmp")
    bring_folder(project, tmp_path / "more")
    old = one(project, "old.bmp")
    rotate(project, [old.id], 1)
    assert one(project, "old.bmp").file == "photos/apple/old.png"
    edits.set_aside(project, [old.id])
    assert one(project, "old.bmp").file == "set-aside/apple/old.png"
    edits.rename_class(project, "apple", "Apfel")
    assert one(project, "old.bmp").file == "set-aside/Apfel/old.png"
    assert rotate(project, [old.id], 1).what == "Turned 1 photo to the right"
