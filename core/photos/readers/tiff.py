"""TIFFs that Pillow has no mode for: deep values, many bands, several pages."""

import io
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from PIL import Image

from core.photos.pictures import PictureSettings
from core.photos.readers.depth import Bands, looks_like_alpha
from core.photos.readers.limits import DAMAGED, PictureError, check_size, needing
from core.photos.readers.notes import size_in_jpeg

STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
BITS, SAMPLE_FORMAT, SAMPLES, PHOTOMETRIC, PROFILE, ORIENTATION = 258, 339, 277, 262, 34675, 274
SUBFILE_TYPE, REDUCED, SUB_IFDS, DNG_VERSION = 254, 1, 330, 50706
SMALLER = 5  # bits of the subfile type: a smaller copy, a mask
WHITE_IS_ZERO, BLACK_IS_ZERO, RGB, PALETTE, CMYK, YCBCR = 0, 1, 2, 3, 5, 6
RAW_KINDS = (32803, 34892)  # a colour filter's mosaic, and values of a sensor
ALPHAS, MULTIPLIED = (1, 2), 1
WHAT = "a TIFF of several pages, many bands or more than 8 bits"
HEAD = 100_000  # bytes of a JPEG, in which its size stands
MOST_PAGES = 10_000
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


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height of the largest page."""
    with needing("tifffile", WHAT):
        import tifffile
    with tifffile.TiffFile(io.BytesIO(data)) as file:
        sizes = [(page.imagewidth, page.imagelength) for page in islice(file.pages, MOST_PAGES)]
    return max(sizes, key=lambda size: size[0] * size[1])


def page_of(data: bytes, settings: PictureSettings) -> Page | None:
    """The page that the settings say, by tifffile; None for a camera's RAW file."""
    with needing("tifffile", WHAT):
        import tifffile
    with tifffile.TiffFile(io.BytesIO(data)) as file:
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
        if _is_plain_page(page):
            return Page(None, *known)
        return Page(_bands(page), *known, inks=page.photometric == CMYK)


def _full_size(pages: list[Any]) -> list[Any]:
    """Without masks, and without smaller copies of the largest, which not all programs mark."""
    pages = [page for page in pages if hasattr(page, "imagewidth")]
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
    values = _last_axis_bands(page.asarray(maxworkers=1), page)
    if values.dtype.kind not in "uif":
        raise PictureError("a TIFF of numbers that aren't read here: save it as PNG or TIFF first")
    if page.photometric == PALETTE and page.colormap is not None:
        colours = np.asarray(page.colormap, np.uint16)
        return Bands(
            (colours[:, np.minimum(values[..., 0], colours.shape[1] - 1)] >> 8).astype(np.uint8).transpose(1, 2, 0)
        )
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
    if not extras or extras[-1] not in ALPHAS or values.shape[2] < 2 or not looks_like_alpha(values[..., -1], bits):
        return Bands(values, bits, inverted=inverted)
    return Bands(values[..., :-1], bits, values[..., -1], inverted, int(extras[-1]) == MULTIPLIED)
