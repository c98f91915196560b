"""Colours that are stored as something else than red, green and blue of 8 bits come out as they are."""

import io
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms

from core.photos.decoding import PhotoError, decoded, open_photo, size_of
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


@pytest.mark.parametrize("most", [255, 200])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_soft_alpha_by_which_colours_are_multiplied_is_transparency(dtype, most):
    alpha = np.minimum(soft_alpha(), most)[..., None]
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


def jpeg_2000(values, bits, **options):
    return imagecodecs.jpeg2k_encode(values, level=0, reversible=True, bitspersample=bits, **options)


@pytest.mark.parametrize("kind", ["jp2", "j2k"])
@pytest.mark.parametrize("bits", [10, 12, 16])
def test_deep_colours_of_jpeg_2000_are_as_bright_as_they_are(bits, kind):
    deep = np.round(COLOURS * ((2**bits - 1) / 255)).astype(np.uint16)
    deep[:4] = 2**bits - 1
    wanted = COLOURS.copy()
    wanted[:4] = 255
    data = jpeg_2000(deep, bits, codecformat=kind)
    assert off_by(data, wanted) <= 1
    assert decoded(data).facts.depth == "uint16"


@pytest.mark.parametrize("bits", [12, 16])
def test_deep_grey_and_deep_colours_of_jpeg_2000_go_by_the_same_range(bits):
    white = np.full((48, 64, 3), 2**bits - 1, np.uint16)
    grey, colours = (decoded(jpeg_2000(each, bits)).facts for each in (np.ascontiguousarray(white[..., 0]), white))
    assert (grey.depth, grey.high) == (colours.depth, colours.high)


def test_deep_transparency_of_jpeg_2000_is_over_white():
    values = np.full((48, 64, 4), 4095, np.uint16)
    values[:, :32] = 1000, 2000, 3000, 0
    values[:, 32:, 1] = 2048
    shown = np.asarray(open_photo(jpeg_2000(values, 12)))
    assert (shown[:, :32] == 255).all()
    assert np.abs(shown[:, 32:].astype(int) - (255, 128, 255)).max() <= 1


def test_signed_values_of_jpeg_2000_begin_at_black():
    values = np.full((48, 64, 3), -2048, np.int16)
    values[:, 32:] = 2047
    shown = np.asarray(open_photo(jpeg_2000(values, 12)))
    assert (shown[:, :32].max(), shown[:, 32:].min()) == (0, 255)


def test_a_jpeg_2000_whose_picture_is_larger_than_its_box_says_is_refused():
    data = bytearray(jpeg_2000(np.full((480, 640, 3), 4095, np.uint16), 12, codecformat="jp2"))
    at = data.find(b"ihdr") + 4
    data[at : at + 8] = struct.pack(">II", 48, 64)
    with pytest.raises(PhotoError, match="damaged or cut short"):
        open_photo(bytes(data))


def box(name, body):
    return struct.pack(">I", 8 + len(body)) + name + body


def test_the_profile_of_a_jpeg_2000_is_applied():
    icc = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    tags = {bytes(icc[at : at + 4]): at for at in range(132, 132 + 12 * icc[131], 12)}
    icc[tags[b"rXYZ"] : tags[b"rXYZ"] + 4], icc[tags[b"bXYZ"] : tags[b"bXYZ"] + 4] = b"bXYZ", b"rXYZ"
    for values in (COLOURS, COLOURS.astype(np.uint16) * 257):
        data = jpeg_2000(values, 8 * values.dtype.itemsize, codecformat="jp2")
        at, size = data.find(b"colr") - 4, len(box(b"colr", bytes(7)))
        assert data[at : at + 4] == struct.pack(">I", size)
        colours = box(b"colr", b"\2\0\0" + bytes(icc))
        head = data.find(b"jp2h") - 4
        longer = int.from_bytes(data[head : head + 4], "big") - size + len(colours)
        tagged = data[:head] + struct.pack(">I", longer) + data[head + 4 : at] + colours + data[at + size :]
        found = decoded(tagged)
        assert found.facts.profile
        assert np.abs(np.asarray(found.image, int) - COLOURS[..., ::-1]).max() <= 3
        assert np.array_equal(np.asarray(open_photo(tagged, settings=PictureSettings(profiles=False))), COLOURS)


