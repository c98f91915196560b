"""JPEG XL (ISO/IEC 18181-1), by libjxl; its size is read here first, so that no bomb is decoded."""

from dataclasses import dataclass

from core.photos.readers.boxes import boxes
from core.photos.readers.depth import Bands
from core.photos.readers.limits import PictureError, check_size, needing

CODESTREAM, CONTAINER = b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n"
SHAPES = ((1, 1), (12, 10), (4, 3), (3, 2), (16, 9), (5, 4), (2, 1))  # width to height, from 1
LENGTHS = (9, 13, 18, 30)  # bits of a side
MOST_BYTES = 4 * 4  # of a pixel: four bands of 32 bits
HEAD = 64  # bytes, in which all that is read here stands
BROKEN = "a JPEG XL picture that is damaged or cut short"
INTEGERS = (8, 10, 12)  # usual depths


def is_jpeg_xl(data: bytes) -> bool:
    """Whether a file is one, bare or in boxes."""
    return data.startswith((CODESTREAM, CONTAINER))


def bands_of(data: bytes) -> Bands:
    """The picture, upright.

    Raises:
        PictureError: It is too large or too small, or a package is missing.
    """
    stream = _codestream(data)
    header = _header(stream)
    check_size(*header.size, MOST_BYTES)
    with needing("imagecodecs", "a JPEG XL picture"):
        import imagecodecs
    values = imagecodecs.jpegxl_decode(stream, index=0, numthreads=1)  # what the size was read from, and no other box
    values = values.reshape(*values.shape[:2], -1)
    bits = header.bits if values.dtype.kind == "u" and header.bits < 8 * values.dtype.itemsize else 0
    if values.shape[2] in (2, 4):
        return Bands(values[..., :-1], bits, alpha=values[..., -1])
    return Bands(values, bits)


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height, as they are stored; errors as of `bands_of`."""
    return _header(_codestream(data)).size


def _codestream(data: bytes) -> bytes:
    """What is in the boxes: in one, or in parts that begin with their number."""
    if not data.startswith(CONTAINER):
        return data
    held = {b"jxlc": 0, b"jxlp": 4}
    return b"".join(body[held[name] :] for name, body in boxes(data) if name in held)


@dataclass(frozen=True)
class Header:
    """Width and height in the order in which they are stored, and bits of a value; 0 for floats, or where not known."""

    size: tuple[int, int]
    bits: int


class _Bits:
    """Reads numbers from the first bytes, the lowest bit first."""

    def __init__(self, stream: bytes) -> None:
        self.number, self.left = int.from_bytes(stream[:HEAD], "little"), 8 * len(stream[:HEAD])

    def read(self, n: int) -> int:
        self.left -= n
        if self.left < 0:
            raise PictureError(BROKEN)
        found = self.number & ((1 << n) - 1)
        self.number >>= n
        return found


def _header(stream: bytes) -> Header:
    if not stream.startswith(CODESTREAM):
        raise PictureError(BROKEN)
    bits = _Bits(stream[len(CODESTREAM) :])
    return Header(_size(bits), _depth(bits))


def _size(bits: _Bits) -> tuple[int, int]:
    small = bits.read(1)

    def side() -> int:
        return 8 * (bits.read(5) + 1) if small else bits.read(LENGTHS[bits.read(2)]) + 1

    height, shape = side(), bits.read(3)
    if not shape:
        return side(), height
    across, down = SHAPES[shape - 1]
    return height * across // down, height


def _depth(bits: _Bits) -> int:
    """By the metadata that follow the size (Annex D.3); behind a preview or an animation it isn't looked for."""
    if bits.read(1):  # all as usual
        return INTEGERS[0]
    if bits.read(1):
        bits.read(3)  # the orientation
        if bits.read(1):
            _size(bits)  # in which it should be shown
        if bits.read(1) or bits.read(1):
            return 0
    if bits.read(1):  # floats
        return 0
    choice = bits.read(2)
    return INTEGERS[choice] if choice < len(INTEGERS) else 1 + bits.read(6)
