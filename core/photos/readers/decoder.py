"""The one decoder: any picture as 8-bit RGB, upright, alpha over white, and what is out of the ordinary in it.

With `pictures.py` and this folder it stands alone: every export and recipe carries them as they are.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from PIL import Image, UnidentifiedImageError

from core.photos.pictures import USUAL, PictureFacts, PictureSettings
from core.photos.readers import dicom, jpeg_xl, notes, raw, tiff
from core.photos.readers.colour import in_srgb
from core.photos.readers.depth import Bands, as_cmyk, as_rgb, facts_of
from core.photos.readers.limits import DAMAGED, PictureError, UnknownPictureError, check_size
from core.photos.readers.pillow import (
    ORIENTATION,
    SIDEWAYS,
    TURNS,
    Decoded,
    Draft,
    Header,
    Wish,
    all_the_same,
    finished,
    from_pillow,
    known_formats,
    opened,
    over_white,
    raw_rest,
)

UNKNOWN = "not an image, or of a kind that can't be read"


def picture(
    data: bytes, settings: PictureSettings = USUAL, draft_size: int | None = None
) -> tuple[Image.Image, PictureFacts]:
    """As `decode`, without the header."""
    found = decode(data, settings, draft_size)
    return found.image, found.facts


def decode(data: bytes, settings: PictureSettings = USUAL, draft: Draft = None) -> Decoded:
    """Decode a picture of any kind.

    Args:
        data: The file's bytes.
        settings: The project's, or the run's.
        draft: When given, a JPEG may come at a reduced scale (1/2, 1/4, 1/8) whose sides are still at least this many
            pixels; or what says so by the header.

    Raises:
        PictureError: It is no picture, damaged, too small, or claims too many pixels, in a few words.
    """
    with _errors_in_words():
        return _by_kind(data, Wish(settings, draft))


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height by the header alone, perhaps before it is turned upright; errors as of `decode`."""
    with _errors_in_words():
        return _size_of(data)


@contextmanager
def _errors_in_words() -> Iterator[None]:
    """What goes wrong in the block is a PictureError."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's warnings on odd metadata are no reason to refuse
            yield
    except PictureError:
        raise
    except UnidentifiedImageError as error:
        raise UnknownPictureError(UNKNOWN) from error
    except MemoryError as error:
        raise PictureError("too large for this computer's memory") from error
    except Exception as error:  # decoders raise OSError, SyntaxError, ValueError, struct.error ... on bad bytes
        raise UnknownPictureError(DAMAGED) from error


def _size_of(data: bytes) -> tuple[int, int]:
    if dicom.is_dicom(data):
        return dicom.size_of(data)
    if jpeg_xl.is_jpeg_xl(data):
        return jpeg_xl.size_of(data)
    if raw.is_raw(data):
        data = raw.preview(data)[0]
    if data.startswith(tiff.STARTS):
        return tiff.size_of(data)
    try:
        image = opened(data)
    except (PictureError, MemoryError):
        raise
    except Exception:  # as when it is decoded
        image = opened(notes.without_notes(data))
    return image.size


def _by_kind(data: bytes, wish: Wish) -> Decoded:
    if dicom.is_dicom(data):
        bands, frames = dicom.frame_of(data, wish.settings)
        return _from_bands(bands, wish, tiff.Page(bands, 0, frames), Image.Exif())
    if jpeg_xl.is_jpeg_xl(data):
        bands = jpeg_xl.bands_of(data)
        return _from_bands(bands, wish, tiff.Page(bands, 0, 0), Image.Exif())
    if raw.is_raw(data):
        return _from_preview(data, wish)
    if data.startswith(tiff.STARTS):
        return _from_tiff(data, wish)
    return all_the_same(data, wish)


def _from_bands(bands: Bands, wish: Wish, page: tiff.Page, exif: Image.Exif) -> Decoded:
    """A picture that isn't Pillow's."""
    shown = as_cmyk(bands) if page.inks else as_rgb(bands, wish.settings)
    shown.info["icc_profile"] = page.profile
    shown, profile = in_srgb(shown, wish.settings.profiles)
    way = TURNS.get(page.orientation)
    size = shown.size[::-1] if page.orientation in SIDEWAYS else shown.size
    facts = PictureFacts(**facts_of(bands), profile=profile, pages=page.pages)
    if page.inks:
        facts = replace(facts, bands=0)
    return finished(Decoded(over_white(shown), facts, Header(size, exif)), way, wish.settings)


def _from_preview(data: bytes, wish: Wish) -> Decoded:
    """The preview in a camera's RAW file, turned as the file around it says where it says nothing itself."""
    preview, orientation = raw.preview(data)
    exif = notes.exif_of(preview)
    if orientation and ORIENTATION not in exif:
        exif[ORIENTATION] = orientation
    return all_the_same(preview, replace(wish, known=exif))


def _from_tiff(data: bytes, wish: Wish) -> Decoded:
    exif = Image.Exif()
    try:
        with Image.open(io.BytesIO(data), formats=known_formats(data)) as image:
            if tiff.is_raw(image, data):
                return _from_preview(data, wish)
            exif = image.getexif()
            if tiff.is_plain(image) and not getattr(image, "is_animated", False):
                check_size(*image.size)
                if tiff.is_whole(image):
                    return from_pillow(image, data, wish)
                if rest := raw_rest(data, wish):
                    return rest
    except (PictureError, MemoryError):
        raise
    except Exception:
        if rest := raw_rest(data, wish):
            return rest
    page = tiff.page_of(data, wish.settings)
    if page is None:
        return _from_preview(data, wish)
    if page.bands is not None:
        return _from_bands(page.bands, wish, page, exif)
    with Image.open(io.BytesIO(data), formats=("TIFF",)) as image:
        image.seek(page.number)
        check_size(*image.size)
        return from_pillow(image, data, wish, page.pages)
