"""Files whose headers claim what isn't there, or more than is sensible: each is refused at once, or read as it is."""

import io
import logging
import struct
import tracemalloc
import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image, TiffImagePlugin

from core.photos.decoding import PhotoError, decoded, open_photo, size_of

WIDTH, LENGTH, BITS, STRIPS, ROWS_PER_STRIP, COUNTS, PLANES = 256, 257, 258, 273, 278, 279, 284


def tiff(pages=1, pixels=bytes(range(256)) * 16, counts=None, **changed):
    """An uncompressed grey TIFF of 64 x 64 by hand; tags are named as above, and their counts are 1."""
    tags = {WIDTH: 64, LENGTH: 64, BITS: 8, 259: 1, 262: 1, STRIPS: 8, 277: 1, ROWS_PER_STRIP: 64, COUNTS: 4096}
    tags |= {globals()[name]: value for name, value in changed.items()}
    start, made = 8 + len(pixels), b"II*\0" + struct.pack("<I", 8 + len(pixels)) + pixels
    for page in range(pages):
        made += struct.pack("<H", len(tags))
        for tag, value in tags.items():
            made += struct.pack("<HHII", tag, 4, (counts or {}).get(tag, 1), value)
        made += struct.pack("<I", start + (page + 1) * (6 + 12 * len(tags)) if page + 1 < pages else 0)
    return made + bytes(400)


def test_the_tiff_by_hand_is_sound():
    assert np.array_equal(np.asarray(open_photo(tiff()))[:4, :, 0].ravel(), np.arange(256))


@pytest.mark.parametrize(("several", "other"), [("WIDTH", "LENGTH"), ("LENGTH", "WIDTH")])
def test_a_size_of_several_numbers_is_no_size(several, other):
    data = tiff(counts={globals()[several]: 90}, **{several: 8, other: 6_000_000})
    for read in (decoded, size_of):
        with pytest.raises(PhotoError):
            read(data)


def test_a_page_whose_size_is_several_numbers_is_no_page():
    written = bytearray(tiff(pages=2, LENGTH=60))
    struct.pack_into("<II", written, written.rfind(struct.pack("<HH", WIDTH, 4)) + 4, 3, 8)
    found = decoded(bytes(written))
    assert (found.image.size, found.facts.pages) == ((64, 60), 0)


@pytest.mark.parametrize("rows", [1, 8, 32])
def test_a_table_of_strips_that_is_too_short_is_a_picture_that_is_not_there(rows):
    with pytest.raises(PhotoError, match=r"damaged or cut short: \d+ % of the picture is missing"):
        open_photo(tiff(ROWS_PER_STRIP=rows))


def test_what_no_strip_holds_is_grey_and_told():
    found = decoded(tiff(ROWS_PER_STRIP=62))
    assert (found.facts.cut, found.facts.missing) == (True, pytest.approx(2 / 64))
    assert np.array_equal(np.asarray(found.image)[:4, :, 0].ravel(), np.arange(256))
    assert (np.asarray(found.image)[62:] == 128).all()


