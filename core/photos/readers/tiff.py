"""TIFFs that Pillow has no mode for: deep values, many bands, several pages."""

import io
import logging
import math
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from PIL import Image

from core.photos.pictures import PictureSettings
from core.photos.readers.depth import Bands, looks_like_alpha, looks_multiplied, ycbcr_in_rgb
from core.photos.readers.limits import DAMAGED, PictureError, check_size, needing
from core.photos.readers.notes import size_in_jpeg

NOT_BY_PILLOW = b"MM\0+"  # it takes a big-endian BigTIFF for a small one, and finds no picture
STARTS = (b"II*\0", b"MM\0*", b"II+\0", NOT_BY_PILLOW)
BITS, SAMPLE_FORMAT, SAMPLES, PHOTOMETRIC, PROFILE, ORIENTATION = 258, 339, 277, 262, 34675, 274
WIDTH, LENGTH, STRIPS, ROWS_PER_STRIP, PLANES, TILE_WIDTH, TILE_LENGTH, TILES = 256, 257, 273, 278, 284, 322, 323, 324
SUBFILE_TYPE, REDUCED, SUB_IFDS, DNG_VERSION = 254, 1, 330, 50706
SMALLER = 5  # bits of the subfile type: a smaller copy, a mask
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6
RAW_KINDS = (32803, 34892)  # a colour filter's mosaic, and values of a sensor
ALPHAS, MULTIPLIED = (1, 2), 1
TOGETHER, SEPARATE = 1, 2  # the bands of a pixel, or planes, one a band
WHAT = "a TIFF of several pages, many bands or more than 8 bits"
HEAD = 100_000  # bytes of a JPEG, in which its size stands
MOST_PAGES = 10_000
NUMBERS = ("imagewidth", "imagelength", "imagedepth", "samplesperpixel", "bitspersample", "subfiletype")
JPEG = 7
SIZED = (1, 2, 3, 4, 5, JPEG, 8, 32773, 32946, 34925, 50000)  # ways of packing that can't give more than was claimed


@dataclass(frozen=True)
class Page:
    """The page that is used.

    Args:
        bands: Its values; None where Pillow reads it.
        number: Among all of the file's directories.
        pages: How many of full size there are.
        profile: Its colour profile.
        orientation: As of EXIF, 1..8.
        inks: Whether its bands are cyan, magenta, yellow, black.
    """

    bands: Bands | None
    number: int
    pages: int
    profile: bytes | None = None
    orientation: int = 1
    inks: bool = False


def is_raw(image: Image.Image, data: bytes) -> bool:
    """Whether it is a camera's RAW file: most are a TIFF to Pillow, with a stamp-sized preview in front."""
    tags = image.tag_v2
    is_preview = int(tags.get(SUBFILE_TYPE, 0)) & REDUCED and SUB_IFDS in tags
    return bool(DNG_VERSION in tags or is_preview or data[8:12] == b"CR\2\0" or tags.get(PHOTOMETRIC) in RAW_KINDS)


def is_plain(image: Image.Image) -> bool:
    """Whether Pillow reads this page as it is: 8 bits or fewer, and no more bands than colours."""
    tags = image.tag_v2
    bits, formats = tags.get(BITS, (1,)), tags.get(SAMPLE_FORMAT, (1,))
    samples, photometric = tags.get(SAMPLES, 1), tags.get(PHOTOMETRIC)
    colours = 4 if photometric == CMYK else 3 if photometric in (RGB, YCBCR, 8) else 1
    return max(bits) <= 8 and set(formats) <= {1, 4} and samples == colours


