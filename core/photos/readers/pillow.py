"""Pictures that Pillow reads; and what is there of one where its notes or its end are broken."""

import io
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from core.photos.pictures import PLAIN, PictureFacts, PictureSettings
from core.photos.readers import cut, jpeg_2000, notes
from core.photos.readers.claims import check_claims
from core.photos.readers.colour import in_srgb
from core.photos.readers.depth import Bands, as_rgb, facts_of, looks_blank
from core.photos.readers.limits import PictureError, check_missing, check_size, needing

# Pillow opens MPO as JPEG, and has no "MPO"
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "DIB", "TIFF", "AVIF", "HEIF", "JPEG2000")
HEIC = tuple(b"ftyp" + brand for brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
ANIMATED = ("GIF", "WEBP", "PNG", "AVIF")  # the second picture of an MPO is a preview, or for the other eye
ORIENTATION, SIDEWAYS = 0x0112, (5, 6, 7, 8)  # the EXIF tag, and its values with a quarter turn
TURNS = {  # by the orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
DEEP_MODES = ("I", "F", "I;16", "I;16L", "I;16B", "I;16N")
DEEP_COLOUR = (2, 4, 6)  # kinds of a PNG of which Pillow keeps the high byte of 16 bits
Image.MAX_IMAGE_PIXELS = None  # Pillow's own guard comes before ours and lower; ours says what is wrong


@dataclass(frozen=True)
class Header:
    """What is known of a picture before it is decoded.

    Args:
        size: Width and height, upright.
        exif: What its camera wrote.
        plain: Whether it is a JPEG that a browser shows as it is, without EXIF, which could say where it was taken.
    """

    size: tuple[int, int]
    exif: Image.Exif
    plain: bool = False


@dataclass(frozen=True)
class Decoded:
    """A picture, RGB (uint8 0..255), what is out of the ordinary in it, and its header."""

    image: Image.Image
    facts: PictureFacts
    header: Header


Draft = int | Callable[[Header], int | None] | None


@dataclass(frozen=True)
class Wish:
    """How a picture is wanted, and what is known of it beside its file."""

    settings: PictureSettings
    draft: Draft
    known: Image.Exif | None = None  # in place of what the file says
    profile: bytes | None = None  # the same
    there: np.ndarray | None = None  # what of the picture, as `cut.Rest` says


def opened(data: bytes) -> Image.Image:
    """A picture whose header is acceptable, not yet decoded."""
    image = Image.open(io.BytesIO(data), formats=known_formats(data))
    check_size(*image.size)
    return image


def known_formats(data: bytes) -> list[str]:
    """Those of FORMATS that Pillow knows; by itself it begins with the commonest, and phones' HEIC needs a package."""
    if "JPEG2000" not in Image.OPEN:
        Image.init()
    if "HEIF" not in Image.OPEN and data[4:12] in HEIC:
        with needing("pi_heif", "a HEIC"):
            import pi_heif
        pi_heif.register_heif_opener()
    return [name for name in FORMATS if name in Image.OPEN]


def _by_pillow(data: bytes, wish: Wish) -> Decoded:
    with opened(data) as image:
        check_claims(image, data)
        return from_pillow(image, data, wish)


def from_pillow(image: Image.Image, data: bytes, wish: Wish, pages: int = 0) -> Decoded:
    """A picture that is open, at the page that is used, of so many."""
    if image.format in ANIMATED and (frames := getattr(image, "n_frames", 1)) > 1:
        pages = frames
        image.seek(min(wish.settings.page, frames - 1))
    if wish.profile:
        image.info["icc_profile"] = wish.profile
    elif image.format == "JPEG2000":  # of which Pillow doesn't tell it
        image.info["icc_profile"] = jpeg_2000.profile_of(data)
    exif = image.getexif() if wish.known is None else wish.known
    turn = exif.get(ORIENTATION, 1)
    turned = image.format != "TIFF" and turn in SIDEWAYS  # the size of a TIFF is upright already
    plain = image.format == "JPEG" and image.mode in ("RGB", "L") and not exif and wish.known is None
    header = Header(image.size[::-1] if turned else image.size, exif, plain)
    draft = wish.draft(header) if callable(wish.draft) else wish.draft
    if draft and image.format in ("JPEG", "MPO"):
        image.draft("RGB", (draft, draft))
    facts, shown = _shown(image, data, wish)
    way = TURNS.get(turn) if image.format != "TIFF" else None
    found = Decoded(cut.greyed(shown, wish.there), replace(facts, pages=pages), header)
    return finished(found, way, wish.settings)


def _shown(image: Image.Image, data: bytes, wish: Wish) -> tuple[PictureFacts, Image.Image]:
    """An opened picture as RGB, not yet upright."""
    values = _deep_values(image, data)
    if values is None:
        image.load()
        shown, profile = in_srgb(image, wish.settings.profiles)
        return replace(PLAIN, profile=profile) if profile else PLAIN, over_white(shown)
    bands = _with_alpha(values) if values.ndim == 3 else Bands(values[..., None], alpha=_clear_grey(image, values))
    shown = as_rgb(bands, wish.settings)
    shown.info["icc_profile"] = image.info.get("icc_profile")
    shown, profile = in_srgb(shown, wish.settings.profiles)
    return PictureFacts(**facts_of(bands), profile=profile), over_white(shown)


def _deep_values(image: Image.Image, data: bytes) -> np.ndarray | None:
    """Values beyond 8 bits; None where there are none."""
    if image.format == "PNG" and data[24] == 16 and data[25] in DEEP_COLOUR:
        with needing("imagecodecs", "a PNG of 16-bit colours"):
            import imagecodecs
        return imagecodecs.png_decode(data)
    if image.format == "JPEG2000" and (deep := jpeg_2000.deep_values(data, image.mode, image.size)) is not None:
        return deep
    if image.mode not in DEEP_MODES:
        return None
    image.load()
    values = np.asarray(image)
    if values.dtype == np.int32 and values.min() >= 0 and values.max() <= 65535:
        return values.astype(np.uint16)
    return values.astype(values.dtype.newbyteorder("="))


def _clear_grey(image: Image.Image, values: np.ndarray) -> np.ndarray | None:
    """The transparency of a PNG of 16-bit grey, one level of which can be clear."""
    clear = image.info.get("transparency")
    if image.format != "PNG" or not isinstance(clear, int) or values.dtype != np.uint16:
        return None
    return np.where(values == clear, 0, 65535).astype(np.uint16)


def _with_alpha(values: np.ndarray) -> Bands:
    """Two or four bands of a PNG: the last is transparency."""
    return Bands(values[..., :-1], alpha=values[..., -1]) if values.shape[2] in (2, 4) else Bands(values)


def over_white(image: Image.Image) -> Image.Image:
    """As RGB; what is transparent is white."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image if image.mode == "RGB" else image.convert("RGB")


def finished(decoded: Decoded, way: Image.Transpose | None, settings: PictureSettings) -> Decoded:
    """The same with its picture turned upright, in which nothing of its file is left."""
    image, facts = decoded.image, decoded.facts
    if facts.pages and looks_blank(image, facts, settings):
        facts = replace(facts, blank=True)
    upright = image if way is None else image.transpose(way)
    upright.info = {}  # nothing of it goes into thumbnails
    return Decoded(upright, facts, decoded.header)


def all_the_same(data: bytes, wish: Wish) -> Decoded:
    """As `_by_pillow`; and where that fails without what is written beside the picture, and with what is there of it.

    Raises:
        Exception: Nothing helps.
    """
    try:
        return _if_cut(_by_pillow(data, wish), data)
    except (PictureError, MemoryError):
        raise
    except Exception as error:
        failed = error
    try:
        found = _rebuilt(data, wish)
    except (PictureError, MemoryError):
        raise
    except Exception:  # there is too little of it
        found = None
    if not found:
        raise failed
    return found


def _if_cut(found: Decoded, data: bytes) -> Decoded:
    return replace(found, facts=replace(found.facts, cut=True)) if notes.lacks_its_end(data) else found


def _rebuilt(data: bytes, wish: Wish) -> Decoded | None:
    lean = notes.without_notes(data)
    known = notes.exif_of(data) if wish.known is None else wish.known
    wish = replace(wish, known=known, profile=notes.profile_of(data))
    try:
        return _if_cut(_by_pillow(lean, wish), data)
    except (PictureError, MemoryError):
        raise
    except Exception:
        return _rest(lean, wish)


def _rest(data: bytes, wish: Wish) -> Decoded | None:
    """What is there of a picture whose file lacks its end; None where that can't be told."""
    rest = cut.rest_of(data)
    if rest is None:
        return raw_rest(data, wish)
    check_missing(rest.missing)
    found = _by_pillow(rest.data, replace(wish, there=rest.there))
    return replace(found, facts=replace(found.facts, cut=True, missing=rest.missing))


def raw_rest(data: bytes, wish: Wish) -> Decoded | None:
    """What is there of an uncompressed BMP or TIFF, or of a GIF."""
    try:
        image = opened(data)
        there = cut.pixels_there(image, data)
    except (PictureError, MemoryError):
        raise
    except Exception:  # not even a header
        return None
    if there is None or there.all() or image.getexif().get(ORIENTATION, 1) != 1:
        return None
    missing = 1 - float(there.mean())
    check_missing(missing)
    with suppress(OSError):
        image.load()
    image.tile = []  # what was decoded stays
    found = from_pillow(image, data, replace(wish, there=there))
    return replace(found, facts=replace(found.facts, cut=True, missing=missing))
