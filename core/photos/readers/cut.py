"""Pictures whose file lacks its end: what is there, what is not, as grey, and how much that is."""

import io
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.photos.readers.limits import check_missing, check_size
from core.photos.readers.notes import JPEG_START, PNG_START, png_chunk, png_chunks

GREY = 128
EXTENSION, CONTROL = 0x21, b"\x21\xf9\4\1\0\0"  # of a GIF: the second says that there is a transparent index
END_OF_JPEG = b"\xff\xd9"
SCAN = b"\xff\xda"
ZEROS = 1 << 20  # bytes that are packed at a time
PIECE = 1024  # bytes that are unpacked at a time: what comes before a fault is kept
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}  # of a PNG, by its kind of colour
PASSES = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))  # Adam7
BITS = {"1": 1, "L": 8, "P": 8, "RGB": 24, "RGBX": 32, "RGBA": 32, "CMYK": 32, "I;16": 16, "F": 32}


@dataclass(frozen=True)
class Rest:
    """What is there of a picture.

    Args:
        data: A whole file of it.
        there: bool (height, width), before it is turned upright; None where the decoder leaves the rest grey itself.
        missing: The share of the picture that is not there, 0..1.
    """

    data: bytes
    there: np.ndarray | None
    missing: float


def greyed(image: Image.Image, there: np.ndarray | None) -> Image.Image:
    """An RGB picture with grey where there is none."""
    if there is None or there.shape != image.size[::-1]:
        return image
    pixels = np.array(image)
    pixels[~there] = GREY
    return Image.fromarray(pixels)


def rest_of(data: bytes) -> Rest | None:
    """What is there of a file without its end; None where that can't be told of this kind.

    Raises:
        Exception: As Pillow's, where there is not even a header.
    """
    if data.startswith(PNG_START):
        return _rest_of_png(data)
    return _rest_of_jpeg(data) if data.startswith(JPEG_START) else None


def _rest_of_jpeg(data: bytes) -> Rest:
    """libjpeg goes on to an end that is added, and leaves what it has no data for mid-grey (jdhuff.c, jdphuff.c)."""
    whole = data + END_OF_JPEG
    with Image.open(io.BytesIO(whole), formats=("JPEG",)) as image:
        check_size(*image.size)
        progressive = "progressive" in image.info
        step = (8 * max(layer[2] for layer in image.layer), 8 * max(layer[1] for layer in image.layer))
        if progressive and data.count(SCAN) > 1:  # the first scan is there, so all is, though less sharp
            return Rest(whole, None, 0.0)
        known = 0 if progressive else _rows_there(data)
        image.load()
        return Rest(whole, None, _grey_at_the_end(image, known, step) / (image.width * image.height))


def _is_grey(pixels: np.ndarray) -> np.ndarray:
    off = np.abs(pixels.astype(np.int16) - GREY) <= 1
    return off if off.ndim == 2 else off.all(axis=2)


