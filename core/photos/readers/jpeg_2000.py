"""JPEG 2000 (ISO/IEC 15444-1) of deep colours, of which Pillow keeps 8 bits and turns white into black."""

import struct
from dataclasses import dataclass

import numpy as np

from core.photos.readers.boxes import boxes
from core.photos.readers.depth import ycbcr_in_rgb
from core.photos.readers.limits import DAMAGED, PictureError, check_size, needing

SIZES = b"\xff\x4f\xff\x51"  # markers: the codestream begins, its sizes follow
BARE_UP_TO = 8  # bits
KEPT_BITS = 16
BY_PROFILE, SYCC = 2, 18
DEEP_MODES = ("RGB", "RGBA", "LA", "CMYK")  # of which Pillow keeps 8 bits; grey it gives whole


@dataclass(frozen=True)
class Stream:
    """What the codestream says of itself.

    Args:
        size: Width and height.
        bits: Of each band.
        signed: Whether zero is in the middle.
        whole: Whether all bands have all pixels, and as many bits.
    """

    size: tuple[int, int]
    bits: tuple[int, ...]
    signed: bool
    whole: bool


def profile_of(data: bytes) -> bytes | None:
    """Its colour profile."""
    colours = (body for name, body in _header(data) if name == b"colr" and body[:1] == bytes([BY_PROFILE]))
    return next((body[3:] for body in colours), None)


def _header(data: bytes) -> list[tuple[bytes, bytes]]:
    return list(boxes(next((body for name, body in boxes(data) if name == b"jp2h"), b"")))


def deep_values(data: bytes, mode: str, size: tuple[int, int]) -> np.ndarray | None:
    """Values of its bands, as 16 bits, (height, width, bands); None where Pillow's mode for it holds all of them.

    Raises:
        PictureError: It is larger than it says, or of a layout that isn't read.
    """
    packed = _codestream(data)
    stream = _stream(packed) if mode in DEEP_MODES else None
    if stream is None or max(stream.bits) <= BARE_UP_TO:
        return None
    if stream.size != size:
        raise PictureError(DAMAGED)
    check_size(*stream.size, 2 * len(stream.bits))
    if not stream.whole or stream.bits[0] > KEPT_BITS or mode == "CMYK":
        raise PictureError("a JPEG 2000 picture in a layout that isn't read here: save it as PNG or TIFF first")
    with needing("imagecodecs", "a JPEG 2000 picture of deep colours"):
        import imagecodecs
    values = imagecodecs.jpeg2k_decode(packed, numthreads=1)  # in its box the profile would be applied, too
    if stream.signed:
        values = (values.astype(np.int32) + (1 << stream.bits[0] - 1)).astype(np.uint16)
    values = values << (KEPT_BITS - stream.bits[0])  # as Pillow gives grey
    in_sycc = any(
        name == b"colr" and body[:1] == b"\1" and body[3:7] == bytes((0, 0, 0, SYCC)) for name, body in _header(data)
    )
    return ycbcr_in_rgb(values, KEPT_BITS) if in_sycc else values


def _codestream(data: bytes) -> bytes:
    return data if data.startswith(SIZES) else next((body for name, body in boxes(data) if name == b"jp2c"), b"")


def _stream(stream: bytes) -> Stream | None:
    if not stream.startswith(SIZES):
        return None
    right, down, left, top = struct.unpack_from(">4I", stream, 8)
    n = int.from_bytes(stream[40:42], "big")
    bands = [stream[42 + 3 * band : 45 + 3 * band] for band in range(n)]
    depths = tuple((band[0] & 127) + 1 for band in bands)
    alike = len({band[0] for band in bands}) == 1 and all(band[1:] == b"\1\1" for band in bands)
    return Stream((right - left, down - top), depths, bool(bands[0][0] & 128), alike)
