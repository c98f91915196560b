import numpy as np
import pytest

from core.engine import nearest_photos as neighbours
from core.engine.feature_cache import FeatureCache
from core.engine.nearest_photos import features_of_base, nearest
from core.photos.kept_settings import pictures_key
from core.photos.pictures import BEFORE, USUAL, PictureSettings

KEYS = [f"{i:064x}" for i in range(6)]


@pytest.fixture
def cache(tmp_path):
    """Four photos on a plane; the fifth is all zeros, of the sixth nothing is known."""
    made = FeatureCache(tmp_path, "plane", 2)
    made.add(KEYS[:5], np.array([[1, 0], [2, 0.5], [0, 3], [-1, 0], [0, 0]]))
    return made


def test_the_photo_in_the_same_direction_comes_first_whatever_its_length(cache):
    found = nearest(cache, KEYS[0], [KEYS[2], KEYS[3], KEYS[1], KEYS[1], KEYS[0], KEYS[5]], 9)
    assert [content for content, _ in found] == [KEYS[1], KEYS[2], KEYS[3]]
    assert [cosine for _, cosine in found] == pytest.approx([2 / np.hypot(2, 0.5), 0, -1], abs=1e-3)
    assert nearest(cache, KEYS[0], KEYS, 1) == found[:1]


def test_in_parts_the_same_are_found(cache, monkeypatch):
    whole = nearest(cache, KEYS[0], KEYS, 3)
    monkeypatch.setattr(neighbours, "AT_A_TIME", 2)
    assert nearest(cache, KEYS[0], KEYS, 3) == whole


def test_a_photo_that_is_not_there_has_no_neighbours(cache):
    assert nearest(cache, KEYS[5], KEYS, 3) == []
    assert nearest(cache, KEYS[0], [KEYS[5], KEYS[0]], 3) == []


def test_features_are_found_only_where_a_run_kept_some(tmp_path):
    assert features_of_base(tmp_path, "efficientnet-lite0", BEFORE) is None
    assert features_of_base(tmp_path, "benchmark-cnn", BEFORE) is None
    assert not (tmp_path / "features").exists()
    FeatureCache(tmp_path / "features", "efficientnet-lite0-57934424-224", 1280).add(KEYS[:1], np.ones((1, 1280)))
    assert features_of_base(tmp_path, "efficientnet-lite0", BEFORE).missing(KEYS[:2]) == [1]
    assert features_of_base(tmp_path, "efficientnet-lite0", USUAL) is None  # those are of photos read otherwise


def test_features_of_photos_read_otherwise_are_other_features(tmp_path):
    for value, page in ((1.0, 0), (2.0, 1)):
        key = pictures_key(PictureSettings(page=page))
        kept = FeatureCache(tmp_path / "features", f"efficientnet-lite0-57934424-224-{key}", 1280)
        kept.add(KEYS[:1], np.full((1, 1280), value))
    for value, page in ((1.0, 0), (2.0, 1)):
        found = features_of_base(tmp_path, "efficientnet-lite0", PictureSettings(page=page))
        assert found.read(KEYS[:1])[0, 0] == value