def _rows_there(data: bytes) -> int:
    """How many rows libjpeg gives by itself before it asks for more: the rest of the buffer is still empty."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as image:
        try:
            image.load()
        except OSError:
            image.tile = []  # what was decoded stays
        box = image.getbbox(alpha_only=False)
    rows = box[3] if box else 0
    return rows - rows % 16


def _grey_at_the_end(image: Image.Image, known: int, step: tuple[int, int]) -> int:
    """Pixels of the blocks, rows by columns of so many, that are grey after the last one that isn't.

    Args:
        image: Decoded; only a row of blocks at a time becomes an array.
        known: So many rows at the top are not missing.
        step: Rows and columns of a block.
    """
    down, right = step
    missing = 0
    for top in range(known + (image.height - known - 1) // down * down, known - 1, -down):
        row = _is_grey(np.asarray(image.crop((0, top, image.width, min(top + down, image.height)))))
        if row.all():
            missing += row.size
            continue
        for left in range((row.shape[1] - 1) // right * right, -1, -right):
            block = row[:, left : left + right]
            inner = block[2:-2, 2:-2]  # its edge takes colour from what lies beside it
            if not (inner if inner.size else block).all():
                return missing
            missing += block.size
    return missing


def _rest_of_png(data: bytes) -> Rest:
    chunks = list(png_chunks(data))
    header = next(body for name, body in chunks if name == b"IHDR")
    width, height = int.from_bytes(header[:4], "big"), int.from_bytes(header[4:8], "big")
    bits, interlaced = header[8] * CHANNELS[header[9]], bool(header[12])
    check_size(width, height, -(-bits // 8))
    passes = PASSES if interlaced else ((0, 0, 1, 1),)
    grids = [_grid(width, height, each) for each in passes]
    strides = [1 + -(-columns * bits // 8) if columns and rows else 0 for columns, rows in grids]
    total = sum(stride * rows for stride, (_, rows) in zip(strides, grids, strict=True))
    packer, packed, left = zlib.compressobj(1), [], 0
    for piece in _unpacked(b"".join(body for name, body in chunks if name == b"IDAT"), total):
        packed.append(packer.compress(piece))
        left += len(piece)
    known = _rows_known(left, strides, [rows for _, rows in grids])
    missing = 1 - sum(rows * columns for rows, (columns, _) in zip(known, grids, strict=True)) / (width * height)
    check_missing(missing)  # before there is room for all of it
    packed += [packer.compress(bytes(min(ZEROS, total - at))) for at in range(left, total, ZEROS)]
    there = np.zeros((height, width), bool)
    for (x, y, right, down), rows in zip(passes, known, strict=True):
        there[y::down, x::right][:rows] = True
    before = [png_chunk(name, body) for name, body in chunks if name in (b"IHDR", b"PLTE", b"tRNS")]
    pixels = png_chunk(b"IDAT", b"".join([*packed, packer.flush()]))
    return Rest(b"".join([PNG_START, *before, pixels, png_chunk(b"IEND", b"")]), there, missing)


def _rows_known(left: int, strides: list[int], rows: list[int]) -> list[int]:
    """How many rows of each pass so many unpacked bytes hold."""
    known = []
    for stride, most in zip(strides, rows, strict=True):
        known.append(min(most, left // stride) if stride else 0)
        left -= known[-1] * stride if known[-1] == most else left
    return known


def _grid(width: int, height: int, each: tuple[int, int, int, int]) -> tuple[int, int]:
    x, y, right, down = each
    return max(0, -(-(width - x) // right)), max(0, -(-(height - y) // down))


def _unpacked(packed: bytes, at_most: int) -> Iterator[bytes]:
    """What can be unpacked before the end, or before a fault."""
    opened = zlib.decompressobj()
    with suppress(zlib.error):
        for at in range(0, len(packed), PIECE):
            piece = opened.decompress(packed[at : at + PIECE])[:at_most]
            at_most -= len(piece)
            yield piece
            if not at_most or opened.eof:
                return


def pixels_there(image: Image.Image, data: bytes) -> np.ndarray | None:
    """What of an opened picture that is uncompressed, or a GIF, lies within the file: bool (height, width), or None."""
    return _pixels_of_gif(data) if image.format == "GIF" else _rows_of_raw(image, len(data))


def _pixels_of_gif(data: bytes) -> np.ndarray | None:
    """Before it decodes, Pillow fills the picture with the transparent index: what changes with that is not there."""
    before, frame = _frame_of_gif(data)
    seen = []
    for index in (0, 1):
        with Image.open(io.BytesIO(before + CONTROL + bytes((index, 0)) + frame), formats=("GIF",)) as image:
            with suppress(OSError):
                image.load()
            image.tile = []
            seen.append(np.asarray(image))
    return seen[0] == seen[1] if seen[0].ndim == 2 else None


def _frame_of_gif(data: bytes) -> tuple[bytes, bytes]:
    """What stands before the first frame of a GIF, without its extensions, and the rest."""
    start = at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 128 else 0)  # behind the table of colours
    while data[at] == EXTENSION:
        at += 2
        while data[at]:
            at += data[at] + 1
        at += 1
    return data[:start], data[at:]


def _rows_of_raw(image: Image.Image, n_bytes: int) -> np.ndarray | None:
    """Which pixels of an uncompressed picture lie within a file of so many bytes: bool (height, width).

    Args:
        image: Opened by Pillow, not loaded.
        n_bytes: Of the file.

    Returns:
        None for one that is compressed, or whose layout isn't known here.
    """
    there = np.zeros(image.size[::-1], bool)
    for codec, (left, top, right, bottom), offset, args in image.tile:
        raw, stride, step = (*(args if isinstance(args, tuple) else (args,)), 0, 1)[:3]
        bits = BITS.get(image.mode)
        if codec != "raw" or not bits or step not in (1, -1) or raw is None:
            return None
        stride = stride or -(-(right - left) * bits // 8)
        known = max(0, min(bottom - top, (n_bytes - offset) // stride))
        rows = slice(top, top + known) if step == 1 else slice(bottom - known, bottom)
        there[rows, left:right] = True
    return there
