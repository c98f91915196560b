"""Pictures beyond 8 bits: which files may hold one, told by their first bytes, and the stretch of those among many."""

import os
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from core.photos.apart.decoders import Decoders
from core.photos.decoding import PhotoError, Source, decoded, photo_bytes, to_pixels
from core.photos.file_kinds import DICOM_SUFFIXES, HEAD_BYTES, JPEG, kind_of
from core.photos.inspection import PhotoFacts, inspect_all
from core.photos.pictures import PLAIN, PictureFacts, PictureSettings, project_range
from core.photos.readers.dicom import is_dicom

ALWAYS_8_BITS = frozenset((".jpg", ".gif", ".webp", ".bmp", ".heic", ".avif", ".raw"))  # or read as that
PROFILE, MOST_SEGMENTS = b"ICC_PROFILE\0", 1000  # how a JPEG's segment begins that holds one; looked at in a file
PNG, PNG_DEPTH = ".png", 24  # where a PNG says how many bits a value has


def may_be_deep(source: Path | bytes) -> bool:
    """Whether a file may hold more than 8 bits a value; only its beginning is read, and a missing file holds none."""
    try:
        head = source[:HEAD_BYTES] if isinstance(source, bytes) else _beginning(source)
    except OSError:
        return False
    suffix = kind_of(head).suffix
    if suffix == PNG:
        return len(head) > PNG_DEPTH and head[PNG_DEPTH] > 8
    return suffix not in ALWAYS_8_BITS


def is_dicom_file(path: Path) -> bool:
    """Whether a file is called or begins like DICOM; a missing file is none."""
    try:
        return path.suffix.lower() in DICOM_SUFFIXES or is_dicom(_beginning(path))
    except OSError:
        return False


def may_be_odd(path: Path) -> bool:
    """Whether there may be facts of a picture beyond plain ones: of all but a JPEG without a colour profile.

    Only what stands before the picture is read. A missing file has none.
    """
    try:
        with path.open("rb") as file:
            return kind_of(file.read(HEAD_BYTES)).suffix != JPEG.suffix or _has_profile(file)
    except OSError:
        return False


def _has_profile(file: BinaryIO) -> bool:
    """Whether a JPEG has a colour profile, or makes no sense before its picture begins."""
    file.seek(2)
    for _ in range(MOST_SEGMENTS):
        start = file.read(4 + len(PROFILE))
        if len(start) < 4 or start[0] != 0xFF or start[4:] == PROFILE:
            return True
        if start[1] == 0xDA:  # from here on is the picture
            return False
        file.seek(int.from_bytes(start[2:4], "big") + 2 - len(start), os.SEEK_CUR)
    return True


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def deep_facts(paths: Iterable[Path], settings: PictureSettings, workers: int) -> list[PictureFacts]:
    """What is out of the ordinary in those of such photos that may be deep; the others are not decoded.

    Nothing in what can't be read. They are decoded in processes, see `Decoders`.
    """
    deep = [path for path in paths if may_be_deep(path)]
    with Decoders(workers) as decoders:
        found = decoders.each(partial(_facts, settings=settings), deep)
        return [PLAIN if isinstance(each, PhotoError) else each for each in found]


def inspect_alike(paths: list[Path], workers: int, settings: PictureSettings) -> list[PhotoFacts | PhotoError]:
    """Facts or the reason against, in the order of the paths; pictures beyond 8 bits stretched as all of them ask for.

    These are decoded twice, the others once. Arguments and errors as of `inspect_all`.
    """
    found = list(inspect_all(paths, workers, settings))
    ranges = project_range([each.picture for each in found if isinstance(each, PhotoFacts)])
    deep = [i for i, each in enumerate(found) if isinstance(each, PhotoFacts) and each.picture.depth]
    again = inspect_all([paths[i] for i in deep], workers, replace(settings, ranges=ranges)) if deep else ()
    for i, facts in zip(deep, again, strict=True):
        found[i] = facts
    return found


def _facts(path: Path, settings: PictureSettings) -> PictureFacts:
    return decoded(photo_bytes(path), settings).facts


def pixels_and_depth(source: Source, size: int, settings: PictureSettings) -> tuple[np.ndarray, str]:
    """A picture as a model takes it, uint8 (size, size, 3), and NumPy's name of its depth, "uint16"; "" for 8 bits.

    Raises:
        PhotoError: It can't be used.
    """
    found = decoded(photo_bytes(source), settings, size)
    return to_pixels(found.image, size), found.facts.depth


def depth_in_words(depth: str) -> str:
    """Such as "16-bit picture" of "uint16", and "picture of decimal numbers" of "float32"."""
    if depth.startswith("float"):
        return "picture of decimal numbers"
    return f"{depth.lstrip('uint')}-bit picture"
