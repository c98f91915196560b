import base64
import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, TiffImagePlugin

from core.photos.decoding import (
    MAX_BYTES,
    PhotoError,
    open_photo,
    photo_bytes,
    pixels_or_error,
    read_pixels,
    to_pixels,
)
from core.photos.readers.limits import MAX_PIXELS

SIZE = (64, 48)


def encode(image, kind, **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png_claiming(width, height):
    def chunk(tag, data):
        return struct.pack(">I", len(data)) + tag + data + struct.pack(">I", zlib.crc32(tag + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(64))) + chunk(b"IEND", b"")
    )


def difference(image, other):
    """Mean absolute difference of two pictures, 0..255."""
    return np.abs(np.asarray(image, np.float32) - np.asarray(other.convert("RGB"), np.float32)).mean()


@pytest.mark.parametrize("kind", ["JPEG", "MPO", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF"])
def test_every_format_opens_as_rgb_of_the_same_picture(draw, kind):
    image = open_photo(encode(draw(1, SIZE), kind))
    assert (image.mode, image.size) == ("RGB", SIZE)
    assert difference(image, draw(1, SIZE)) < (12 if kind == "GIF" else 5)  # a GIF has 256 colours


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("CMYK", "JPEG"), ("CMYK", "TIFF"), ("L", "JPEG"), ("L", "PNG"), ("1", "PNG"), ("P", "PNG"), ("YCbCr", "TIFF")],
)
def test_every_mode_opens_as_rgb_of_the_same_picture(draw, mode, kind):
    given = draw(2, SIZE).convert(mode)
    image = open_photo(encode(given, kind))
    assert (image.mode, image.size) == ("RGB", SIZE)
    assert difference(image, given) < 5


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_what_is_transparent_becomes_white_and_what_is_half_so_half_white(mode):
    given = Image.new("RGBA", (48, 16), (0, 0, 0, 255))
    given.paste((0, 0, 0, 0), (0, 0, 16, 16))
    given.paste((0, 0, 0, 128), (16, 0, 32, 16))
    image = open_photo(encode(given.convert(mode), "PNG"))
    assert [image.getpixel((x, 8))[0] for x in (8, 24, 40)] == pytest.approx([255, 127, 0], abs=1)


def test_a_transparent_palette_colour_becomes_white():
    given = Image.new("P", (32, 16), 0)
    given.putpalette([200, 0, 0, 0, 0, 200])
    given.paste(1, (16, 0, 32, 16))
    image = open_photo(encode(given, "PNG", transparency=0))
    assert [image.getpixel((x, 8)) for x in (4, 28)] == [(255, 255, 255), (0, 0, 200)]


