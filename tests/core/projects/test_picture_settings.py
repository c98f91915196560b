"""One way of reading pictures for a whole project: measured, kept, changed, and what depends on it made anew."""

import json
import struct
from dataclasses import replace

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from core.base.errors import InputError, StopRequested
from core.photos.pictures import USUAL, PictureSettings
from core.projects import edits, picture_settings
from core.projects.imports import PICTURES, ImportFolder, ImportRequest, run_import
from core.projects.picture_settings import coming, goes_beyond, odd_pictures, pictures_now, pictures_of
from core.projects.project import open_project
from core.projects.project_split import near_copy_groups
from core.projects.workspace import Workspace
from tests.importing import bring, bring_folder

SIDE = 64


def ramp(top, dtype=np.uint16):
    """A picture from black to `top`, its columns alike."""
    return np.tile(np.linspace(0, top, SIDE).astype(dtype), (SIDE, 1))


def write(path, pixels, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    tifffile.imwrite(path, pixels, **options)
    return path


@pytest.fixture
def microscope(tmp_path):
    """Three 12-bit pictures, a float one that is plain to see, and a JPEG."""
    folder = tmp_path / "microscope"
    for i, label in enumerate(("a", "a", "b")):
        write(folder / label / f"{i}.tif", np.roll(ramp(4095), i, axis=1))
    Image.fromarray(np.uint8(ramp(255))).save(folder / "b" / "plain.jpg")
    return folder


def wide_profile():
    """A colour profile with sRGB's colours whose values are linear in light."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for i in range(int.from_bytes(profile[128:132], "big")):
        name, at, _ = struct.unpack_from(">4sII", profile, 132 + 12 * i)
        if name in (b"rTRC", b"gTRC", b"bTRC"):
            struct.pack_into(">4sIHHi", profile, at, b"para", 0, 0, 0, 1 << 16)
    return bytes(profile)


def thumbnails(project):
    """Mean of each photo's thumbnail, by name."""
    return {p.name: float(np.asarray(Image.open(project.thumbnail(p))).mean()) for p in project.photos()}


def brightness(project):
    with project.database() as db:
        rows = db.execute("select name, brightness from photos join looks on photo = photos.id")
        return dict(rows.fetchall())


def read_as(project, settings):
    return bring(project, ImportRequest(PICTURES, pictures=settings.to_json()))


@pytest.fixture
def decoded(monkeypatch):
    """How often photos of a project were read again, by name of the file."""
    seen, inspect_all = [], picture_settings.inspect_all

    def counting(paths, workers, settings):
        seen.extend(path.name for path in paths)
        return inspect_all(paths, workers, settings)

    monkeypatch.setattr(picture_settings, "inspect_all", counting)
    return seen


def test_twelve_bits_are_seen_as_twelve_bits(project, microscope):
    summary = bring_folder(project, microscope)
    assert pictures_of(project) == PictureSettings(ranges=(("uint16", 0.0, 4095.0),))
    assert summary.read_anew == 3
    assert [(each.facts.depth, round(each.facts.high, -2)) for each in odd_pictures(project)] == [("uint16", 4100)] * 3
    assert list(thumbnails(project).values()) == pytest.approx([127.5] * 4, abs=2)
    assert list(brightness(project).values()) == pytest.approx([127.5] * 4, abs=2)


def test_a_deeper_picture_widens_the_stretch_and_only_what_depends_on_it_is_read_again(
    project, microscope, tmp_path, decoded
):
    bring_folder(project, microscope)
    plain = project.thumbnail(next(p for p in project.photos() if p.name.endswith("plain.jpg")))
    before, decoded[:] = plain.stat().st_mtime_ns, []
    write(tmp_path / "same" / "a" / "more.tif", ramp(4000))
    assert bring_folder(project, tmp_path / "same").read_anew == 0
    assert decoded == []  # it was read as the project does at once
    write(tmp_path / "deeper" / "a" / "deep.tif", ramp(65535))
    assert bring_folder(project, tmp_path / "deeper").read_anew == 5
    assert sorted(decoded) == ["0.tif", "1.tif", "2.tif", "deep.tif", "more.tif"]
    assert pictures_of(project).ranges == (("uint16", 0.0, 65535.0),)
    assert plain.stat().st_mtime_ns == before
    means = thumbnails(project)
    assert means["a/deep.tif"] == pytest.approx(127.5, abs=2)
    assert means["a/0.tif"] == pytest.approx(8, abs=2)  # one sixteenth of the light, as it is


def test_another_depth_leaves_those_of_this_one_alone(project, microscope, tmp_path, decoded):
    bring_folder(project, microscope)
    decoded.clear()
    write(tmp_path / "floats" / "a" / "float.tif", ramp(3.0, np.float32))
    assert bring_folder(project, tmp_path / "floats").read_anew == 1
    assert decoded == ["float.tif"]
    depths = {depth: high for depth, _, high in pictures_of(project).ranges}
    assert depths == {"uint16": 4095.0, "float32": pytest.approx(3.0, abs=0.1)}


def test_what_is_set_aside_has_no_say_in_the_stretch(project, microscope, tmp_path):
    write(microscope / "a" / "noise.tif", ramp(65535))
    bring_folder(project, microscope)
    assert pictures_of(project).range_of("uint16") == (0, 65535)
    noise = next(p for p in project.photos() if p.name.endswith("noise.tif"))
    edits.set_aside(project, [noise.id], "noise")
    assert read_as(project, pictures_of(project)).read_anew == 4
    assert pictures_of(project).range_of("uint16") == (0, 4095)
    assert thumbnails(project)["a/0.tif"] == pytest.approx(127.5, abs=2)


def test_the_deepest_picture_that_is_brought_back_is_asked_for_and_learned_from_whole(project, microscope, tmp_path):
    write(microscope / "a" / "deep.tif", ramp(60000))
    bring_folder(project, microscope)
    deep = next(p for p in project.photos() if p.name.endswith("deep.tif"))
    edits.set_aside(project, [deep.id], "noise")
    read_as(project, pictures_of(project))
    assert (goes_beyond(project), pictures_now(project)) == (False, pictures_of(project))
    edits.undo(project)
    assert goes_beyond(project)
    assert pictures_of(project).range_of("uint16") == (0, 4095)
    assert pictures_now(project).range_of("uint16") == (0, 65535)
    assert Workspace(tmp_path / "home").places_of(project).pictures == pictures_now(project)
    read_as(project, pictures_of(project))
    assert not goes_beyond(project)
    assert thumbnails(project)["a/deep.tif"] == pytest.approx(117, abs=2)


def test_a_depth_that_was_all_set_aside_is_asked_for_when_it_comes_back(project, microscope):
    write(microscope / "b" / "float.tif", ramp(3.0, np.float32))
    bring_folder(project, microscope)
    (photo,) = (p for p in project.photos() if p.name.endswith("float.tif"))
    edits.set_aside(project, [photo.id], "noise")
    read_as(project, pictures_of(project))
    edits.undo(project)
    assert goes_beyond(project)
    assert pictures_now(project).range_of("float32") == (0, pytest.approx(3.0, abs=0.1))


@pytest.fixture
def stacks(project, tmp_path):
    """A project of stacks whose first page is blank, the second dark and deep, the third bright."""
    for i, label in enumerate(("a", "a", "b")):
        pages = np.stack([np.zeros((SIDE, SIDE), np.uint16), np.roll(ramp(1000), i, 1), np.roll(ramp(60000), i, 1)])
        write(tmp_path / "stacks" / label / f"{i}.tif", pages, photometric="minisblack")
    bring_folder(project, tmp_path / "stacks")
    return project


def test_another_page_is_read_measured_and_compared_and_the_first_comes_back(stacks):
    assert [(each.facts.pages, each.facts.blank) for each in odd_pictures(stacks)] == [(3, True)] * 3
    first = thumbnails(stacks)
    assert max(first.values()) < 2
    summary = read_as(stacks, PictureSettings(page=1))
    assert (summary.added, summary.read_anew > 0) == (0, True)
    assert pictures_of(stacks) == PictureSettings(ranges=(("uint16", 0.0, 1023.0),), page=1)  # of this page
    assert not any(each.facts.blank for each in odd_pictures(stacks))
    assert list(thumbnails(stacks).values()) == pytest.approx([125] * 3, abs=3)
    with stacks.database() as db:
        assert db.execute("select count(*) from looks where near is null").fetchone() == (0,)
    read_as(stacks, PictureSettings(page=2))
    assert pictures_of(stacks).range_of("uint16") == (0, 65535)
    read_as(stacks, USUAL)
    assert thumbnails(stacks) == first
    assert near_copy_groups(stacks, stacks.photos())


def test_photos_that_come_later_are_read_at_the_chosen_page(stacks, tmp_path, decoded):
    read_as(stacks, PictureSettings(page=1))
    decoded.clear()
    pages = np.stack([np.zeros((SIDE, SIDE), np.uint16), ramp(1020)])
    write(tmp_path / "more" / "a" / "more.tif", pages, photometric="minisblack")
    assert bring_folder(stacks, tmp_path / "more").read_anew == 0
    assert decoded == []
    assert thumbnails(stacks)["a/more.tif"] == pytest.approx(127.5, abs=3)


def test_other_bands_are_taken_as_colours(project, tmp_path):
    bands = np.zeros((SIDE, SIDE, 5), np.uint8)
    bands[..., 3] = ramp(255, np.uint8)
    write(tmp_path / "five" / "a" / "five.tif", bands, photometric="minisblack", planarconfig="contig")
    write(tmp_path / "five" / "b" / "plain.tif", np.stack([ramp(255, np.uint8)] * 3, axis=-1), photometric="rgb")
    bring_folder(project, tmp_path / "five")
    assert [each.facts.bands for each in odd_pictures(project)] == [5]
    assert thumbnails(project)["a/five.tif"] < 2
    assert read_as(project, PictureSettings(bands=(3, 3, 3))).read_anew == 1
    assert thumbnails(project)["a/five.tif"] == pytest.approx(127.5, abs=2)


def test_colour_profiles_can_be_left_out(project, tmp_path):
    folder = tmp_path / "wide"
    (folder / "a").mkdir(parents=True)
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    Image.fromarray(np.stack([np.uint8(ramp(255))] * 3, axis=-1)).save(folder / "a" / "srgb.png", icc_profile=lab)
    bring_folder(project, folder)
    before = pictures_of(project)
    assert read_as(project, replace(before, profiles=False)).read_anew == 0  # sRGB is no other profile
    assert not pictures_of(project).profiles


def test_after_a_kill_half_way_the_next_import_makes_all_of_it_again(stacks, tmp_path, monkeypatch):
    """As if the computer went off when two of three had their new picture."""
    with monkeypatch.context() as patch:
        patch.setattr(picture_settings, "BATCH", 2)
        put, calls = picture_settings.put_thumbnail, []

        def dies_at_the_third(project, photo, data):
            calls.append(photo)
            if len(calls) == 3:
                raise KeyboardInterrupt
            put(project, photo, data)

        patch.setattr(picture_settings, "put_thumbnail", dies_at_the_third)
        with pytest.raises(KeyboardInterrupt):
            read_as(stacks, PictureSettings(page=2))
    assert pictures_of(stacks).page == 0
    assert coming(stacks).page == 2
    assert sorted(mean > 100 for mean in thumbnails(stacks).values()) == [False, True, True]
    (tmp_path / "nothing new" / "a").mkdir(parents=True)
    Image.new("RGB", (SIDE, SIDE), "red").save(tmp_path / "nothing new" / "a" / "red.png")
    assert bring_folder(stacks, tmp_path / "nothing new").read_anew >= 3
    assert (pictures_of(stacks).page, coming(stacks)) == (2, None)
    means = [mean for name, mean in thumbnails(stacks).items() if name.endswith(".tif")]
    assert means == pytest.approx([116] * 3, abs=12)


def test_a_stop_half_way_can_be_gone_on_with(stacks):
    this = ImportFolder.create(stacks)
    this.write_request(ImportRequest(PICTURES, pictures=PictureSettings(page=1).to_json()))
    this.job.request_stop(True)
    with pytest.raises(StopRequested):
        run_import(stacks, this, workers=2)
    assert (pictures_of(stacks).page, coming(stacks).page) == (0, 1)
    read_as(stacks, PictureSettings(page=1))
    assert (pictures_of(stacks).page, coming(stacks)) == (1, None)


def as_of_an_older_version(project):
    """The same project, with a database that knows nothing of facts, nor of versions of a photo."""
    with project.database() as db:
        db.execute("drop table versions")
        db.execute("alter table photos drop column made")
        db.execute("alter table edits drop column redoable")
        db.execute("drop table pictures")
        columns = "photo, phash, taken, brightness, sharpness, colours, near"
        db.execute(f"create table older as select {columns} from looks")
        db.execute("drop table looks")
        db.execute("alter table older rename to looks")
        db.execute("delete from settings where name = ?", (picture_settings.PICTURES,))
        db.execute("pragma user_version = 3")
    return open_project(project.folder)


def test_pictures_that_an_older_version_brought_in_have_their_say_too(project, microscope, tmp_path, decoded):
    """Else their whites would be cut off by a stretch that was measured without them."""
    write(microscope / "b" / "deep.tif", ramp(60000))
    bring_folder(project, microscope)
    older = as_of_an_older_version(project)
    assert odd_pictures(older) == []
    decoded.clear()
    write(tmp_path / "new" / "a" / "new.tif", ramp(4000))
    bring_folder(older, tmp_path / "new")
    assert pictures_of(older).range_of("uint16") == (0, 65535)
    assert len(odd_pictures(older)) == 5
    assert "plain.jpg" not in decoded
    decoded.clear()
    write(tmp_path / "newer" / "a" / "newer.tif", ramp(4000))
    assert bring_folder(older, tmp_path / "newer").read_anew == 0
    assert decoded == []


def test_pages_and_profiles_that_an_older_version_brought_in_are_known_after_the_next_import(
    project, tmp_path, decoded
):
    (tmp_path / "older" / "a").mkdir(parents=True)
    frames = [Image.fromarray(np.uint8(ramp(top))) for top in (0, 250)]
    frames[0].save(tmp_path / "older" / "a" / "two.gif", save_all=True, append_images=frames[1:])
    colours, wide = Image.fromarray(np.stack([np.uint8(ramp(255))] * 3, -1)).resize((640, 640)), wide_profile()
    colours.save(tmp_path / "older" / "a" / "wide.jpg", icc_profile=wide, exif=b"Exif\0\0" + bytes(60_000))
    colours.save(tmp_path / "older" / "a" / "plain.jpg", exif=b"Exif\0\0" + bytes(60_000))
    bring_folder(project, tmp_path / "older")
    older = as_of_an_older_version(project)
    for thumbnail in list(project.thumbnails_folder.rglob("*.jpg")):
        thumbnail.unlink()  # it may be the photo itself, by another name
        Image.new("RGB", (SIDE, SIDE)).save(thumbnail)  # as it was made by another decoder
    decoded.clear()
    assert read_as(older, PictureSettings(page=1)).read_anew == 3
    assert sorted(decoded) == ["two.gif", "two.gif", "wide.jpg"]  # once to know it, and once at the other page
    facts = {each.photo.name.split("/")[-1]: each.facts for each in odd_pictures(older)}
    assert (facts["two.gif"].pages, facts["wide.jpg"].profile, len(facts)) == (2, True, 2)
    means = thumbnails(older)
    assert (means["a/two.gif"], means["a/plain.jpg"]) == (pytest.approx(125, abs=2), 0)
    with Image.open(older.thumbnail(next(p for p in older.photos() if p.name == "a/wide.jpg"))) as shown:
        assert np.asarray(shown)[0, 160].tolist() == pytest.approx([188] * 3, abs=3)  # of linear values, half


def test_the_look_at_older_photos_can_be_stopped_and_gone_on_with(project, microscope):
    bring_folder(project, microscope)
    older = as_of_an_older_version(project)
    this = ImportFolder.create(older)
    this.write_request(ImportRequest(PICTURES, pictures=USUAL.to_json()))
    this.job.request_stop(True)
    with pytest.raises(StopRequested):
        run_import(older, this, workers=2)
    assert odd_pictures(older) == []
    assert read_as(older, USUAL).read_anew >= 3
    assert len(odd_pictures(older)) == 3


def test_a_project_of_ordinary_photos_has_nothing_to_read_again(project, fill, tmp_path, decoded):
    assert bring_folder(project, fill(tmp_path / "fruit", {"apple": 3})).read_anew == 0
    assert odd_pictures(project) == []
    assert pictures_of(project) == USUAL
    assert project.setting(picture_settings.PICTURES) == ""
    assert decoded == []


UNUSABLE = ["{", "[]", '{"page": -1}', '{"bands": [0, 1]}', '{"ranges": [["uint16", 0, NaN]]}', "[" * 100_000]


@pytest.mark.parametrize("text", UNUSABLE, ids=lambda text: text[:20])
def test_settings_that_are_damaged_count_as_none(project, microscope, text):
    for name in (picture_settings.PICTURES, picture_settings.COMING, picture_settings.UNKNOWN):
        project.keep_setting(name, text)
    assert (pictures_of(project), coming(project)) == (USUAL, None)
    bring_folder(project, microscope)
    assert pictures_of(project).ranges == (("uint16", 0.0, 4095.0),)
    assert [project.setting(name) for name in (picture_settings.COMING, picture_settings.UNKNOWN)] == ["", ""]


def test_where_it_isn_t_known_which_photos_are_older_all_are_looked_at_again(project, microscope):
    bring_folder(project, microscope)
    with project.database() as db:
        db.execute("delete from pictures")
    project.keep_setting(picture_settings.UNKNOWN, "9" * 40)
    assert read_as(project, pictures_of(project)).read_anew == 3
    assert len(odd_pictures(project)) == 3


def test_settings_of_a_page_that_can_not_be_are_refused(project):
    with pytest.raises(InputError, match="can't be used"):
        bring(project, ImportRequest(PICTURES, pictures={"page": -3}))


def test_a_stretch_that_another_decoder_made_is_made_again(project, microscope):
    bring_folder(project, microscope)
    kept = json.loads(project.setting(picture_settings.PICTURES))
    project.keep_setting(picture_settings.PICTURES, json.dumps({**kept, "decoder": 1}))
    assert read_as(project, pictures_of(project)).read_anew == 3
    assert json.loads(project.setting(picture_settings.PICTURES)) == kept


def test_what_was_measured_holds_as_long_as_pictures_are_read_alike(stacks):
    before = stacks.photo_state()
    read_as(stacks, PictureSettings(page=1))
    assert stacks.photo_state() != before
    read_as(stacks, USUAL)
    assert stacks.photo_state() == before
