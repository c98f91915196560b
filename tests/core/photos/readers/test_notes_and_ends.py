"""Metadata that Pillow stumbles over, and files without their end: cases B08 and B09."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from core.photos.decoding import PhotoError, decoded, open_photo, size_of
from core.photos.inspection import inspect_photo
from core.photos.pictures import PLAIN, PictureFacts

SIZE = (140, 105)
SIDEWAYS = b"MM\0*\0\0\0\x08\0\1\1\x12\0\3\0\0\0\1\0\6\0\0\0\0\0\0"  # EXIF: orientation 6
BROKEN_EXIF = {"no TIFF": b"\0\x08\0\2\1\x12\0\3broken", "nothing": b""}
LEADS_NOWHERE = SIDEWAYS[:9] + b"\2" + SIDEWAYS[10:22] + b"\x87\x69\0\4\0\0\0\1\xff\xff\xff\0" + bytes(4)


def encoded(image, kind="PNG", **options):
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def chunk(name, body, crc=None):
    crc = zlib.crc32(name + body) if crc is None else crc
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc)


def with_chunk(png, name, body, crc=None):
    """A PNG with one chunk more, behind its header."""
    return png[:33] + chunk(name, body, crc) + png[33:]


def with_segment(jpeg, marker, body):
    """A JPEG with one segment more, at its beginning."""
    return jpeg[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


def same(image, other):
    return np.array_equal(np.asarray(image), np.asarray(other))


@pytest.mark.parametrize(
    ("name", "body", "crc"),
    [
        *((b"eXIf", block, None) for block in BROKEN_EXIF.values()),
        (b"zTXt", b"workflow\0\0" + zlib.compress(b'{"node": 1}' * 300_000), None),
        (b"zTXt", b"workflow\0\0no zlib", None),
        (b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(b"\nexif\n      20\nzzzz\n"), None),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0no zlib", None),
        (b"iTXt", b"a", None),
        (b"tEXt", b"a\0b", 1),
        (b"iCCP", b"scanner\0\0" + zlib.compress(bytes(3_000_000)), None),
        (b"iCCP", b"scanner\0\0no zlib", None),
        (b"gAMA", b"", None),
        (b"tRNS", b"", None),
        (b"pHYs", b"\1", None),
        (b"cHRM", b"\1\2\3", None),
    ],
)
def test_odd_notes_never_cost_a_png(name, body, crc, draw, tmp_path):
    given = draw(1, SIZE)
    (tmp_path / "a.png").write_bytes(with_chunk(encoded(given), name, body, crc))
    assert same(open_photo(tmp_path / "a.png"), given)
    facts = inspect_photo(tmp_path / "a.png")
    assert (facts.width, facts.height, facts.picture) == (*SIZE, PLAIN)
    assert size_of((tmp_path / "a.png").read_bytes()) == SIZE


def test_notes_behind_the_picture_don_t_cost_it_either(draw):
    png = encoded(draw(1, SIZE))
    late = png[:-12] + chunk(b"zTXt", b"w\0\0no zlib") + chunk(b"tEXt", b"a\0b", 1) + png[-12:]
    assert same(open_photo(late), draw(1, SIZE))


def test_a_palette_and_its_transparency_stay_when_notes_are_left_out(draw):
    png = encoded(draw(1, SIZE).quantize(30), transparency=3)
    assert same(open_photo(with_chunk(png, b"eXIf", b"broken")), open_photo(png))


@pytest.mark.parametrize(
    ("marker", "body"),
    [
        *((0xE1, b"Exif\0\0" + block) for block in BROKEN_EXIF.values()),
        (0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta"),
        (0xE2, b"ICC_PROFILE\0\1\3broken"),
        (0xE2, b"MPF\0II*\0broken"),
        (0xE2, b"MPF\0MM\0*\0\0\0\x08\0\1\xb0\2\0\7\xff\xff\xff\xff\0\0\0\0"),
        (0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\xff\xff\xff\xff"),
        (0xEE, b"Adobe"),
        (0xE0, b"JFIF\0"),
        (0xFE, b"\xff\xfe"),
    ],
)
def test_odd_notes_never_cost_a_jpeg(marker, body, draw):
    jpeg = encoded(draw(2, SIZE), "JPEG")
    found = decoded(with_segment(jpeg, marker, body))
    assert same(found.image, open_photo(jpeg))
    assert found.facts == PLAIN


@pytest.mark.parametrize("block", BROKEN_EXIF.values(), ids=BROKEN_EXIF)
def test_odd_notes_never_cost_a_webp(block, draw):
    webp = encoded(draw(2, SIZE), "WEBP", lossless=True, exif=b"Exif\0\0" + block)
    assert sorted(open_photo(webp).size) == sorted(SIZE)
    assert same(open_photo(webp.replace(b"EXIF", b"ICCP")), draw(2, SIZE))


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_the_orientation_is_kept_where_it_can_be_read(kind, draw):
    image, exif = draw(3, SIZE), LEADS_NOWHERE
    if kind == "PNG":
        found = open_photo(with_chunk(with_chunk(encoded(image), b"eXIf", exif), b"zTXt", b"w\0\0no zlib"))
    else:
        found = open_photo(with_segment(encoded(image, "JPEG"), 0xE1, b"Exif\0\0" + exif)[:-2])
    assert found.size == SIZE[::-1]


def cut_facts(data):
    facts = decoded(data).facts
    assert facts == PictureFacts(cut=True, missing=facts.missing)
    return facts.missing


@pytest.mark.parametrize("options", [{}, {"subsampling": 0}, {"progressive": True}, {"quality": 95}])
@pytest.mark.parametrize("size", [SIZE, (64, 48), (129, 97)])
def test_a_jpeg_that_lacks_its_last_two_bytes_is_whole(options, size, draw):
    jpeg = encoded(draw(4, size), "JPEG", **options)
    assert cut_facts(jpeg[:-2]) == 0
    assert same(open_photo(jpeg[:-2]), open_photo(jpeg))
    assert same(open_photo(jpeg[:-1], 32), open_photo(jpeg, 32))


@pytest.mark.parametrize("bottom", [128, 0])
def test_a_part_that_is_grey_or_black_itself_is_not_missing(bottom, draw):
    image = draw(4, (640, 480))
    image.paste((bottom,) * 3, (0, 240, 640, 480))
    assert cut_facts(encoded(image, "JPEG")[:-2]) < 0.07


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize("share", [0.02, 0.05, 0.08])
def test_how_much_of_a_jpeg_is_missing_is_measured_and_stays_grey(mode, share, draw):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (240, 320, 3), np.uint8)).convert(mode)
    jpeg = encoded(noise, "JPEG", quality=90)
    data = jpeg[: int(len(jpeg) * (1 - share))]
    assert cut_facts(data) == pytest.approx(share, abs=0.02)
    assert np.asarray(open_photo(data))[-1, -20:].std() <= 1


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "BMP", "TIFF", "GIF"])
def test_with_more_than_a_tenth_missing_it_is_refused_and_says_how_much(kind):
    noise = Image.fromarray(np.random.default_rng(1).integers(0, 256, (240, 320, 3), np.uint8))
    data = encoded(noise, kind)
    with pytest.raises(PhotoError, match=r"^damaged or cut short: (59|60|61|62) % of the picture is missing$"):
        open_photo(data[: int(0.4 * len(data))])


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF"])
def test_what_is_missing_of_other_kinds_is_grey_and_the_rest_as_it_was(kind):
    noise = np.random.default_rng(1).integers(0, 256, (200, 64, 3), np.uint8)
    data = encoded(Image.fromarray(noise), kind)
    found = decoded(data[: int(0.95 * len(data))])
    there = (np.asarray(found.image) == noise).all(axis=(1, 2))
    assert found.facts == PictureFacts(cut=True, missing=1 - there.mean())
    assert found.facts.missing == pytest.approx(0.05, abs=0.01)
    assert (np.asarray(found.image)[~there] == 128).all()
    assert there[0] == (kind != "BMP")  # which begins at the bottom


@pytest.mark.parametrize("interlace", [0, 1])
def test_what_is_missing_of_a_gif_is_grey(interlace, draw):
    image = draw(4, (128, 96)).quantize(200)
    data = encoded(image, "GIF", interlace=interlace)
    found, whole = decoded(data[: int(0.97 * len(data))]), np.asarray(open_photo(data))
    there = (np.asarray(found.image) == whole).all(axis=2)
    assert found.facts == PictureFacts(cut=True, missing=1 - there.mean())
    assert 0.01 < found.facts.missing < 0.1
    assert (np.asarray(found.image)[~there] == 128).all()


@pytest.mark.parametrize("mode", ["1", "P", "L", "LA", "RGBA", "I;16"])
def test_pngs_of_all_modes_are_used_without_their_end(mode):
    noise = np.random.default_rng(1).integers(0, 256, (200, 64, 3), np.uint8)
    image = Image.fromarray(noise[..., 0].astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(noise)
    data = encoded(image if mode == "I;16" else image.convert(mode))
    assert decoded(data[:-14]).facts.cut
    assert 0 < decoded(data[: int(0.95 * len(data))]).facts.missing < 0.07
    assert same(open_photo(data[:-12]), open_photo(data))


def test_an_interlaced_png_lacks_the_last_of_its_passes():
    noise = np.random.default_rng(1).integers(0, 256, (64, 64), np.uint8)
    rows = [noise[y::down, x::right] for x, y, right, down in PASSES]
    packed = zlib.compress(b"".join(b"\0" + row.tobytes() for part in rows for row in part))
    header = struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 1)
    png = encoded(Image.fromarray(noise))[:8] + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    assert same(open_photo(png), Image.fromarray(noise).convert("RGB"))
    found = decoded(png[: len(png) - len(packed) // 20])
    assert found.facts.missing == pytest.approx(0.05, abs=0.01)
    assert (np.asarray(found.image)[1::2][-2:] == 128).all()
    assert np.array_equal(np.asarray(found.image)[::2, ..., :1].squeeze(), noise[::2])


PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
