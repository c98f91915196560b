"""One decoding pass per photo: everything the app wants to know of a file, taken while it is open once."""

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from core.base.threads import in_threads
from core.photos.apart.child import is_for_memory
from core.photos.apart.decoders import Decoders
from core.photos.appearance import APPEARANCE_SIDE, Appearance, appearance_of, taken_at
from core.photos.decoding import PhotoError, Source, decoded, open_photo, photo_bytes
from core.photos.near_copies import HASH_BYTES, perceptual_hash
from core.photos.pictures import PLAIN, USUAL, PictureFacts, PictureSettings
from core.photos.readers.pillow import Header

THUMBNAIL_SIDE = 320  # sharp on a high-density screen at 160 px
THUMBNAIL_QUALITY = 80
SCREEN_QUALITY = 90
OWN_THUMBNAIL_SIDE = 512  # a JPEG no larger than this is shown as it is: shrinking would take longer than decoding


@dataclass(frozen=True)
class PhotoFacts:
    """What one decoding told.

    Args:
        sha256: Hex digest of the file's bytes.
        bytes: Size of the file.
        width: Pixels, upright.
        height: Pixels, upright.
        thumbnail: A small JPEG, at most THUMBNAIL_SIDE on its longer side; None when the file itself serves as one.
        appearance: What it looks like, in numbers.
        picture: What is out of the ordinary in it.
    """

    sha256: str
    bytes: int
    width: int
    height: int
    thumbnail: bytes | None
    appearance: Appearance
    picture: PictureFacts = PLAIN


def inspect_photo(path: Path | bytes, settings: PictureSettings = USUAL) -> PhotoFacts:
    """Decode a photo whole, so that what passes can be trained on; the PhotoError of others says why not."""
    data = photo_bytes(path)
    found = decoded(data, settings, _draft)
    thumbnail = None if _is_own_thumbnail(found.header) else _thumbnail(found.image)
    appearance = appearance_of(found.image, found.header.exif)
    digest = hashlib.sha256(data).hexdigest()
    return PhotoFacts(digest, len(data), *found.header.size, thumbnail, appearance, found.facts)


def _draft(header: Header) -> int:
    return APPEARANCE_SIDE if _is_own_thumbnail(header) else THUMBNAIL_SIDE


def _is_own_thumbnail(header: Header) -> bool:
    return header.plain and max(header.size) <= OWN_THUMBNAIL_SIDE


def small_jpeg(data: bytes, side: int, settings: PictureSettings = USUAL) -> bytes:
    """A photo as a small JPEG, upright, at most `side` pixels on its longer side; PhotoError if it can't be used."""
    return small_jpeg_and_hash(data, side, settings)[0]


def small_jpeg_and_hash(data: bytes, side: int, settings: PictureSettings = USUAL) -> tuple[bytes, bytes]:
    """As `small_jpeg`, and the perceptual hash of the same decoding."""
    picture = open_photo(data, side, settings)
    phash = perceptual_hash(picture)
    return _thumbnail(picture, side), phash


def screen_jpeg(source: Source, side: int, settings: PictureSettings = USUAL) -> bytes:
    """A photo as a JPEG for the screen: whole, upright, at most `side` pixels on its longer side, never enlarged.

    Raises:
        PhotoError: It can't be used, or is no longer what it was (`KnownFile`).
    """
    picture = decoded(photo_bytes(source), settings, partial(_screen_draft, side)).image
    picture.thumbnail((side, side), reducing_gap=2.0)
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=SCREEN_QUALITY)
    return encoded.getvalue()


def screen_picture(source: Source, size: tuple[int, int], settings: PictureSettings = USUAL) -> Image.Image:
    """A photo for the screen, of at most that width and height, never enlarged; errors as of `screen_jpeg`."""
    picture = open_photo(source, max(size), settings)
    picture.thumbnail(size)
    return picture


def _screen_draft(side: int, header: Header) -> int:
    """What the shorter side has when the longer one has `side` pixels: no more need be decoded."""
    return max(1, min(header.size) * side // max(*header.size, 1))


def content_and_hash(path: Path, settings: PictureSettings = USUAL) -> tuple[str, bytes]:
    """SHA-256 of a file and the perceptual hash of its picture; "" and zeros when it can't be used."""
    try:
        data = photo_bytes(path)
        return hashlib.sha256(data).hexdigest(), perceptual_hash(open_photo(data, APPEARANCE_SIDE, settings))
    except PhotoError:
        return "", bytes(HASH_BYTES)


def hash_and_time(path: Path, settings: PictureSettings = USUAL) -> tuple[bytes, float | None]:
    """The perceptual hash of a photo and when it was taken, see `Appearance`; zeros and None when it can't be used.

    Raises:
        PhotoError: There isn't the memory for it.
    """
    try:
        found = decoded(photo_bytes(path), settings, lambda header: APPEARANCE_SIDE)
        return perceptual_hash(found.image), taken_at(found.header.exif)
    except PhotoError as error:
        if is_for_memory(error):
            raise
        return bytes(HASH_BYTES), None


def small_pixels(path: Path, settings: PictureSettings = USUAL) -> np.ndarray | None:
    """A photo for a second look (`finer_look`): uint8 (height, width, 3), RGB; None when it can't be used."""
    try:
        picture = open_photo(path, THUMBNAIL_SIDE, settings)
    except PhotoError:
        return None
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=2.0)
    return np.asarray(picture)


def _thumbnail(picture: Image.Image, side: int = THUMBNAIL_SIDE) -> bytes:
    """A small JPEG; the picture itself becomes that small too, and nobody needs it larger."""
    picture.thumbnail((side, side), reducing_gap=2.0)
    encoded = io.BytesIO()
    picture.save(encoded, "JPEG", quality=THUMBNAIL_QUALITY)
    return encoded.getvalue()


def inspect_all(
    paths: list[Path], workers: int, settings: PictureSettings = USUAL
) -> Iterator[PhotoFacts | PhotoError]:
    """Facts or the reason against, in the order of the paths, of files that anybody may have made.

    They are decoded in processes (`Decoders`), which also don't wait for each other between two calls of Pillow.

    Args:
        paths: The files.
        workers: How many to decode at a time; memory holds a few pictures per worker, never all.
    """
    with Decoders(workers) as decoders:
        yield from decoders.each(partial(inspect_photo, settings=settings), paths)


def inspect_known(
    paths: list[Path], workers: int, settings: PictureSettings = USUAL
) -> Iterator[PhotoFacts | PhotoError]:
    """As `inspect_all`, in threads, of a few photos that were decoded before: no process has to start for them."""
    return in_threads(partial(_facts_or_error, settings=settings), paths, workers)


def _facts_or_error(path: Path, settings: PictureSettings) -> PhotoFacts | PhotoError:
    try:
        return inspect_photo(path, settings)
    except PhotoError as error:
        return error
