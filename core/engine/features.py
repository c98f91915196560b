"""The features of a run's photos, from the cache where they are, from the engine where they are not."""

import os
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np

from core.base.threads import in_threads
from core.engine.engine import FEATURES, Engine
from core.engine.feature_cache import FeatureCache
from core.photos.decoding import PhotoError, pixels_or_error

DECODED_AHEAD = 2048  # photos that may wait for the engine to be loaded: 308 MB at 224 pixels
BATCH = 256  # photos between two writes to the cache: what a kill can cost


def add_missing_features(
    paths: list[Path],
    contents: list[str],
    cache: FeatureCache,
    image_size: int,
    load_engine: Callable[[], Engine],
    on_progress: Callable[[int, int, float], None],
) -> dict[str, str]:
    """Ask the base about photos that the cache doesn't know, and only about them.

    Args:
        paths: The photos.
        contents: Their SHA-256 hex digests.
        cache: Where features are kept.
        image_size: Of the base's input.
        load_engine: Gives the base's engine; not called when nothing is missing.
        on_progress: Called after each photo with (done, total, seconds so far); may raise to stop.

    Returns:
        The reason by SHA-256 for photos that can't be used.
    """
    missing = cache.missing(contents)
    if not missing:
        return {}
    began, refused = time.monotonic(), {}
    decode = partial(pixels_or_error, size=image_size)
    decoded = in_threads(decode, (paths[i] for i in missing), os.cpu_count() or 2, DECODED_AHEAD)
    engine = load_engine()  # meanwhile photos are being decoded
    keys: list[str] = []
    rows: list[np.ndarray] = []
    for done, (position, answer) in enumerate(zip(missing, engine.stream(decoded), strict=True), 1):
        content = contents[position]
        if isinstance(answer, PhotoError):
            refused[content] = str(answer)
        else:
            keys.append(content)
            rows.append(answer[FEATURES])
        if len(rows) >= BATCH or (rows and done == len(missing)):
            cache.add(keys, np.stack(rows))
            keys, rows = [], []
        on_progress(done, len(missing), time.monotonic() - began)
    return refused
