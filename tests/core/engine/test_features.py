from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import StopRequested
from core.base.files import file_sha256
from core.engine import features
from core.engine.engine import FEATURES, Engine
from core.engine.feature_cache import FeatureCache
from core.engine.features import Features, base_features, features_of
from core.jobs.job import Job
from core.models.catalogue import BUILT_IN, base_model
from core.photos.file_kinds import EMPTY
from core.photos.labelled_photo import LabelledPhoto
from tests.core.conftest import run_photos
from tests.core.shapes import write_shapes


@pytest.fixture(scope="module")
def engine(base_engine_path):
    return Engine(base_engine_path, "f32")


@pytest.fixture
def cache(tmp_path):
    return FeatureCache(tmp_path / "cache", "base-224", 1280)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return run_photos(write_shapes(tmp_path_factory.mktemp("photos"), per_class=4))


@pytest.fixture
def known(cache, engine):
    """Features that the cache has nothing of yet."""
    return Features(cache, 224, lambda: engine)


def contents_of(photos):
    return [photo.sha256 for photo in photos]


def paths_of(photos):
    return [Path(photo.path) for photo in photos]


def quiet(done, total, seconds):
    pass


def never():
    raise AssertionError("the engine was asked for")


def test_each_photo_gets_the_features_the_engine_gives_it(photos, known, engine):
    assert known.add(photos, quiet) == {}
    expected, _ = engine.run(paths_of(photos), FEATURES)
    assert known.read(photos) == pytest.approx(expected, rel=1e-3, abs=1e-3)  # kept in float16


def test_the_second_time_the_engine_is_not_even_loaded(photos, known):
    known.add(photos, quiet)
    calls = []
    assert Features(known.cache, 224, never).add(photos, lambda *call: calls.append(call)) == {}
    assert calls == []


def test_only_what_is_new_is_asked(photos, known):
    known.add(photos[:9], quiet)
    calls = []
    known.add(photos, lambda *call: calls.append(call[:2]))
    assert calls == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert known.missing(photos) == set()


def test_copies_of_a_photo_are_asked_once(photos, known):
    calls = []
    known.add([photos[0]] * 5, lambda *call: calls.append(call[:2]))
    assert calls == [(0, 1), (1, 1)]


def test_photos_that_cannot_be_used_are_reported_and_the_rest_is_kept(photos, known, tmp_path):
    bad, empty = tmp_path / "bad.jpg", tmp_path / "empty.jpg"
    bad.write_bytes(b"this is a text and no photo")
    empty.touch()
    mixed = [replace(photos[0], path=str(bad), sha256=file_sha256(bad)), *photos[:3]]
    mixed.append(replace(photos[0], path=str(empty), sha256=file_sha256(empty)))
    unreadable = known.add(mixed, quiet)
    assert unreadable == {str(bad): "not an image, or of a kind that can't be read", str(empty): EMPTY.reason}
    assert known.missing(mixed) == {file_sha256(bad), file_sha256(empty)}
    assert np.isfinite(known.read(photos[:3])).all()


def test_only_unusable_photos_leave_the_cache_empty(known, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(b"no photo")
    bad = LabelledPhoto(str(tmp_path / "bad.jpg"), "a", "", "aa" * 32)
    assert list(known.add([bad], quiet)) == [bad.path]
    assert known.missing([bad]) == {"aa" * 32}


def test_what_was_written_before_a_stop_is_kept(photos, known, engine, monkeypatch):
    monkeypatch.setattr(features, "MOST_BATCH", 4)

    def stop_at_ten(done, total, seconds):
        if done == 10:
            raise StopRequested(keep=False)

    with pytest.raises(StopRequested):
        known.add(photos, stop_at_ten)
    assert known.cache.missing(contents_of(photos)) == [8, 9, 10, 11]
    known.add(photos, quiet)
    expected, _ = engine.run(paths_of(photos), FEATURES)
    assert known.read(photos) == pytest.approx(expected, rel=1e-3, abs=1e-3)


def test_photos_that_can_be_read_come_with_rows_class_ids_and_groups(photos, places, tmp_path):
    own = replace(places, cache=tmp_path / "cache")
    bad = replace(photos[0], path=str(tmp_path / "gone.jpg"), sha256="aa" * 32)
    found = features_of(base_model(BUILT_IN), [bad, *photos], own, Job(tmp_path))
    assert found.photos == photos
    assert [found.class_names[k] for k in found.class_ids] == [photo.label for photo in photos]
    assert found.groups == contents_of(photos)
    assert np.array_equal(found.rows, base_features(base_model(BUILT_IN), own).read(photos))
