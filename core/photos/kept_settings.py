"""Picture settings as projects and runs keep them: with the decoder's version, and checked when they are read."""

import hashlib
import json
import math
import re
import reprlib
from typing import Any

from core.photos.pictures import DECODER, PictureSettings

VERSION = "decoder"
DEPTH = re.compile(r"(u?int|float)\d{1,3}")
MOST = 1_000_000  # bands and pages that can be asked for: more than any file has


def to_keep(settings: PictureSettings) -> dict[str, Any]:
    """JSON values, with the version of the decoder for which the settings were made."""
    return {VERSION: DECODER, **settings.to_json()}


def as_kept(value: Any) -> PictureSettings:
    """The settings that were kept, or that a stranger wrote.

    Raises:
        ValueError: They are damaged.
    """
    try:
        settings = PictureSettings.from_json(value)
    except (TypeError, AttributeError, ValueError, OverflowError) as error:
        raise ValueError(f"no picture settings: {reprlib.repr(value)}") from error
    if not _is_usable(settings):
        raise ValueError(f"picture settings out of their range: {reprlib.repr(value)}")
    return settings


def _is_usable(settings: PictureSettings) -> bool:
    numbers = (*settings.bands, settings.page)
    return (
        len(settings.bands) == 3
        and all(type(number) is int and 0 <= number < MOST for number in numbers)
        and isinstance(settings.profiles, bool)
        and all(DEPTH.fullmatch(depth) and _is_range(low, high) for depth, low, high in settings.ranges)
    )


def _is_range(low: float, high: float) -> bool:
    return math.isfinite(low) and math.isfinite(high) and low <= high


def pictures_key(settings: PictureSettings) -> str:
    """Eight hex digits, others for other settings and for another version of the decoder: a part of a cache's name."""
    told = json.dumps(to_keep(settings), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:8]
