"""The features of a run's photos, from the cache where they are, from the engine where they are not."""

import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from core.data.feature_cache import FeatureCache
from core.data.photos import PhotoError
from core.inference.engine import FEATURES, Engine

BATCH = 256  # photos between two writes to the cache: what a kill can cost


def add_missing_features(
    paths: list[Path],
    contents: list[str],
    cache: FeatureCache,
    load_engine: Callable[[], Engine],
    on_progress: Callable[[int, int, float], None],
) -> dict[str, str]:
    """Ask the base about photos that the cache doesn't know, and only about them.

    Args:
        paths: The photos.
        contents: Their SHA-256 hex digests.
        cache: Where features are kept.
        load_engine: Gives the base's engine; not called when nothing is missing.
        on_progress: Called after each photo with (done, total, seconds so far); may raise to stop.

    Returns:
        The reason by SHA-256 for photos that can't be used.
    """
    missing = cache.missing(contents)
    if not missing:
        return {}
    began, engine, refused = time.monotonic(), load_engine(), {}
    keys: list[str] = []
    rows: list[np.ndarray] = []
    answers = engine.stream(paths[i] for i in missing)
    for done, (position, answer) in enumerate(zip(missing, answers, strict=True), 1):
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
