"""Pictures beyond 8 bits: which files may hold one, told by their first bytes, and the stretch of those among many."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from core.photos.decoding import PhotoError
from core.photos.file_kinds import HEAD_BYTES, kind_of
from core.photos.inspection import PhotoFacts, inspect_all, inspect_photo
from core.photos.kept_settings import project_range
from core.photos.pictures import PictureSettings

ALWAYS_8_BITS = frozenset((".jpg", ".gif", ".webp", ".bmp", ".heic", ".avif"))  # or read as that
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


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def with_ranges(paths: Iterable[Path], settings: PictureSettings, workers: int) -> PictureSettings:
    """These settings with the stretch that such photos ask for; those that can't be deep are not decoded."""
    deep = [path for path in paths if may_be_deep(path)]
    found = inspect_all(deep, workers, settings)
    return replace(settings, ranges=project_range([each.picture for each in found if isinstance(each, PhotoFacts)]))


def depth_of(source: Path | bytes, settings: PictureSettings) -> str:
    """NumPy's name of what a picture's values are beyond 8 bits, such as "uint16"; else ""."""
    if not may_be_deep(source):
        return ""
    try:
        return inspect_photo(source, settings).picture.depth
    except PhotoError:
        return ""


def depth_in_words(depth: str) -> str:
    """Such as "16-bit picture" of "uint16", and "picture of decimal numbers" of "float32"."""
    if depth.startswith("float"):
        return "picture of decimal numbers"
    bits = depth.lstrip("uint")
    return f"{bits}-bit picture"