@pytest.mark.parametrize("compression", [None, "zlib"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_short_table_is_no_black_picture_in_any_depth(dtype, compression):
    data = io.BytesIO()
    tifffile.imwrite(data, np.full((64, 64), 200, dtype), rowsperstrip=4, compression=compression)
    with tifffile.TiffFile(io.BytesIO(data.getvalue())) as file:
        at = [file.pages[0].tags[tag].offset for tag in (STRIPS, COUNTS)]
    written = bytearray(data.getvalue())
    for tag in at:
        struct.pack_into("<I", written, tag + 4, 8)  # of 16 strips
    with pytest.raises(PhotoError, match="damaged or cut short"):
        open_photo(bytes(written))


@pytest.mark.parametrize("compression", [None, "zlib", "packbits", "lzw"])
@pytest.mark.parametrize("dtype", [np.uint16, np.float64])
def test_planes_that_lie_in_no_known_way_are_a_damaged_picture_and_never_what_lay_in_memory(dtype, compression):
    data = io.BytesIO()
    planes = np.random.default_rng(0).integers(0, 200, (3, 48, 33)).astype(dtype)
    tifffile.imwrite(data, planes, photometric="rgb", planarconfig="separate", compression=compression)
    with tifffile.TiffFile(io.BytesIO(data.getvalue())) as file:
        at = file.pages[0].tags[PLANES].valueoffset
    written = bytearray(data.getvalue())
    open_photo(bytes(written))
    struct.pack_into("<H", written, at, 51458)
    with pytest.raises(PhotoError, match="damaged or cut short"):
        open_photo(bytes(written))


def test_a_tiff_of_many_pages_is_read_in_the_time_of_one(monkeypatch):
    data = tiff(pages=500)
    monkeypatch.setattr(
        TiffImagePlugin.TiffImageFile, "n_frames", property(lambda image: pytest.fail("Pillow looks at each for each"))
    )
    assert decoded(data).facts.pages == 500


def test_odd_tags_of_a_tiff_are_in_no_log(caplog):
    data = io.BytesIO()
    tifffile.imwrite(data, np.full((64, 64), 500, np.uint16))
    written = bytearray(data.getvalue())
    with tifffile.TiffFile(io.BytesIO(data.getvalue())) as file:
        at = file.pages[0].offset + 2 + 12 * len(file.pages[0].tags)
    written[at : at + 4] = struct.pack("<I", 1_011_958_844)  # where the next page is said to be
    assert decoded(bytes(written)).image.size == (64, 64)
    assert not caplog.records
    log = logging.getLogger("tifffile")
    assert not log.filters
    log.warning("of another library's use")
    assert [record.message for record in caplog.records] == ["of another library's use"]


def encoded(image, kind, **options):
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def chunk(name, body):
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


@pytest.mark.parametrize("end", [b"", chunk(b"IEND", b"")])
@pytest.mark.parametrize(("bits", "colour", "interlaced"), [(8, 2, 0), (8, 3, 1), (16, 6, 0), (16, 6, 1), (1, 0, 0)])
def test_a_png_of_a_few_bytes_that_claims_many_is_refused_without_room_for_them(bits, colour, interlaced, end):
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 16_000, 12_000, bits, colour, 0, 0, interlaced))
    palette = chunk(b"PLTE", bytes(768)) if colour == 3 else b""
    data = b"\x89PNG\r\n\x1a\n" + header + palette + chunk(b"IDAT", zlib.compress(bytes(5000))) + end
    tracemalloc.start()
    with pytest.raises(PhotoError, match=r"(99|100) % of the picture is missing"):
        open_photo(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 20_000_000


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_of_a_few_bytes_that_claims_many_is_refused(progressive):
    data = bytearray(encoded(Image.new("RGB", (64, 64), (10, 200, 30)), "JPEG", progressive=progressive))
    at = data.find(b"\xff\xc2" if progressive else b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", 14_000, 14_000)
    with pytest.raises(PhotoError, match=r"\d\d % of the picture is missing"):
        open_photo(bytes(data[:-40]))


@pytest.mark.parametrize(
    ("kind", "options"),
    [("JPEG", {"optimize": True}), ("JPEG", {"progressive": True}), ("PNG", {}), ("PNG", {"optimize": True})],
)
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_picture_of_one_colour_takes_few_bytes_and_is_whole(kind, options, mode):
    found = decoded(encoded(Image.new(mode, (2000, 1600)), kind, **options), draft=64)
    assert (found.facts.missing, found.image.getextrema()) == (0, ((0, 0),) * 3)


def test_a_large_jpeg_in_hundreds_of_passes_is_refused_and_what_only_looks_so_is_read():
    data = encoded(Image.new("L", (4000, 4000), 90), "JPEG", progressive=True)
    last = data[data.rfind(b"\xff\xda") : -2]
    with pytest.raises(PhotoError, match=r"a JPEG in 30. passes, which takes too long to read"):
        open_photo(data[:-2] + last * 300 + b"\xff\xd9")
    note = b"\xff\xfe" + struct.pack(">H", 602) + b"\xff\xda" * 300
    assert open_photo(data[:2] + note + data[2:] + b"\xff\xda" * 300, 64).getextrema() == ((90, 90),) * 3


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_scans_behind_one_that_holds_all_need_not_be_counted_since_none_is_read(mode):
    data = encoded(Image.new(mode, (4000, 4000)), "JPEG")
    behind = data[data.rfind(b"\xff\xda") : -2] * 300
    with pytest.raises(PhotoError, match="damaged or cut short"):
        open_photo(data[:-2] + behind + data[-2:], 64)


def test_a_sequential_jpeg_with_a_scan_for_each_colour_is_read_and_hundreds_of_them_are_refused():
    """Made of one in a single scan: its marker says one colour, so libjpeg looks for the others' scans."""
    data = encoded(Image.new("RGB", (4000, 4000)), "JPEG")
    at = data.rfind(b"\xff\xda")
    of_one = [
        b"\xff\xda\x00\x08\x01" + bytes([number, 0x11 if number > 1 else 0]) + b"\x00\x3f\x00" for number in (1, 2, 3)
    ]
    pixels = data[at + 14 : -2]
    whole = data[:at] + b"".join(head + pixels for head in of_one) + data[-2:]
    assert decoded(whole, draft=64).header.size == (4000, 4000)
    with pytest.raises(PhotoError, match=r"a JPEG in 303 passes, which takes too long to read"):
        open_photo(whole[:-2] + (of_one[0] + pixels) * 300 + whole[-2:])


def test_a_small_jpeg_may_have_as_many_passes_as_it_likes():
    data = encoded(Image.new("L", (64, 64), 90), "JPEG", progressive=True)
    last = data[data.rfind(b"\xff\xda") : -2]
    assert open_photo(data[:-2] + last * 300 + b"\xff\xd9").getextrema() == ((90, 90),) * 3
