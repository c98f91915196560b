"""Picture settings as projects and runs keep them: with the decoder's version, and checked when they are read."""

import hashlib
import json
import math
import re
from typing import Any

from core.photos.pictures import DECODER, PictureFacts, PictureSettings, Range

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
    except (TypeError, AttributeError, KeyError, OverflowError) as error:
        raise ValueError(f"no picture settings: {value!r:.200}") from error
    if not _is_usable(settings):
        raise ValueError(f"picture settings out of their range: {value!r:.200}")
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
    return math.isfinite(low) and math.isfinite(high) and low < high


def pictures_key(settings: PictureSettings) -> str:
    """Eight hex digits, others for other settings and for another version of the decoder: a part of a cache's name."""
    told = json.dumps(to_keep(settings), sort_keys=True)
    return hashlib.sha256(told.encode()).hexdigest()[:8]


def project_range(facts: list[PictureFacts]) -> tuple[Range, ...]:
    """What becomes black and white in pictures of each depth, by all pictures of a project."""
    by_depth: dict[str, list[PictureFacts]] = {}
    for each in facts:
        if each.depth:
            by_depth.setdefault(each.depth, []).append(each)
    return tuple((depth, *_range(depth, by_depth[depth])) for depth in sorted(by_depth))


def _range(depth: str, facts: list[PictureFacts]) -> tuple[float, float]:
    low, high = min(each.low for each in facts), max(each.high for each in facts)
    if depth.startswith("float") or low < 0:
        return low, high if high > low else low + 1
    return 0.0, float(2 ** max(1, math.ceil(math.log2(high + 1))) - 1)
