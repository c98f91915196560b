"""One decoding pass per photo: everything the app wants to know of a file, taken while it is open once."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from core.data.looks import Look, look_of
from core.data.photos import PhotoError, open_photo, photo_bytes
from core.data.threads import in_threads

THUMBNAIL_SIDE = 320  # sharp on a high-density screen at 160 px
THUMBNAIL_QUALITY = 80


@dataclass(frozen=True)
class PhotoFacts:
    """What one decoding told.

    Args:
        sha256: Hex digest of the file's bytes.
        bytes: Size of the file.
        width: Pixels, upright.
        height: Pixels, upright.
        thumbnail: A small JPEG, at most THUMBNAIL_SIDE on its longer side.
        look: What it looks like, in numbers.
    """

    sha256: str
    bytes: int
    width: int
    height: int
    thumbnail: bytes
    look: Look


def inspect_photo(path: Path) -> PhotoFacts:
    """Decode a photo whole, so that what passes can be trained on.

    Raises:
        PhotoError: It can't be used; the message says why.
    """
    data = photo_bytes(path)
    image = open_photo(data, draft_size=THUMBNAIL_SIDE)
    (width, height), exif = _header(data)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=2.0)
    sha256 = hashlib.sha256(data).hexdigest()
    return PhotoFacts(sha256, len(data), width, height, _jpeg(image), look_of(image, exif))


def _header(data: bytes) -> tuple[tuple[int, int], Image.Exif]:
    """Upright width and height, since the decoded picture may be a reduced draft, and the camera's notes."""
    with Image.open(io.BytesIO(data)) as header:
        exif = header.getexif()
        # EXIF orientations with a quarter turn; the size of a TIFF is upright already
        sideways = header.format != "TIFF" and exif.get(0x0112, 1) in (5, 6, 7, 8)
        return (header.size[::-1] if sideways else header.size), exif


def _jpeg(image: Image.Image) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=THUMBNAIL_QUALITY)
    return encoded.getvalue()


def inspect_all(paths: Iterable[Path], threads: int) -> Iterator[PhotoFacts | PhotoError]:
    """Facts or the reason against, in the order of the paths; Pillow frees the interpreter while it decodes.

    Args:
        paths: The files.
        threads: How many to decode at a time; memory holds a few pictures per thread, never all.
    """
    return in_threads(_facts_or_error, paths, threads)


def _facts_or_error(path: Path) -> PhotoFacts | PhotoError:
    try:
        return inspect_photo(path)
    except PhotoError as error:
        return error
