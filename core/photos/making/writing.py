"""Write a version of a photo, rotated or cropped, in a file of its original's kind where that loses nothing."""

import io
import warnings
from contextlib import suppress
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageOps, JpegImagePlugin

from core.photos.decoding import PhotoError, decoded
from core.photos.making.recipe import Making
from core.photos.pictures import USUAL, PictureSettings
from core.photos.readers import tiff
from core.photos.readers.notes import JPEG_START, PNG_START, png_chunk, png_chunks
from core.photos.readers.pillow import DEEP_COLOUR, ORIENTATION, Decoded, opened

SMALL = 320  # pixels of a JPEG's longer side, at which it is quickly decoded
QUALITY = 95  # of a JPEG: what is written once more loses little, and is made of the original each time
EXIF_BLOCK, EXIF_WIDTH, EXIF_HEIGHT = 0x8769, 0xA002, 0xA003
COLOUR_CHUNKS = (b"iCCP", b"sRGB", b"gAMA", b"cHRM")  # of a PNG: what its numbers mean
TOO_DEEP = "has more than 8 bits a colour, in a kind of file that can't be written again without losing them"


@dataclass(frozen=True)
class Made:
    """A version as it will be stored.

    Args:
        data: The file's bytes.
        suffix: Of its name, such as ".jpg".
    """

    data: bytes
    suffix: str


def write_made(data: bytes, making: Making, settings: PictureSettings = USUAL) -> Made:
    """A rotated or cropped version of a photo.

    A JPEG stays one: it is encoded anew with quality 95, upright, with its EXIF and colour profile. PNG and TIFF of one
    page stay what they are with every value, of 16 bits and floats too. Anything else becomes a PNG of the picture that
    the app shows (of several pages that of the settings), without loss; not where it has more than 8 bits a colour.

    Args:
        data: The original file's bytes.
        making: What to do.
        settings: How the project's pictures are read.

    Raises:
        PhotoError: It can't be read, or can't be written without losing its depth; in a few words.
    """
    if data.startswith(JPEG_START) and (made := _checked_jpeg(data, making, settings)):
        return made
    found = decoded(data, settings)
    shown = making.of_image(found.image)
    with suppress(PhotoError, *_failures()), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Pillow's of odd notes
        made = None if found.facts.cut else _of_its_kind(data, making)
        if made and _is_alike(made, shown, found, settings):
            return made
    if found.facts.depth:
        raise PhotoError(TOO_DEEP)
    return Made(_encoded(shown, "PNG", exif=_notes(found.header.exif)), ".png")


def _failures() -> tuple[type[Exception], ...]:
    """What encoders raise on odd pictures, by which there is another way; a lack of memory is none."""
    return (OSError, ValueError, KeyError, TypeError, SyntaxError, AttributeError, ImportError, RuntimeError)


def _is_alike(made: Made, shown: Image.Image, found: Decoded, settings: PictureSettings) -> bool:
    """Whether what was written is read as it should be: pixel by pixel, or by size and depth where that can't be."""
    again = decoded(made.data, settings)
    if found.facts.depth:
        return again.image.size == shown.size and again.facts.depth == found.facts.depth
    return again.image.size == shown.size and ImageChops.difference(again.image, shown).getbbox() is None


def _of_its_kind(data: bytes, making: Making) -> Made | None:
    if data.startswith(tiff.STARTS):
        return _tiff(data, making)
    if not data.startswith(PNG_START):
        return None
    if data[24] == 16 and data[25] in DEEP_COLOUR:
        return _deep_png(data, making)
    with opened(data) as image:
        return None if getattr(image, "n_frames", 1) > 1 else _png(image, making)


def _checked_jpeg(data: bytes, making: Making, settings: PictureSettings) -> Made | None:
    """Of a whole JPEG; it is only looked at small, before and after, as its pixels aren't compared."""
    before = decoded(data, settings, SMALL)
    if before.facts.cut:
        return None
    with suppress(PhotoError, *_failures()), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with opened(data) as image:
            made = _jpeg(image, making)
        if decoded(made.data, settings, SMALL).header.size == making.size_of(before.header.size):
            return made
    return None


