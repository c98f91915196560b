import json
import math

import numpy as np
import pytest
import tifffile
from PIL import Image

from core.photos import kept_settings
from core.photos.depths import deep_facts, depth_in_words, may_be_deep, pixels_and_depth
from core.photos.kept_settings import as_kept, pictures_key, to_keep
from core.photos.pictures import BEFORE, USUAL, PictureSettings, project_range

ALL = PictureSettings((("float32", -1.5, 2.0), ("uint16", 0.0, 4095.0)), (3, 1, 0), 4, False)


@pytest.mark.parametrize("settings", [USUAL, BEFORE, ALL, PictureSettings((("int16", 5.0, 5.0),))])
def test_what_was_kept_comes_back(settings):
    assert as_kept(json.loads(json.dumps(to_keep(settings)))) == settings


@pytest.mark.parametrize(
    "value",
    [
        None,
        [],
        "usual",
        {"page": -1},
        {"page": "1"},
        {"page": True},
        {"page": 10**9},
        {"bands": [0, 1]},
        {"bands": [0, 1, -1]},
        {"bands": [0, 1, 1.5]},
        {"profiles": "yes"},
        {"ranges": [["uint16", 0]]},
        {"ranges": [["uint16", 9, 1]]},
        {"ranges": [["uint16", 0, math.inf]]},
        {"ranges": [["'; drop table photos", 0, 1]]},
        {"ranges": 7},
    ],
)
def test_what_is_damaged_is_no_settings(value):
    with pytest.raises(ValueError, match="picture settings"):
        as_kept(value)


def test_each_setting_and_the_decoder_make_another_key(monkeypatch):
    others = [BEFORE, ALL, PictureSettings(page=1), PictureSettings(bands=(2, 1, 0)), PictureSettings(ALL.ranges)]
    keys = [pictures_key(settings) for settings in (USUAL, *others)]
    monkeypatch.setattr(kept_settings, "DECODER", 99)
    keys.append(pictures_key(USUAL))
    assert len(set(keys)) == len(keys)
    assert all(len(key) == 8 for key in keys)


@pytest.fixture
def pictures(tmp_path):
    """A JPEG, PNGs of 8 and 16 bits, and a TIFF of 12."""
    small, deep = np.zeros((32, 32), np.uint8), np.full((32, 32), 4000, np.uint16)
    Image.fromarray(small).save(tmp_path / "small.jpg")
    Image.fromarray(small).save(tmp_path / "small.png")
    Image.fromarray(deep).save(tmp_path / "deep.png")
    tifffile.imwrite(tmp_path / "deep.tif", deep)
    return tmp_path


def test_only_files_that_can_be_deep_are_looked_at(pictures):
    assert {path.name for path in pictures.iterdir() if may_be_deep(path)} == {"deep.png", "deep.tif"}
    assert may_be_deep((pictures / "deep.png").read_bytes())
    assert not may_be_deep(pictures / "gone.tif")


def test_the_stretch_is_measured_on_the_deep_ones_whatever_else_lies_there(pictures):
    (pictures / "broken.tif").write_bytes(b"II*\0no picture")
    found = deep_facts(sorted(pictures.iterdir()), PictureSettings(page=2), workers=2)
    assert project_range(found) == (("uint16", 0.0, 4095.0),)
    assert project_range(deep_facts([pictures / "small.jpg"], USUAL, workers=2)) == ()


def test_pixels_come_with_their_depth(pictures):
    settings = PictureSettings((("uint16", 0.0, 4000.0),))
    pixels, depth = pixels_and_depth(pictures / "deep.tif", 20, settings)
    assert (pixels.shape, int(pixels.min()), depth) == ((20, 20, 3), 255, "uint16")
    pixels, depth = pixels_and_depth((pictures / "small.jpg").read_bytes(), 20, settings)
    assert (pixels.shape, int(pixels.max()), depth) == ((20, 20, 3), 0, "")


def test_depths_have_words():
    assert [depth_in_words(depth) for depth in ("uint16", "int32", "float32")] == [
        "16-bit picture",
        "32-bit picture",
        "picture of decimal numbers",
    ]
