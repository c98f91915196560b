import io

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image

from core.base.errors import InputError
from core.photos.decoding import PhotoError, decoded, open_photo
from core.photos.making.recipe import Making
from core.photos.making.writing import write_made

DRAWN = np.random.default_rng(0)
COLOURS = DRAWN.integers(0, 256, (40, 64, 3), np.uint8)
DEEP = DRAWN.integers(0, 65536, (40, 64), np.uint16)
DEEP_COLOURS = DRAWN.integers(0, 65536, (40, 64, 3), np.uint16)
CROPPED = Making(1, (3, 5, 40, 30))


def encoded(image, kind, **options):
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def tiff(values, **options):
    file = io.BytesIO()
    tifffile.imwrite(file, values, **options)
    return file.getvalue()


IMAGE = Image.fromarray(COLOURS)
TRANSPARENT = Image.fromarray(np.dstack([COLOURS, DEEP.astype(np.uint8)]))
EXACT = {  # and the ending that each gets
    "PNG": (encoded(IMAGE, "PNG"), ".png"),
    "grey PNG": (encoded(IMAGE.convert("L"), "PNG"), ".png"),
    "PNG of few colours": (encoded(IMAGE.quantize(16), "PNG"), ".png"),
    "black and white PNG": (encoded(IMAGE.convert("1"), "PNG"), ".png"),
    "transparent PNG": (encoded(TRANSPARENT, "PNG"), ".png"),
    "TIFF": (encoded(IMAGE, "TIFF"), ".tif"),
    "TIFF of inks": (encoded(IMAGE.convert("CMYK"), "TIFF"), ".tif"),
    "TIFF upside down": (encoded(IMAGE, "TIFF", tiffinfo={274: 3}), ".tif"),
    "BMP": (encoded(IMAGE, "BMP"), ".png"),
    "GIF": (encoded(IMAGE.quantize(), "GIF"), ".png"),
    "WebP": (encoded(IMAGE, "WEBP"), ".png"),
    "TIFF of two pages": (tiff(np.stack([COLOURS, COLOURS]), photometric="rgb"), ".png"),
}


@pytest.mark.parametrize("making", [Making(1), Making(2), CROPPED])
@pytest.mark.parametrize("name", EXACT)
def test_a_version_has_the_pixels_of_its_original(name, making):
    data, suffix = EXACT[name]
    made = write_made(data, making)
    assert made.suffix == suffix
    wanted = making.of_values(np.asarray(open_photo(data)))
    assert np.array_equal(np.asarray(open_photo(made.data)), wanted)


@pytest.mark.parametrize(
    "name", ["PNG", "TIFF", "PNG of colours", "TIFF of colours", "floats", "long floats", "signed"]
)
def test_depth_is_kept_with_every_value(name):
    values, data = {
        "PNG": (DEEP, encoded(Image.fromarray(DEEP), "PNG")),
        "TIFF": (DEEP, tiff(DEEP)),
        "PNG of colours": (DEEP_COLOURS, imagecodecs.png_encode(DEEP_COLOURS)),
        "TIFF of colours": (DEEP_COLOURS, tiff(DEEP_COLOURS, photometric="rgb")),
        "floats": ((DEEP / 7).astype(np.float32), tiff((DEEP / 7).astype(np.float32))),
        "long floats": (DEEP / 7, tiff(DEEP / 7)),
        "signed": (DEEP.astype(np.int16), tiff(DEEP.astype(np.int16))),
    }[name]
    made = write_made(data, CROPPED)
    read = imagecodecs.png_decode(made.data) if made.suffix == ".png" else tifffile.imread(io.BytesIO(made.data))
    assert read.dtype == values.dtype
    assert np.array_equal(read, np.rot90(values[5:30, 3:40], -1))


def test_what_would_lose_its_depth_is_refused():
    stack = tiff(np.stack([DEEP, DEEP]), photometric="minisblack")
    with pytest.raises(PhotoError, match="more than 8 bits a colour"):
        write_made(stack, Making(1))


def test_a_profile_and_colour_chunks_stay():
    profile = b"as long as one: " * 10
    for data in (encoded(IMAGE, "PNG", icc_profile=profile), encoded(IMAGE, "JPEG", icc_profile=profile)):
        with Image.open(io.BytesIO(write_made(data, Making(1)).data)) as image:
            assert image.info["icc_profile"] == profile


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_is_written_upright_whatever_its_camera_said(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "A camera"
    exif.get_ifd(0x8769)[0xA002] = 64
    smooth = IMAGE.resize((64, 40), Image.Resampling.BOX, (0, 0, 5, 4))
    data = encoded(smooth, "JPEG", exif=exif.tobytes(), quality=98, subsampling=0)
    made = write_made(data, CROPPED)
    with Image.open(io.BytesIO(made.data)) as image:
        assert image.getexif().get(0x0112, 1) == 1
        assert image.getexif()[0x010F] == "A camera"
        assert image.getexif().get_ifd(0x8769)[0xA002] == image.width
        shown = np.asarray(image, float)
    wanted = CROPPED.of_values(np.asarray(open_photo(data), float))
    assert np.abs(shown - wanted).mean() < 3


def test_notes_that_are_damaged_are_left_behind():
    data = encoded(IMAGE, "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff nothing of it can be read")
    made = write_made(data, Making(2))
    assert decoded(made.data).header.size == (64, 40)


def test_rectangles_add_up_in_turned_pictures():
    original = np.arange(64 * 40).reshape(40, 64)
    making, shown = Making(), original
    for turns, box in ((1, (2, 3, 38, 60)), (2, (1, 0, 30, 50)), (3, (4, 5, 40, 25)), (1, (0, 0, 18, 30))):
        making, shown = making.turned(turns), np.rot90(shown, -turns)
        making = making.cropped(box, (64, 40))
        left, top, right, bottom = box
        shown = shown[top:bottom, left:right]
        assert np.array_equal(making.of_values(original), shown)
        assert making.size_of((64, 40)) == shown.shape[::-1]
        assert Making.of_text(making.text) == making


def test_turned_all_round_or_cropped_to_all_it_is_the_original():
    assert Making(3).turned(1) == Making(1).turned(-1) == Making()
    assert Making().cropped((0, 0, 64, 40), (64, 40)) == Making()
    assert (Making().text, Making.of_text("")) == ("", Making())


@pytest.mark.parametrize("text", ["x", "[]", '{"turns": 4}', '{"turns": "1"}', '{"box": [0, 0, 0, 9]}', '{"box": [1]}'])
def test_what_tells_of_no_version_is_refused(text):
    with pytest.raises(ValueError):
        Making.of_text(text)


def test_a_rectangle_outside_is_refused():
    with pytest.raises(InputError, match="40 x 64 pixels"):
        Making(1).cropped((0, 0, 64, 40), (64, 40))