JXL = b"\0\0\0\x0cJXL \r\n\x87\n" + box(b"ftyp", b"jxl \0\0\0\0jxl ")


def in_parts(stream, *ends):
    parts = [stream[start:end] for start, end in zip((0, *ends), (*ends, None), strict=True)]
    last = len(parts) - 1
    numbers = [struct.pack(">I", number | (number == last) << 31) for number in range(len(parts))]
    return JXL + b"".join(box(b"jxlp", number + part) for number, part in zip(numbers, parts, strict=True))


@pytest.mark.parametrize("ends", [(), (2,), (1, 2, 3, 4), (40, 41), (5, 5, 5)])
def test_a_jpeg_xl_in_parts_is_read(ends):
    data = in_parts(imagecodecs.jpegxl_encode(COLOURS, lossless=True, usecontainer=False), *ends)
    assert np.array_equal(np.asarray(open_photo(data)), COLOURS)
    assert size_of(data) == (64, 48)


@pytest.mark.parametrize("ends", [(3,), (4,), (2, 6), (3, 4)])
def test_a_jpeg_xl_in_parts_that_claims_too_much_is_refused(ends):
    stream = (0x0AFF | (3 << 17) | ((60_000 - 1) << 19) | (1 << 49)).to_bytes(8, "little")
    data = in_parts(stream + bytes(24 + 15 * 1024), *ends)  # the next part's length reads like a small size
    with pytest.raises(PhotoError, match="claims 60,000 x 60,000 pixels"):
        open_photo(data)


@pytest.mark.parametrize("data", [JXL, in_parts(b"\xff\x0a"), in_parts(b"\xff\x0a\1", 2), JXL + box(b"jxlc", b"")])
def test_a_jpeg_xl_without_a_picture_is_damaged(data):
    with pytest.raises(PhotoError, match="a JPEG XL picture that is damaged or cut short"):
        size_of(data)


@pytest.mark.parametrize("bits", [4, 10, 12])
def test_a_jpeg_xl_is_stretched_by_the_bits_that_it_tells(bits):
    values = np.round(COLOURS * ((2**bits - 1) / 255)).astype(np.uint8 if bits < 8 else np.uint16)
    data = imagecodecs.jpegxl_encode(values, lossless=True, bitspersample=bits)
    assert off_by(data, COLOURS) <= 1 + 128 / 2**bits


def test_deep_jpeg_2000_in_ycbcr_comes_out_in_its_colours():
    data = bytearray(jpeg_2000(YCC.astype(np.uint16) * 257, 16, codecformat="jp2", mct=False))
    at = data.find(b"colr") + 7
    assert data[at : at + 4] == struct.pack(">I", 16)  # sRGB
    data[at : at + 4] = struct.pack(">I", 18)
    assert off_by(bytes(data), COLOURS) <= 3


def test_the_clear_level_of_a_deep_grey_png_is_white():
    values = COLUMNS.astype(np.uint16) * 1000
    data = imagecodecs.png_encode(values)
    at = data.find(b"IDAT") - 4
    clear = b"tRNS" + struct.pack(">H", 5000)
    tagged = data[:at] + struct.pack(">I", 2) + clear + struct.pack(">I", zlib.crc32(clear)) + data[at:]
    shown = np.asarray(open_photo(tagged)).astype(int)
    assert (shown[:, 5] == 255).all()
    assert np.abs(np.delete(shown, 5, axis=1)[..., 0] - np.delete(COLUMNS * 1000 / 257, 5, axis=1)).max() <= 1
