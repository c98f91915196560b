"""How pictures are read, on the Photos page."""

import numpy as np
import pytest
import tifffile

from core.photos.pictures import PictureSettings
from core.photos.readers.dicom import DICOM_NOTE
from core.projects.imports import PICTURES, ImportFolder, run_import
from core.projects.picture_settings import COMING, pictures_of
from pages.components.photos.picture_reading import BEYOND
from tests.pages.screen import button, labels, press, widget


@pytest.fixture
def stacks(workspace, tmp_path, import_more):
    """A project of 12-bit stacks whose first page is blank, and a picture of five bands."""
    for i, label in enumerate(("cross", "cross", "disc", "disc")):
        (tmp_path / "in" / label).mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(i).integers(0, 4096, (48, 48), np.uint16)
        tifffile.imwrite(tmp_path / "in" / label / f"{i}.tif", np.stack([noise * 0, noise]), photometric="minisblack")
    bands = np.random.default_rng(9).integers(0, 256, (48, 48, 5), np.uint8)
    tifffile.imwrite(tmp_path / "in" / "disc" / "five.tif", bands, photometric="minisblack", planarconfig="contig")
    made = workspace.create("Stacks")
    import_more(made, tmp_path / "in")
    return made


def expanders(app):
    return [each.label for each in app.expander]


def test_ordinary_photos_need_no_choice(project, open_page):
    assert "How pictures are read" not in expanders(open_page("photos"))


def test_what_was_seen_is_said_and_another_page_is_read_with_one_press(stacks, open_page, words, submitted):
    app = open_page("photos")
    assert "How pictures are read" in expanders(app)
    assert "4 files with 2 pages: page 1 is used, and it is blank in 4." in words(app)
    assert "1 picture with 5 bands: 1 is red, 2 green, 3 blue." in words(app)
    assert "4 pictures of 16 bits" in words(app)
    assert button(app, "Apply to all").proto.disabled
    pictures = len(app.get("imgs")) if app.get("imgs") else len(app.get("image"))
    widget(app, "number_input", "Page").set_value(2).run()
    shown = len(app.get("imgs")) if app.get("imgs") else len(app.get("image"))
    assert shown == pictures + 2  # now, and then
    press(app, "Apply to all")
    ((kind, folder),) = submitted
    this = ImportFolder(folder)
    assert (kind, this.request().kind, this.request().pictures["page"]) == ("import", PICTURES, 1)
    run_import(stacks, this, workers=2)
    assert pictures_of(stacks) == PictureSettings((("uint16", 0.0, 4095.0),), page=1)
    again = open_page("photos")
    assert "4 pictures of 16 bits: 0 is black, 4,095 white." in words(again)
    assert "4 files with 2 pages: page 2 is used." in words(again)
    assert "pictures read again in" in words(again)
    assert button(again, "Apply to all").proto.disabled


def test_other_bands_can_be_chosen(stacks, open_page, submitted):
    app = open_page("photos")
    widget(app, "number_input", "Red is band").set_value(5).run()
    press(app, "Apply to all")
    assert ImportFolder(submitted[0][1]).request().pictures["bands"] == [4, 1, 2]


def test_a_change_that_was_stopped_half_way_is_said_and_can_be_made_again(stacks, open_page, words):
    stacks.keep_setting(COMING, '{"page": 1}')
    app = open_page("photos")
    assert "was stopped half way" in words(app)
    assert not button(app, "Apply to all").proto.disabled


def test_of_a_depth_alone_there_is_nothing_to_choose(workspace, tmp_path, import_more, open_page, words):
    for label in ("cross", "disc"):
        (tmp_path / "in" / label).mkdir(parents=True)
        tifffile.imwrite(tmp_path / "in" / label / "0.tif", np.full((48, 48), 900, np.uint16))
    made = workspace.create("Deep")
    import_more(made, tmp_path / "in")
    app = open_page("photos")
    assert "2 pictures of 16 bits: 0 is black, 1,023 white." in words(app)
    assert "Apply to all" not in labels(app)


def test_where_there_are_dicom_files_it_is_said_what_they_hold(project, open_page, words):
    assert DICOM_NOTE not in words(open_page("photos"))
    with project.database() as db:
        db.execute("update photos set file = 'photos/cross/scan.DCM' where id = 1")
    assert DICOM_NOTE in words(open_page("photos"))


@pytest.mark.slow
def test_a_picture_beyond_what_is_kept_is_said_and_read_anew_with_one_press(
    workspace, tmp_path, import_more, open_page, words, submitted
):
    for i in range(10):
        label, top = ("cross", "disc")[i % 2], 60_000 if i == 9 else 1000
        (tmp_path / "in" / label).mkdir(parents=True, exist_ok=True)
        values = np.random.default_rng(i).integers(0, top, (48, 48), np.uint16)
        tifffile.imwrite(tmp_path / "in" / label / f"{i}.tif", values)
    made = workspace.create("Deep")
    import_more(made, tmp_path / "in")
    assert BEYOND not in words(open_page("photos"))
    made.keep_setting("pictures", '{"ranges": [["uint16", 0, 1023]]}')  # as while the deepest was set aside
    assert BEYOND in words(open_page("train"))
    app = open_page("photos")
    assert BEYOND in words(app)
    press(app, "Read them again")
    run_import(made, ImportFolder(submitted[0][1]), workers=2)
    assert BEYOND not in words(open_page("photos"))
    assert pictures_of(made).range_of("uint16") == (0, 65535)
