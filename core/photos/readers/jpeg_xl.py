"""JPEG XL (ISO/IEC 18181-1), by libjxl; its size is read here first, so that no bomb is decoded."""

from core.photos.readers.depth import Bands
from core.photos.readers.limits import PictureError, check_size, needing

CODESTREAM, CONTAINER = b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"
SHAPES = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))  # width to height, from 1
LENGTHS = (9, 13, 18, 30)  # bits of a side
MOST_BYTES = 4 * 4  # of a pixel: four bands of 32 bits
BOXES = 1000


def is_jpeg_xl(data: bytes) -> bool:
    """Whether a file is one, bare or in boxes."""
    return data.startswith((CODESTREAM, CONTAINER))


def bands_of(data: bytes) -> Bands:
    """The picture, upright.

    Raises:
        PictureError: It is too large or too small, or a package is missing.
    """
    check_size(*size_of(data), MOST_BYTES)
    with needing("imagecodecs", "a JPEG XL picture"):
        import imagecodecs
    values = imagecodecs.jpegxl_decode(data, index=0, numthreads=1)
    values = values.reshape(*values.shape[:2], -1)
    n = values.shape[2]
    return Bands(values[..., :-1], alpha=values[..., -1]) if n in (2, 4) else Bands(values)


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height, as they are stored; errors as of `bands_of`."""
    return _size(_codestream(data))


def _codestream(data: bytes) -> bytes:
    """The first bytes of what is in the boxes."""
    at = 0 if data.startswith(CONTAINER) else len(data)
    for _ in range(BOXES):
        if at + 8 > len(data):
            break
        length, name = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        if name in (b"jxlc", b"jxlp"):
            start = at + (16 if length == 1 else 8) + 4 * (name == b"jxlp")
            return data[start : start + 32]
        if length == 1:
            length = int.from_bytes(data[at + 8 : at + 16], "big")
        if length < 8:
            break
        at += length
    return data[:32]


def _size(stream: bytes) -> tuple[int, int]:
    """Width and height by the size header; in the order in which they are stored."""
    if not stream.startswith(CODESTREAM):
        raise PictureError("a JPEG XL picture that is damaged or cut short")
    number, at = int.from_bytes(stream, "little"), 16

    def bits(n: int) -> int:
        nonlocal at
        at += n
        return number >> (at - n) & ((1 << n) - 1)

    small = bits(1)

    def side() -> int:
        return 8 * (bits(5) + 1) if small else bits(LENGTHS[bits(2)]) + 1

    height, shape = side(), bits(3)
    if not shape:
        return side(), height
    across, down = SHAPES[shape - 1]
    return height * across // down, height