def is_whole(image: Image.Image) -> bool:
    """Whether this page says where each of its strips or tiles lies: what is not told stays black in Pillow."""
    tags = image.tag_v2
    width, length = tags[WIDTH], tags[LENGTH]
    if TILES in tags:
        chunks = -(-width // tags[TILE_WIDTH]) * -(-length // tags[TILE_LENGTH])
    else:
        chunks = -(-length // min(length, tags.get(ROWS_PER_STRIP, length)))
    planes = tags.get(SAMPLES, 1) if tags.get(PLANES, 1) == SEPARATE else 1
    return len(tags[TILES if TILES in tags else STRIPS]) >= chunks * planes


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    """A file by tifffile, which tells its log of every odd tag: what is odd is told here in words, or is harmless."""
    with needing("tifffile", WHAT):
        import tifffile
    own = threading.get_ident()
    log = logging.getLogger("tifffile")

    def of_others(record: logging.LogRecord) -> bool:
        return record.thread != own

    log.addFilter(of_others)
    try:
        with tifffile.TiffFile(io.BytesIO(data)) as file:
            yield file
    finally:
        log.removeFilter(of_others)


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of the largest page."""
    with _opened(data) as file:
        pages = _sound(islice(file.pages, MOST_PAGES))
    return max(((page.imagewidth, page.imagelength) for page in pages), key=lambda size: size[0] * size[1])


def _sound(pages: Iterable[Any]) -> list[Any]:
    """Those whose size is told in single numbers; of a tag that holds several tifffile makes a tuple.

    Raises:
        PictureError: None is.
    """
    sound = [page for page in pages if all(isinstance(getattr(page, name, None), int) for name in NUMBERS)]
    if not sound:
        raise PictureError(DAMAGED)
    return sound


def page_of(data: bytes, settings: PictureSettings) -> Page | None:
    """The page that the settings say, by tifffile; None for a camera's RAW file."""
    with _opened(data) as file:
        pages = list(islice(file.pages, MOST_PAGES))
        first = pages[0].tags
        if DNG_VERSION in first or first.valueof(PHOTOMETRIC) in RAW_KINDS or data[8:12] == b"CR\2\0":
            return None
        full = _full_size(pages)
        page = full[min(settings.page, len(full) - 1)]
        many = len(full) if len(full) > 1 else 0
        known = (page.index, many, page.tags.valueof(PROFILE), page.tags.valueof(ORIENTATION) or 1)
        check_size(
            page.imagewidth, page.imagelength, page.imagedepth * page.samplesperpixel * -(-page.bitspersample // 8)
        )
        if page.planarconfig not in (TOGETHER, SEPARATE) or len(page.dataoffsets) < math.prod(page.chunked):
            raise PictureError(DAMAGED)
        if _is_plain_page(page) and not data.startswith(NOT_BY_PILLOW):
            return Page(None, *known)
        return Page(_bands(page), *known, inks=page.photometric == CMYK)


def _full_size(pages: list[Any]) -> list[Any]:
    """Without masks, and without smaller copies of the largest, which not all programs mark."""
    pages = _sound(pages)
    own = [page for page in pages if not page.subfiletype & SMALLER] or pages
    largest = max(own, key=lambda page: page.imagewidth * page.imagelength)
    return [page for page in own if not _is_copy(page, largest)]


def _is_copy(page: Any, largest: Any) -> bool:
    """Whether a page is at most half as wide and high, and of the same shape."""
    wide, high = page.imagewidth / largest.imagewidth, page.imagelength / largest.imagelength
    return max(wide, high) <= 0.51 and abs(wide - high) <= 0.05 * max(wide, high) + 1 / largest.imagelength


def _is_plain_page(page: Any) -> bool:
    colours = {CMYK: 4, RGB: 3, YCBCR: 3, 8: 3}.get(page.photometric, 1)
    is_small = page.bitspersample <= 8 and (page.dtype is None or page.dtype.kind in "ub")
    return is_small and page.samplesperpixel == colours


def _bands(page: Any) -> Bands:
    if page.photometric not in (WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR):
        raise PictureError("a TIFF in colours that aren't read here: save it as PNG or TIFF in RGB first")
    with needing("imagecodecs", WHAT):  # tifffile unpacks by it
        import imagecodecs  # noqa: F401
    _refuse_odd_packing(page)
    room = np.zeros(page.shape, page.dtype)  # else what no chunk fills would be whatever lay in memory
    values = _last_axis_bands(page.asarray(out=room, maxworkers=1), page)
    if values.dtype.kind == "b":
        values = values.astype(np.uint8)
    if values.dtype.kind not in "uif":
        raise PictureError("a TIFF of numbers that aren't read here: save it as PNG or TIFF first")
    if page.photometric == PALETTE and page.colormap is not None:
        colours = np.asarray(page.colormap, np.uint16)
        return Bands(
            (colours[:, np.minimum(values[..., 0], colours.shape[1] - 1)] >> 8).astype(np.uint8).transpose(1, 2, 0)
        )
    if page.photometric == YCBCR and page.compression != JPEG:  # of a JPEG tifffile makes RGB
        values = ycbcr_in_rgb(values, page.bitspersample)
    return _with_alpha(values, page)


def _refuse_odd_packing(page: Any) -> None:
    """Raise for what says itself how large it is, and could be larger than the page."""
    if page.compression not in SIZED:
        name = getattr(page.compression, "name", page.compression)
        raise PictureError(f"a TIFF packed as {name}, which isn't read here: save it unpacked first")
    if page.compression == JPEG:
        most = (page.tilewidth or page.imagewidth) + 16, (page.tilelength or page.imagelength) + 16
        for start, length in zip(page.dataoffsets, page.databytecounts, strict=True):
            page.parent.filehandle.seek(start)
            width, height = size_in_jpeg(page.parent.filehandle.read(min(length, HEAD)))
            if width > most[0] or height > most[1]:
                raise PictureError(DAMAGED)


def _last_axis_bands(values: np.ndarray, page: Any) -> np.ndarray:
    """(height, width, bands), the first layer of a volume, in this computer's order of bytes."""
    size = (page.imagelength, page.imagewidth)
    n = page.samplesperpixel
    if values.shape[-3:] == (n, *size) and "S" in page.axes and page.axes[-1] != "S":
        values = np.moveaxis(values.reshape(-1, n, *size)[0], 0, -1)
    else:
        values = values.reshape(-1, *size, n)[0]
    return np.ascontiguousarray(values, values.dtype.newbyteorder("="))


def _with_alpha(values: np.ndarray, page: Any) -> Bands:
    """Its last band is transparency where the file calls it so and it looks like it."""
    bits = page.bitspersample if page.bitspersample != 8 * values.dtype.itemsize else 0
    inverted = page.photometric == WHITE_IS_ZERO
    extras = tuple(page.extrasamples or ())
    multiplied = bool(extras) and int(extras[-1]) == MULTIPLIED
    if not extras or extras[-1] not in ALPHAS or values.shape[2] < 2:
        return Bands(values, bits, inverted=inverted)
    if not looks_like_alpha(values[..., -1], bits) and not (multiplied and looks_multiplied(values, bits)):
        return Bands(values, bits, inverted=inverted)
    return Bands(values[..., :-1], bits, values[..., -1], inverted, multiplied)
