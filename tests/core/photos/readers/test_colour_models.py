"""Colours that are stored as something else than red, green and blue of 8 bits come out as they are."""

import io

import numpy as np
import pytest
import tifffile
from PIL import Image

from core.photos.decoding import decoded, open_photo
from core.photos.pictures import PictureSettings

ROWS, COLUMNS = np.mgrid[0:48, 0:64]
COLOURS = np.stack([COLUMNS * 4, ROWS * 5, np.full_like(ROWS, 60)], -1).astype(np.uint8)
YCC = np.asarray(Image.fromarray(COLOURS).convert("YCbCr"))


def tiff(values, **options):
    data = io.BytesIO()
    tifffile.imwrite(data, values, **options)
    return data.getvalue()


def off_by(data, wanted):
    """The largest difference, in levels."""
    return np.abs(np.asarray(open_photo(data), int) - wanted).max()


def test_a_deep_tiff_in_ycbcr_comes_out_in_its_colours():
    assert off_by(tiff(YCC.astype(np.uint16) * 257, photometric="ycbcr"), COLOURS) <= 3


def test_a_tiff_in_ycbcr_with_one_band_more_comes_out_in_its_colours():
    data = tiff(np.dstack([YCC, COLUMNS.astype(np.uint8)]), photometric="ycbcr", extrasamples=[0])
    assert off_by(data, COLOURS) <= 3
    assert decoded(data).facts.bands == 4


def soft_alpha():
    return np.clip(COLUMNS * 6, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_soft_alpha_by_which_colours_are_multiplied_is_transparency(dtype):
    alpha = soft_alpha()[..., None]
    wanted = COLOURS * (alpha / 255) + (255 - alpha)
    scale = np.iinfo(dtype).max // 255
    values = np.dstack([np.round(COLOURS * (alpha / 255)), alpha]).astype(dtype) * dtype(scale)
    data = tiff(values, photometric="rgb", extrasamples=["assocalpha"])
    assert off_by(data, wanted) <= 1
    assert decoded(data).facts.bands == 0


def test_soft_alpha_that_could_be_infrared_is_not_used_and_that_is_told():
    found = decoded(tiff(np.dstack([COLOURS, soft_alpha()]), photometric="rgb", extrasamples=["unassalpha"]))
    assert np.array_equal(np.asarray(found.image), COLOURS)
    assert found.facts.bands == 4


def test_floats_near_the_largest_there_is_are_stretched_as_others():
    values = 1.7e308 * np.linspace(-1, 1, 64 * 48).reshape(48, 64)
    found = decoded(tiff(values))
    shown = np.asarray(found.image)[..., 0]
    assert (shown[0, 0], shown[-1, -1]) == (0, 255)
    assert int(shown[24, 0]) == pytest.approx(127, abs=2)
    assert np.isfinite([found.facts.low, found.facts.high]).all()
    half = PictureSettings(ranges=(("float64", 0.0, 1.7e308),))
    assert int(np.asarray(decoded(tiff(values), half).image)[36, 0, 0]) == pytest.approx(127, abs=2)
