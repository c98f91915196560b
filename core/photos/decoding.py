"""Open one photo, by `readers`: upright, RGB, alpha over white, bounded in pixels; or say in words why not."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np
from PIL import Image

from core.base.errors import InputError
from core.photos.file_kinds import (
    EMPTY,
    HEAD_BYTES,
    MARKED_RAW_SUFFIXES,
    RAW_SUFFIXES,
    TEXT,
    UNKNOWN,
    kind_of,
    why_not_opened,
)
from core.photos.pictures import USUAL, PictureSettings
from core.photos.readers.decoder import decode
from core.photos.readers.decoder import size_of as picture_size
from core.photos.readers.limits import PictureError, UnknownPictureError
from core.photos.readers.pillow import Decoded, Draft

JPEGS = (".jpg", ".jpeg", ".jpe", ".jfif", ".mpo")
OTHERS = (".png", ".webp", ".gif", ".bmp", ".dib", ".tif", ".tiff", ".avif", ".heic", ".heif")
RARER = (".jp2", ".j2k", ".jpf", ".jpx", ".j2c", ".jpc", ".jxl", ".dcm", ".dicom")
SUFFIXES = frozenset((*JPEGS, *OTHERS, *RARER, *RAW_SUFFIXES, *MARKED_RAW_SUFFIXES))
MAX_BYTES = 500_000_000
CHANGED = "changed since it was brought in"

Answer = TypeVar("Answer")


class PhotoError(InputError):
    """This file can't be used as a photo; the message says why in a few words."""


class ChangedPhotoError(PhotoError):
    """The file holds another content than the one that is known under its name."""

    def __init__(self, why: str = CHANGED) -> None:  # a process that hands it on makes it anew by its words
        super().__init__(why)


@dataclass(frozen=True)
class KnownFile:
    """A photo's file with the content that it had when it was brought in, which is compared whenever it is opened.

    Args:
        path: Where it lies.
        sha256: Hex digest of that content; "" where it isn't known.
    """

    path: Path
    sha256: str


Source = Path | bytes | KnownFile


def open_photo(source: Source, draft_size: int | None = None, settings: PictureSettings = USUAL) -> Image.Image:
    """A photo as people see it.

    Args:
        source: A file, one whose content is known, or the bytes of one.
        draft_size: When given, a JPEG may come at a reduced scale (1/2, 1/4, 1/8) whose sides are still at least
            this many pixels: much faster, and no loss for what is then shrunk to that size.
        settings: The project's, or the run's that is asked.

    Returns:
        An RGB image (uint8 0..255), turned by its EXIF orientation; of several pages the one that the settings say.

    Raises:
        PhotoError: It is empty, no image, damaged, too small, or claims too many pixels; what it is instead is named.
        ChangedPhotoError: It is no longer what it was.
    """
    return decoded(photo_bytes(source), settings, draft_size).image


def decoded(data: bytes, settings: PictureSettings = USUAL, draft: Draft = None) -> Decoded:
    """A photo with what is out of the ordinary in it, and its header; PhotoError as of `open_photo`.

    Args:
        data: The file's bytes.
        settings: The project's, or the run's that is asked.
        draft: As `draft_size` of `open_photo`; or what gives that by the header.
    """
    return _in_words(data, partial(decode, data, settings, draft))


def size_of(data: bytes) -> tuple[int, int]:
    """Width and height as the header claims, perhaps before the photo is turned upright; PhotoError as above."""
    return _in_words(data, partial(picture_size, data))


def _in_words(data: bytes, read: Callable[[], Answer]) -> Answer:
    try:
        return read()
    except UnknownPictureError as error:
        kind = kind_of(data[:HEAD_BYTES])
        raise PhotoError((kind.reason if kind not in (TEXT, UNKNOWN) else "") or str(error)) from error
    except PictureError as error:
        raise PhotoError(str(error)) from error


def photo_bytes(source: Source) -> bytes:
    """The bytes of a file; PhotoError when it is empty, far larger than a photo, or can't be opened.

    Those of a `KnownFile` are hashed as they are read, so that nothing else is taken for the photo.
    """
    if isinstance(source, KnownFile):
        data = photo_bytes(source.path)
        if source.sha256 and hashlib.sha256(data).hexdigest() != source.sha256:
            raise ChangedPhotoError
        return data
    try:
        if isinstance(source, Path) and source.stat().st_size > MAX_BYTES:
            raise PhotoError(f"larger than {MAX_BYTES // 1_000_000} MB")
        data = source.read_bytes() if isinstance(source, Path) else source
    except OSError as error:
        raise PhotoError(why_not_opened(error)) from error
    if not data:
        raise PhotoError(EMPTY.reason)
    return data


def to_pixels(image: Image.Image, size: int) -> np.ndarray:
    """The whole picture at the base model's input size: uint8 (size, size, 3), RGB 0..255.

    The picture is squeezed to a square rather than cropped, so that nothing at its edges is lost. Bilinear with
    support for shrinking: as accurate as bicubic here (docs/log.md) and a third faster.
    """
    return np.asarray(image.resize((size, size), Image.Resampling.BILINEAR))


def read_pixels(source: Source, size: int, settings: PictureSettings = USUAL) -> np.ndarray:
    """`open_photo` then `to_pixels`, by the fastest decoding that loses nothing at this size."""
    return to_pixels(open_photo(source, size, settings), size)


PhotoSource = Source | np.ndarray | PhotoError  # what was decoded before, or can't be, passes through


def pixels_or_error(source: PhotoSource, size: int, settings: PictureSettings = USUAL) -> np.ndarray | PhotoError:
    """As `read_pixels`, but a photo that can't be used is an answer too, for work on many photos in threads."""
    if isinstance(source, np.ndarray | PhotoError):
        return source
    try:
        return read_pixels(source, size, settings)
    except PhotoError as error:
        return error
