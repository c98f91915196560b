"""Open one photo: the only place that reads image files. Upright, RGB, alpha over white, bounded in pixels."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pi_heif
from PIL import Image, ImageOps, UnidentifiedImageError

from core.base.errors import InputError
from core.photos.file_kinds import EMPTY, HEAD_BYTES, RAW, TEXT, UNKNOWN, kind_of, why_not_opened
from core.photos.pictures import USUAL, PictureSettings

JPEGS = (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo")
SUFFIXES = frozenset((*JPEGS, ".png", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".avif", ".heic", ".heif"))
# Pillow opens MPO as JPEG, and has no "MPO"
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "HEIF")
MAX_PIXELS = 200_000_000  # the largest phone sensor; as RGB it takes 600 MB
MAX_BYTES = 500_000_000
Image.MAX_IMAGE_PIXELS = None  # Pillow's own guard comes before ours and lower; ours says what is wrong
SUBFILE_TYPE, REDUCED, SUB_IFDS, DNG_VERSION = 254, 1, 330, 50706  # tags of a TIFF
MIN_SIDE = 16  # CIFAR photos of 32 pixels are still worth learning from, an icon is not


class PhotoError(InputError):
    """This file can't be used as a photo; the message says why in a few words."""


def open_photo(source: Path | bytes, draft_size: int | None = None, settings: PictureSettings = USUAL) -> Image.Image:
    """A photo as people see it.

    Args:
        source: A file, or the bytes of one.
        draft_size: When given, a JPEG may come at a reduced scale (1/2, 1/4, 1/8) whose sides are still at least
            this many pixels: much faster, and no loss for what is then shrunk to that size.
        settings: The project's, or the run's that is asked.

    Returns:
        An RGB image (uint8 0..255), turned by its EXIF orientation; the first frame of an animation.

    Raises:
        PhotoError: It is empty, no image, damaged, too small, or claims too many pixels; what it is instead is named.
    """
    with opened(photo_bytes(source)) as image:
        return decoded(image, draft_size)


@contextmanager
def opened(data: bytes) -> Iterator[Image.Image]:
    """A photo whose header is acceptable, not yet decoded; what goes wrong in the block is a PhotoError."""
    try:
        with warnings.catch_warnings():
            _load_readers()
            warnings.simplefilter("ignore")  # Pillow's warnings on odd metadata are no reason to refuse
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                _refuse_preview(image, data)
                _check_size(*image.size)
                yield image
    except PhotoError:
        raise
    except UnidentifiedImageError as error:
        raise PhotoError(_what_it_is(data) or "not an image, or of a kind that can't be read") from error
    except MemoryError as error:
        raise PhotoError("too large for this computer's memory") from error
    except Exception as error:  # decoders raise OSError, SyntaxError, ValueError, struct.error ... on bad bytes
        raise PhotoError(_what_it_is(data) or "damaged or cut short") from error


def _what_it_is(data: bytes) -> str:
    """Why bytes that Pillow can't read are no photo; "" for those of a photo, and for what nothing more is known of."""
    kind = kind_of(data[:HEAD_BYTES])
    return "" if kind in (TEXT, UNKNOWN) else kind.reason


def _refuse_preview(image: Image.Image, data: bytes) -> None:
    """Raise for a camera's RAW file: most are a TIFF to Pillow, which would give the stamp-sized preview in front."""
    if image.format != "TIFF":
        return
    tags = image.tag_v2
    is_preview = int(tags.get(SUBFILE_TYPE, 0)) & REDUCED and SUB_IFDS in tags
    if DNG_VERSION in tags or is_preview or kind_of(data[:HEAD_BYTES]) is RAW:
        raise PhotoError(RAW.reason)


def decoded(image: Image.Image, draft_size: int | None = None) -> Image.Image:
    """The pixels of an `opened` photo; arguments and answer as of `open_photo`."""
    if draft_size and image.format in ("JPEG", "MPO"):
        image.draft("RGB", (draft_size, draft_size))
    image.load()
    ImageOps.exif_transpose(image, in_place=True)
    return _as_rgb(image)


def _load_readers() -> None:
    """Make Pillow know all FORMATS; by itself it begins with the commonest, and phones' HEIC needs a package."""
    if "HEIF" not in Image.OPEN:
        Image.init()
        pi_heif.register_heif_opener()


def photo_bytes(source: Path | bytes) -> bytes:
    """The bytes of a file; PhotoError when it is empty, far larger than a photo, or can't be opened."""
    try:
        if isinstance(source, Path) and source.stat().st_size > MAX_BYTES:
            raise PhotoError(f"larger than {MAX_BYTES // 1_000_000} MB")
        data = source.read_bytes() if isinstance(source, Path) else source
    except OSError as error:
        raise PhotoError(why_not_opened(error)) from error
    if not data:
        raise PhotoError(EMPTY.reason)
    return data


def _check_size(width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise PhotoError(f"claims {width:,} x {height:,} pixels, more than {MAX_PIXELS // 1_000_000} million")
    if min(width, height) < MIN_SIDE:
        raise PhotoError(f"too small to learn from ({width} x {height} pixels)")


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        return _deep_grey_as_rgb(image)
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def _deep_grey_as_rgb(image: Image.Image) -> Image.Image:
    """16-bit and wider grey, scaled to 8 bits: `convert` would clip it, and all would come out white."""
    grey = np.nan_to_num(np.asarray(image, dtype=np.float32))
    top = 65535.0 if grey.max() > 255 else 255.0
    if grey.max() > top or grey.min() < 0:  # 32-bit and float scans have no fixed range
        grey, top = grey - grey.min(), float(np.ptp(grey)) or 1.0
    return Image.fromarray((grey * (255.0 / top)).astype(np.uint8)).convert("RGB")


def to_pixels(image: Image.Image, size: int) -> np.ndarray:
    """The whole picture at the base model's input size: uint8 (size, size, 3), RGB 0..255.

    The picture is squeezed to a square rather than cropped, so that nothing at its edges is lost. Bilinear with
    support for shrinking: as accurate as bicubic here (docs/log.md) and a third faster.
    """
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))


def read_pixels(source: Path | bytes, size: int, settings: PictureSettings = USUAL) -> np.ndarray:
    """`open_photo` then `to_pixels`, by the fastest decoding that loses nothing at this size."""
    return to_pixels(open_photo(source, size, settings), size)


PhotoSource = Path | bytes | np.ndarray | PhotoError  # what was decoded before, or can't be, passes through


def pixels_or_error(source: PhotoSource, size: int, settings: PictureSettings = USUAL) -> np.ndarray | PhotoError:
    """As `read_pixels`, but a photo that can't be used is an answer too, for work on many photos in threads."""
    if isinstance(source, np.ndarray | PhotoError):
        return source
    try:
        return read_pixels(source, size, settings)
    except PhotoError as error:
        return error
