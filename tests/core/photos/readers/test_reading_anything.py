"""Whatever comes: a picture or a sentence, never anything else, and the same one twice."""

import io
import struct
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from PIL import Image

from core.photos.decoding import PhotoError, decoded
from core.photos.pictures import PictureSettings

DEPTHS = ("uint8", "uint16", "int16", "uint32", "int32", "float16", "float32", "float64", "int8")
KINDS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "JPEG2000", "AVIF")
MODES = ("RGB", "L", "1", "P", "CMYK", "RGBA", "LA", "I;16")
PNG_NAMES = (b"eXIf", b"zTXt", b"iTXt", b"tEXt", b"iCCP", b"gAMA", b"pHYs", b"tRNS", b"acTL", b"fcTL", b"sRGB", b"cICP")
STARTS = (b"Exif\0\0II*\0", b"MPF\0II*\0", b"ICC_PROFILE\0\1\1", b"Photoshop 3.0\x008BIM", b"Adobe", b"JFIF", b"")
SIDES = st.integers(16, 48)
RANGES = st.tuples(st.sampled_from(DEPTHS), st.floats(-9, 300), st.floats(0, 70_000))
CHOICES = st.builds(
    PictureSettings,
    ranges=st.lists(RANGES, max_size=3).map(tuple),
    bands=st.tuples(*[st.integers(0, 9)] * 3),
    page=st.integers(0, 5),
    profiles=st.booleans(),
)


@st.composite
def tiffs(draw):
    """TIFFs of any depth, number of bands and pages."""
    depth, bands = np.dtype(draw(st.sampled_from(DEPTHS))), draw(st.sampled_from((1, 2, 3, 4, 5, 8)))
    rng, size, data = np.random.default_rng(draw(st.integers(0, 99))), (draw(SIDES), draw(SIDES)), io.BytesIO()
    top = 1.0 if depth.kind == "f" else float(np.iinfo(depth).max)
    planar = draw(st.sampled_from(("contig", "separate"))) if bands > 1 else None
    colours = "rgb" if bands > 2 and draw(st.booleans()) else draw(st.sampled_from(("minisblack", "miniswhite")))
    extras = draw(st.lists(st.integers(0, 2), min_size=bands, max_size=bands))[: bands - (3 if colours == "rgb" else 1)]
    options = {"photometric": colours, "compression": draw(st.sampled_from((None, "zlib", "lzw", "packbits")))}
    options |= {"planarconfig": planar, "extrasamples": extras or None, "contiguous": False, "metadata": None}
    with tifffile.TiffWriter(data, byteorder=draw(st.sampled_from("<>")), bigtiff=draw(st.booleans())) as file:
        for _ in range(draw(st.sampled_from((1, 1, 2, 4)))):
            values = (rng.random((*size, bands)) * top * draw(st.sampled_from((1, 0.01)))).astype(depth)
            values = values[..., 0] if bands == 1 else np.moveaxis(values, -1, 0) if planar == "separate" else values
            file.write(np.ascontiguousarray(values), **options)
    return data.getvalue(), size[::-1]


@st.composite
def pictures(draw):
    """Files of any kind that Pillow writes."""
    kind, mode = draw(st.sampled_from(KINDS)), draw(st.sampled_from(MODES))
    size = (draw(SIDES), draw(SIDES))
    noise = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 256, (*size[::-1], 3), np.uint8)
    image = (
        Image.fromarray(noise[..., 0].astype(np.uint16) * 99)
        if mode == "I;16"
        else Image.fromarray(noise).convert(mode)
    )
    data, options = io.BytesIO(), {"progressive": draw(st.booleans())} if kind == "JPEG" else {}
    if draw(st.booleans()):
        options["exif"] = b"Exif\0\0" + draw(st.binary(max_size=60))
        options["icc_profile"] = draw(st.binary(min_size=1, max_size=300))
    if kind in ("GIF", "WEBP", "PNG", "TIFF") and draw(st.booleans()):
        options |= {"save_all": True, "append_images": [image] * draw(st.integers(1, 3))}
    try:
        image.save(data, kind, **options)
    except Exception:  # not every kind holds every mode
        assume(False)
    return data.getvalue(), size


@st.composite
def with_notes(draw):
    """PNGs and JPEGs with odd chunks and segments."""
    size = (draw(SIDES), draw(SIDES))
    values = np.random.default_rng(draw(st.integers(0, 99))).integers(0, 65536, (*size[::-1], 3), np.uint16)
    body = draw(st.binary(max_size=80))
    if draw(st.booleans()):
        data = imagecodecs.png_encode(values if draw(st.booleans()) else values.astype(np.uint8))
        name, right = draw(st.sampled_from(PNG_NAMES)), draw(st.booleans())
        crc = zlib.crc32(name + body) if right else 0
        return data[:33] + struct.pack(">I", len(body)) + name + body + struct.pack(">I", crc) + data[33:], size
    data = imagecodecs.jpeg8_encode(values.astype(np.uint8))
    start = draw(st.sampled_from(STARTS))
    marker = draw(st.sampled_from((0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE)))
    body = start + body
    return data[:2] + bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body + data[2:], size


@st.composite
def harmed(draw):
    """What is left of a file: whole, cut short, or with bytes changed; and its size before."""
    data, size = draw(st.one_of(tiffs(), pictures(), with_notes()))
    harm = draw(st.sampled_from(("none", "cut", "little cut", "changed")))
    if harm == "cut":
        return data[: draw(st.integers(0, len(data)))], size, harm
    if harm == "little cut":
        return data[: len(data) - draw(st.integers(1, max(2, len(data) // 12)))], size, harm
    data = bytearray(data)
    for _ in range(draw(st.integers(1, 5)) if harm == "changed" else 0):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data), size, harm


def answer(data, choice):
    """A picture or the sentence; anything else that is raised fails."""
    try:
        return decoded(data, choice)
    except PhotoError as error:
        return str(error)


def look_at(case, choice):
    data, size, harm = case
    found, again = answer(data, choice), answer(data, choice)
    if isinstance(found, str):
        assert found == again
        assert len(found) > 8
        assert harm != "none" or "needed" in found, found
        return
    facts = found.facts
    assert found.image.mode == "RGB"
    assert found.image.size == found.header.size
    assert harm == "changed" or sorted(found.image.size) == sorted(size)
    assert 0 <= facts.missing <= 0.1
    assert facts.cut or not facts.missing
    assert np.isfinite([facts.low, facts.high]).all()
    assert facts.low <= facts.high
    assert again.image.tobytes() == found.image.tobytes()
    assert again.facts == facts


RELAXED = {"deadline": None, "derandomize": True, "suppress_health_check": list(HealthCheck)}


@pytest.mark.slow
@given(harmed(), CHOICES)
@settings(max_examples=100, **RELAXED)
def test_whatever_comes_is_a_picture_or_a_sentence(case, choice):
    look_at(case, choice)


@pytest.mark.endurance
@given(harmed(), CHOICES)
@settings(max_examples=2000, **RELAXED)
def test_two_thousand_times(case, choice):
    look_at(case, choice)
