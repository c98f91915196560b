"""The photos most like one photo, as the frozen base sees them: cosines of the features that runs have cached."""

from pathlib import Path

import numpy as np

from core.engine.feature_cache import FeatureCache
from core.engine.places import features_folder
from core.models.catalogue import known_base
from core.models.config import USUAL_SIZE
from core.photos.kept_settings import pictures_key
from core.photos.pictures import BEFORE, PictureSettings

ANY_WEIGHTS = "[0-9a-f]" * 8  # to hash hundreds of megabytes for a look at neighbours would take a second
AT_A_TIME = 4096  # rows in memory: 42 MB at 2,560 values


def features_of_base(
    cache_folder: Path, base: str, settings: PictureSettings, image_size: int = USUAL_SIZE
) -> FeatureCache | None:
    """What the base of that name, with the weights that were used last, has said of photos read by these settings.

    `image_size` is that of the run's settings. None when nothing was kept, as of a base that isn't in the catalogue.
    """
    known = known_base(base)
    if known is None:
        return None
    folder = features_folder(cache_folder)
    keys = [f"-{pictures_key(settings)}", *([""] if settings == BEFORE else [])]  # without one of an older version
    # Of a run in a stranger's project anything may be said, and this becomes a part of a pattern of files.
    size = image_size if image_size and isinstance(image_size, int) else known.image_size
    kept = [path for key in keys for path in folder.glob(f"{known.name}-{ANY_WEIGHTS}-{size}{key}.index")]
    newest = max(kept, key=lambda path: path.stat().st_mtime, default=None)
    return FeatureCache(folder, newest.stem, known.feature_width) if newest else None


def nearest(cache: FeatureCache, content: str, others: list[str], n: int) -> list[tuple[str, float]]:
    """Which of the others have the features most like those of one photo.

    Args:
        content: The photo's SHA-256.
        others: Those of the photos to look among; the photo itself is passed over, and of equal ones all but one.
        n: At most so many.

    Returns:
        SHA-256 and cosine, -1..1, the most alike first; empty when the photo's features are not there.
    """
    others = [other for other in dict.fromkeys(others) if other != content]
    own, wanted = cache.read_sound([content])
    if not own:
        return []
    found: list[tuple[str, float]] = []
    for first in range(0, len(others), AT_A_TIME):
        some, features = cache.read_sound(others[first : first + AT_A_TIME])
        cosines = _unit(features) @ _unit(wanted)[0]  # (len(some),)
        best = np.argsort(-cosines, kind="stable")[:n]
        found = sorted([*found, *((some[i], float(cosines[i])) for i in best)], key=lambda each: -each[1])[:n]
    return found


def _unit(features: np.ndarray) -> np.ndarray:
    """Rows of length 1; zeros stay."""
    lengths = np.linalg.norm(features, axis=1, keepdims=True)
    return features / np.where(lengths == 0, 1, lengths)