def _jpeg(image: Image.Image, making: Making) -> Made:
    sampling = JpegImagePlugin.get_sampling(image)
    upright = ImageOps.exif_transpose(image)
    shown = making.of_image(upright)
    exif = upright.getexif()
    block = exif.get_ifd(EXIF_BLOCK)
    for tag, pixels in zip((EXIF_WIDTH, EXIF_HEIGHT), shown.size, strict=True):
        if tag in block:
            block[tag] = pixels
    options = {"quality": QUALITY, "subsampling": sampling, "icc_profile": image.info.get("icc_profile")}
    return Made(_encoded(shown, "JPEG", exif=_notes(exif), **options), ".jpg")


def _png(image: Image.Image, making: Making) -> Made:
    upright = ImageOps.exif_transpose(image)
    shown = making.of_image(upright)
    profile = image.info.get("icc_profile")
    return Made(_encoded(shown, "PNG", exif=_notes(upright.getexif()), icc_profile=profile), ".png")


def _deep_png(data: bytes, making: Making) -> Made | None:
    """Of 16-bit colours, which Pillow has no mode for."""
    import imagecodecs

    with opened(data) as image:
        if image.getexif().get(ORIENTATION, 1) != 1 or getattr(image, "n_frames", 1) > 1:
            return None
    values = making.of_values(imagecodecs.png_decode(data))
    encoded = imagecodecs.png_encode(values)
    if not np.array_equal(imagecodecs.png_decode(encoded), values):
        return None
    colours = b"".join(png_chunk(name, body) for name, body in png_chunks(data) if name in COLOUR_CHUNKS)
    head = len(PNG_START) + 25  # its header's chunk comes first and has one length
    return Made(encoded[:head] + colours + encoded[head:], ".png")


def _tiff(data: bytes, making: Making) -> Made | None:
    with suppress(OSError), Image.open(io.BytesIO(data), formats=("TIFF",)) as image:
        if tiff.is_raw(image, data) or getattr(image, "is_animated", False):
            return None
        if tiff.is_plain(image) and tiff.is_whole(image):
            image.load()  # which turns it upright
            options = {"compression": "tiff_adobe_deflate", "icc_profile": image.info.get("icc_profile")}
            return Made(_encoded(making.of_image(image), "TIFF", **options), ".tif")
    return _deep_tiff(data, making)


def _deep_tiff(data: bytes, making: Making) -> Made | None:
    """Of one page of one or three bands beyond 8 bits, as tifffile reads them."""
    import tifffile

    page = tiff.page_of(data, USUAL)
    if page is None or page.bands is None or page.pages or page.inks or page.orientation != 1:
        return None
    bands = page.bands
    if bands.alpha is not None or bands.inverted or bands.bits not in (0, 8 * bands.values.itemsize):
        return None
    values = making.of_values(bands.values)
    n = values.shape[2]
    if n not in (1, 3):
        return None
    kept = io.BytesIO()
    options = {"photometric": "rgb" if n == 3 else "minisblack", "iccprofile": page.profile, "metadata": None}
    tifffile.imwrite(kept, values if n == 3 else values[..., 0], compression="zlib", **options)
    again = tiff.page_of(kept.getvalue(), USUAL)
    same = again is not None and again.bands is not None and np.array_equal(again.bands.values, values, equal_nan=True)
    return Made(kept.getvalue(), ".tif") if same else None


def _encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, kind, **{name: value for name, value in options.items() if value not in (None, b"")})
    return encoded.getvalue()


def _notes(exif: Image.Exif) -> bytes:
    """A photo's EXIF for a version that is upright; none where it is damaged or longer than a JPEG takes."""
    with suppress(Exception):  # cameras and editors break EXIF in many ways
        if ORIENTATION in exif:
            del exif[ORIENTATION]
        notes = exif.tobytes() if exif else b""
        return notes if len(notes) <= 65_000 else b""
    return b""