def test_sixteen_bit_grey_keeps_its_tones_and_is_not_white():
    ramp = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)
    image = np.asarray(open_photo(encode(Image.fromarray(ramp), "PNG")))
    assert np.abs(image[..., 0].astype(int) - ramp // 257).max() <= 1
    assert (image[..., 0] == image[..., 2]).all()


def test_a_float_scan_is_stretched_to_its_own_range():
    scan = np.linspace(-3.0, 1.0, 32 * 32).astype(np.float32).reshape(32, 32)
    image = np.asarray(open_photo(encode(Image.fromarray(scan), "TIFF")))
    assert (image.min(), image.max()) == (0, 255)
    assert int(image[16, 0, 0]) == pytest.approx(127, abs=2)


def test_a_float_scan_with_nan_and_infinity_still_opens():
    scan = np.full((32, 32), 0.5, np.float32)
    scan[0, :3] = np.nan, np.inf, -np.inf
    assert open_photo(encode(Image.fromarray(scan), "TIFF")).size == (32, 32)


def test_an_animation_gives_its_first_frame(draw):
    frames = [draw(seed, SIZE) for seed in (10, 11, 12)]
    data = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert difference(open_photo(data), frames[0]) < 12
    assert difference(open_photo(data), frames[1]) > 25


@pytest.mark.parametrize("draft_size", [None, 16])
@pytest.mark.parametrize(
    ("orientation", "turn"),
    [
        (1, None),
        (2, Image.Transpose.FLIP_LEFT_RIGHT),
        (3, Image.Transpose.ROTATE_180),
        (4, Image.Transpose.FLIP_TOP_BOTTOM),
        (5, Image.Transpose.TRANSPOSE),
        (6, Image.Transpose.ROTATE_270),
        (7, Image.Transpose.TRANSVERSE),
        (8, Image.Transpose.ROTATE_90),
    ],
)
def test_exif_turns_the_photo_upright(draw, orientation, turn, draft_size):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = open_photo(encode(draw(3, SIZE), "JPEG", exif=exif, quality=95), draft_size)
    upright = draw(3, SIZE) if turn is None else draw(3, SIZE).transpose(turn)
    assert (image.width > image.height) == (upright.width > upright.height)
    assert difference(image, upright.resize(image.size, Image.Resampling.BOX)) < 6


@pytest.mark.parametrize("tags", [{50706: b"\1\4\0\0"}, {254: 1, 330: (8,)}])
def test_the_preview_in_a_camera_raw_file_is_not_taken_for_the_photo(draw, tags):
    ifd = TiffImagePlugin.ImageFileDirectory_v2()
    for tag, value in tags.items():
        ifd.tagtype[tag] = {50706: 1, 254: 4, 330: 4}[tag]
        ifd[tag] = value
    with pytest.raises(PhotoError, match=r"^a camera RAW file: export it as JPEG or TIFF"):
        open_photo(encode(draw(1, SIZE), "TIFF", tiffinfo=ifd))


def test_the_content_decides_and_not_the_name(tmp_path, jpeg):
    (tmp_path / "wrong.png").write_bytes(jpeg(4))
    assert open_photo(tmp_path / "wrong.png").tobytes() == open_photo(jpeg(4)).tobytes()


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"this is not a picture\n" * 40, "not an image"),
        (b"<html><body>404 not found</body></html>", "a web page: the site sent it"),
        (bytes(4000), "a file of zeros"),
        (bytes(128) + b"DICM" + bytes(40), "a DICOM file without a picture in it"),
        (b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(40), "damaged or cut short|not an image"),
        (b"II*\0\x10\0\0\0CR\x02\0" + bytes(40), "a camera RAW file"),
        (b"\xff\xd8\xff", "not an image|damaged"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 100 100\n", "a picture of a kind that isn't read here"),
        (png_claiming(60_000, 60_000), "claims 60,000 x 60,000 pixels, more than 200 million"),
        (png_claiming(16_385, 12_289), "claims 16,385 x 12,289 pixels"),
        (png_claiming(64, 64), "damaged or cut short"),
        (encode(Image.new("RGB", (1, 1)), "PNG"), r"too small to learn from \(1 x 1 pixels\)"),
        (encode(Image.new("RGB", (400, 15)), "PNG"), r"too small to learn from \(400 x 15 pixels\)"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(data, reason):
    with pytest.raises(PhotoError, match=reason):
        open_photo(data)
    assert isinstance(pixels_or_error(data, 32), PhotoError)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP"])
def test_a_file_cut_short_is_refused(draw, kind):
    data = encode(draw(5, SIZE), kind)
    with pytest.raises(PhotoError, match=r"damaged or cut short|not an image"):
        open_photo(data[: len(data) // 2])


def test_the_largest_phone_sensor_is_not_called_a_bomb():
    with pytest.raises(PhotoError, match=r"damaged or cut short"):  # its pixels are missing, its size is fine
        open_photo(png_claiming(16_320, 12_240))
    assert MAX_PIXELS >= 16_320 * 12_240


def test_the_smallest_photo_worth_learning_from_is_taken(draw):
    assert open_photo(encode(draw(6, (16, 16)), "PNG")).size == (16, 16)


def test_a_file_far_too_large_is_refused_before_it_is_read(tmp_path):
    with (tmp_path / "huge.jpg").open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # sparse: takes no room
    with pytest.raises(PhotoError, match=r"larger than 500 MB"):
        photo_bytes(tmp_path / "huge.jpg")


def test_a_file_that_is_not_there_is_refused_without_its_path(tmp_path):
    with pytest.raises(PhotoError, match=r"^the file can't be opened$"):
        open_photo(tmp_path / "gone.jpg")


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_draft_decoding_gives_almost_the_same_pixels_as_full_decoding(draw, mode):
    data = encode(draw(7, (1600, 1200)).convert(mode), "JPEG", quality=90)
    assert open_photo(data, draft_size=224).size == (400, 300)
    fast, full = read_pixels(data, 224), to_pixels(open_photo(data), 224)
    assert np.abs(fast.astype(int) - full).mean() < 1.0
    assert np.abs(fast.astype(int) - full).max() <= 12


def test_draft_decoding_never_goes_below_the_size_asked_for(draw):
    assert open_photo(encode(draw(8, (500, 300)), "JPEG"), draft_size=224).size == (500, 300)


def test_pixels_hold_the_whole_picture_squeezed_to_a_square():
    halves = Image.new("RGB", (400, 40), "red")
    halves.paste((0, 0, 255), (200, 0, 400, 40))
    pixels = read_pixels(encode(halves, "PNG"), 32)
    assert (pixels.shape, pixels.dtype) == ((32, 32, 3), np.uint8)
    assert (pixels[16, 0].tolist(), pixels[16, 31].tolist()) == ([255, 0, 0], [0, 0, 255])


# A red and a green half, 96 x 64, encoded once by pillow-heif (we can only read HEIC), zipped, in base 64.
HEIC = (
    "eNpjYGCQSSupLMhIzUxmAILczDRDEDs3MzGNgYExLDe1JJEBAhQzUnKKoGyGgszkEgY0oJSZkw82xMWBgREIgYCxCkIDgRoQK2dm"
    "5qWBeSBRUSAnlQnKyyhLNgQx+QoyS3LhSq5lFhQVAOntmQXJ+UC6AqjMmZEZJDQBrEjuA8Ofvz9+MDDwMycAdUg4MPIw/v8PUsAM"
    "UsEMQnK7mBwSgZLaToyMaDILDBpZp73y1FyXxyTFwwESOgEiOBySgOrZXRgPFm1QcgBaI5ycn1OUl5xTARTmZWBrAAqJZBYXpEL9"
    "lgDEIGUCBZkVmSABZg4OoGkM4pkFubDgA4YISyMTMwuQqZebkggKPSUNxvWSDd9rWs3/f+dL/+vb/U+86a2duLHHhP8WrQy2fVP/"
    "HwAARThQ/g=="
)


def test_a_phones_heic_photo_is_read():
    image = open_photo(zlib.decompress(base64.b64decode(HEIC)))
    assert (image.mode, image.size) == ("RGB", (96, 64))
    assert image.getpixel((10, 30)) == pytest.approx((200, 40, 40), abs=4)
    assert image.getpixel((80, 30)) == pytest.approx((40, 160, 60), abs=4)
