from pathlib import Path

import numpy as np
import pytest

from core.base.errors import RunError, StopRequested
from core.engine import features
from core.engine.engine import FEATURES
from core.engine.feature_cache import FLOAT16_MAX, FeatureCache
from core.engine.features import Features
from core.photos.decoding import PhotoError, read_pixels
from core.photos.views import MIRRORED, ORIGINAL, seen_as, view_key, views_of
from tests.core.conftest import run_photos
from tests.core.shapes import write_shapes

BOTH = (ORIGINAL, MIRRORED)


class Brightness:
    """In the engine's place: says of a photo how bright its left half and its right half are."""

    def __init__(self):
        self.asked = 0

    def stream(self, photos):
        for pixels in photos:
            self.asked += 1
            if isinstance(pixels, PhotoError):
                yield pixels
            else:
                yield {FEATURES: halves(pixels)}


def halves(pixels):
    return np.array([pixels[:, :16].mean(), pixels[:, 16:].mean()], np.float32)


def quiet(*_):
    pass


@pytest.fixture
def photos(tmp_path):
    return run_photos(write_shapes(tmp_path / "photos", per_class=2))


@pytest.fixture
def cache(tmp_path):
    return FeatureCache(tmp_path / "cache", "brightness", 2)


def test_every_view_of_every_photo_is_answered_and_kept_under_its_own_key(photos, cache):
    Features(cache, 32, Brightness).add_known(photos, BOTH, quiet)
    for photo in photos:
        pixels = read_pixels(Path(photo.path), 32)
        for view in BOTH:
            (row,) = cache.read([view_key(photo.sha256, view)])
            assert row == pytest.approx(halves(seen_as(pixels, view, photo.sha256)), rel=1e-3)
    assert Features(cache, 32, Brightness).missing(photos, BOTH) == set()


def test_a_photo_is_opened_once_for_all_its_views(photos, cache, monkeypatch):
    opened = []
    monkeypatch.setattr(
        features, "pixels_or_error", lambda path, size, settings: opened.append(path) or np.zeros((32, 32, 3), np.uint8)
    )
    engine = Brightness()
    Features(cache, 32, lambda: engine).add_known(photos, BOTH, quiet)
    assert (len(opened), engine.asked) == (6, 12)


def test_only_what_is_missing_is_asked_and_copies_count_as_one(photos, cache):
    Features(cache, 32, Brightness).add_known(photos[:2], (ORIGINAL,), quiet)
    engine, calls = Brightness(), []
    Features(cache, 32, lambda: engine).add_known([*photos, photos[5]], BOTH, lambda *call: calls.append(call[:2]))
    assert engine.asked == 10
    assert calls == [(n, 10) for n in range(11)]
    never = Brightness()
    Features(cache, 32, lambda: never).add_known(photos, BOTH, quiet)
    assert never.asked == 0


def test_varied_views_are_answered_once_and_each_photo_is_varied_in_its_own_way(photos, cache):
    views = views_of("shift=0.4,brightness=0.5,views=3")
    engine, never = Brightness(), Brightness()
    Features(cache, 32, lambda: engine).add_known(photos, views, quiet)
    assert engine.asked == 24
    Features(cache, 32, lambda: never).add_known(photos, views_of("brightness=0.5,shift=0.4,views=2"), quiet)
    assert never.asked == 0
    for photo in photos:
        rows = cache.read([view_key(photo.sha256, view) for view in views])
        pixels = read_pixels(Path(photo.path), 32)
        assert rows[2] == pytest.approx(halves(seen_as(pixels, views[2], photo.sha256)), rel=1e-3)
        assert len(np.unique(rows, axis=0)) == 4


def test_a_stop_keeps_whole_batches(photos, cache, monkeypatch):
    monkeypatch.setattr(features, "MOST_BATCH", 4)

    def stop_at_six(done, total, seconds):
        if done == 6:
            raise StopRequested(keep=True)

    with pytest.raises(StopRequested):
        Features(cache, 32, Brightness).add_known(photos, BOTH, stop_at_six)
    assert len(Features(cache, 32, Brightness).missing(photos, BOTH)) == 8


def test_a_photo_that_is_gone_ends_the_work_with_the_reason(photos, cache):
    Path(photos[3].path).unlink()
    words = r"green square/1.jpg can no longer be used: .* can't be opened. Bring it in again or set it aside"
    with pytest.raises(RunError, match=words):
        Features(cache, 32, Brightness).add_known(photos, BOTH, quiet)


def test_what_float16_can_not_hold_is_held_at_its_end(photos, cache):
    class Huge(Brightness):
        def stream(self, given):
            return ({FEATURES: np.array([1e9, -1e9], np.float32)} for _ in given)

    Features(cache, 32, Huge).add_known(photos[:1], (ORIGINAL,), quiet)
    assert cache.read([photos[0].sha256]).tolist() == [[FLOAT16_MAX, -FLOAT16_MAX]]
