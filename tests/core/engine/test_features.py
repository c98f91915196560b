import numpy as np
import pytest

from core.base.errors import StopRequested
from core.base.hashing import file_sha256
from core.engine import features
from core.engine.engine import FEATURES, Engine
from core.engine.feature_cache import FeatureCache
from core.engine.features import add_missing_features
from tests.core.shapes import write_shapes


@pytest.fixture(scope="module")
def engine(base_engine_path):
    return Engine(base_engine_path, "f32")


@pytest.fixture
def cache(tmp_path):
    return FeatureCache(tmp_path / "cache", "base-224", 1280)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    paths = sorted(write_shapes(tmp_path_factory.mktemp("photos"), per_class=4).rglob("*.jpg"))
    return paths, [file_sha256(path) for path in paths]


def quiet(done, total, seconds):
    pass


def never():
    raise AssertionError("the engine was asked for")


def test_each_photo_gets_the_features_the_engine_gives_it(photos, cache, engine):
    paths, contents = photos
    assert add_missing_features(paths, contents, cache, 224, lambda: engine, quiet) == {}
    expected, _ = engine.run(paths, FEATURES)
    assert cache.read(contents) == pytest.approx(expected, rel=1e-3, abs=1e-3)  # kept in float16


def test_the_second_time_the_engine_is_not_even_loaded(photos, cache, engine):
    paths, contents = photos
    add_missing_features(paths, contents, cache, 224, lambda: engine, quiet)
    calls = []
    assert add_missing_features(paths, contents, cache, 224, never, lambda *call: calls.append(call)) == {}
    assert calls == []


def test_only_what_is_new_is_asked(photos, cache, engine):
    paths, contents = photos
    add_missing_features(paths[:9], contents[:9], cache, 224, lambda: engine, quiet)
    calls = []
    add_missing_features(paths, contents, cache, 224, lambda: engine, lambda *call: calls.append(call[:2]))
    assert calls == [(1, 3), (2, 3), (3, 3)]
    assert cache.missing(contents) == []


def test_copies_of_a_photo_are_asked_once(photos, cache, engine):
    paths, contents = photos
    calls = []
    add_missing_features(
        [paths[0]] * 5, [contents[0]] * 5, cache, 224, lambda: engine, lambda *call: calls.append(call[:2])
    )
    assert calls == [(1, 1)]


def test_photos_that_cannot_be_used_are_reported_and_the_rest_is_kept(photos, cache, engine, tmp_path):
    paths, contents = photos
    bad, empty = tmp_path / "bad.jpg", tmp_path / "empty.jpg"
    bad.write_bytes(b"this is a text and no photo")
    empty.touch()
    mixed = [bad, *paths[:3], empty]
    keys = ["aa" * 32, *contents[:3], "bb" * 32]
    refused = add_missing_features(mixed, keys, cache, 224, lambda: engine, quiet)
    assert refused == {"aa" * 32: "not an image, or of a kind that can't be read", "bb" * 32: "an empty file"}
    assert cache.missing(keys) == [0, 4]
    assert np.isfinite(cache.read(contents[:3])).all()


def test_only_unusable_photos_leave_the_cache_empty(cache, engine, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    refused = add_missing_features([tmp_path / "bad.jpg"], ["aa" * 32], cache, 224, lambda: engine, quiet)
    assert list(refused) == ["aa" * 32]
    assert cache.missing(["aa" * 32]) == [0]


def test_what_was_written_before_a_stop_is_kept(photos, cache, engine, monkeypatch):
    monkeypatch.setattr(features, "BATCH", 4)
    paths, contents = photos

    def stop_at_ten(done, total, seconds):
        if done == 10:
            raise StopRequested(keep=False)

    with pytest.raises(StopRequested):
        add_missing_features(paths, contents, cache, 224, lambda: engine, stop_at_ten)
    assert cache.missing(contents) == [8, 9, 10, 11]
    add_missing_features(paths, contents, cache, 224, lambda: engine, quiet)
    expected, _ = engine.run(paths, FEATURES)
    assert cache.read(contents) == pytest.approx(expected, rel=1e-3, abs=1e-3)
