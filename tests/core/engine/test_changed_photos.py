"""A photo that holds another content by now is none of what is learned from, and nothing is kept under its old name."""

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.base.errors import RunError
from core.engine.engine import FEATURES
from core.engine.feature_cache import FeatureCache
from core.engine.features import Features
from core.photos.decoding import ChangedPhotoError, PhotoError, pixels_or_error
from core.photos.labelled_photo import LabelledPhoto, readable, unusable_files
from core.photos.pictures import USUAL

CHANGED = "changed since it was brought in"


@pytest.fixture
def photos(tmp_path, jpeg):
    made = []
    for seed, name in enumerate(["apple/1.jpg", "apple/2.jpg", "pear/1.jpg", "pear/2.jpg", "pear/3.jpg"]):
        path = tmp_path / "photos" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(jpeg(seed))
        made.append(LabelledPhoto(str(path), path.parent.name, "train", hashlib.sha256(jpeg(seed)).hexdigest()))
    return made


class Brightness:
    """In the engine's place."""

    def stream(self, photos):
        for pixels in photos:
            yield pixels if isinstance(pixels, PhotoError) else {FEATURES: pixels.mean((0, 1)).astype(np.float32)}


def features_in(folder, told):
    return Features(FeatureCache(folder, "brightness", 3), 32, Brightness, tell=told.append)


def quiet(*_):
    pass


def test_replaced_photos_take_no_part_and_are_said_by_name_and_never_kept_under_the_old_content(photos, tmp_path, jpeg):
    old = photos[0].sha256
    Path(photos[0].path).write_bytes(jpeg(9))
    told = []
    known = features_in(tmp_path / "cache", told)
    assert known.add(photos, quiet) == {photos[0].path: CHANGED}
    assert known.missing(photos) == {old}
    assert told == [
        "apple/1.jpg has changed since it was brought in, so it took no part. Bring the right one in again, "
        "or set it aside."
    ]
    Path(photos[0].path).write_bytes(jpeg(0))
    assert known.add(photos, quiet) == {}
    assert known.missing(photos) == set()


def test_many_are_counted_and_three_are_named(photos, tmp_path, jpeg):
    for photo in photos:
        Path(photo.path).write_bytes(jpeg(9))
    told = []
    features_in(tmp_path / "cache", told).add(photos, quiet)
    assert told[0].startswith(
        "5 photos have changed since they were brought in, so they took no part: "
        "apple/1.jpg, apple/2.jpg, pear/1.jpg and 2 more."
    )


def test_a_copy_of_a_changed_photo_stands_for_the_content_they_shared(photos, tmp_path, jpeg):
    copy = replace(photos[1], path=photos[0].path, sha256=photos[0].sha256)
    Path(copy.path).write_bytes(jpeg(9))
    other = tmp_path / "photos" / "apple" / "copy.jpg"
    other.write_bytes(jpeg(0))
    known = features_in(tmp_path / "cache", [])
    assert known.add([photos[0], replace(photos[0], path=str(other))], quiet) == {photos[0].path: CHANGED}
    assert known.missing([photos[0]]) == set()
    assert known.read([photos[0]])[0] == pytest.approx(pixels_or_error(other, 32, USUAL).mean((0, 1)), rel=1e-3)


def test_what_was_known_to_be_usable_ends_the_work_by_its_name(photos, tmp_path, jpeg):
    Path(photos[3].path).write_bytes(jpeg(9))
    with pytest.raises(RunError, match=rf"pear/2.jpg can no longer be used: {CHANGED}. Bring it in again or set it"):
        features_in(tmp_path / "cache", []).add_known(photos, ("original",), quiet)


def test_the_door_to_all_pixels_of_known_photos_hashes_what_it_reads(photos, jpeg):
    assert [photo for photo, _ in readable(photos, 32, settings=USUAL)] == photos
    assert unusable_files(photos) == {}
    Path(photos[2].path).write_bytes(jpeg(9))
    Path(photos[4].path).write_bytes(b"")
    assert [photo for photo, _ in readable(photos, 32, settings=USUAL)] == [photos[0], photos[1], photos[3]]
    assert unusable_files(photos)[photos[2].path] == CHANGED
    assert set(unusable_files(photos)) == {photos[2].path, photos[4].path}
    assert isinstance(pixels_or_error(photos[2].source, 32, USUAL), ChangedPhotoError)


def test_one_bit_is_another_content(photos):
    path = Path(photos[0].path)
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    assert isinstance(pixels_or_error(photos[0].source, 32, USUAL), ChangedPhotoError)


def test_of_a_photo_whose_content_nobody_knows_nothing_is_asked(photos, jpeg):
    Path(photos[0].path).write_bytes(jpeg(9))
    assert isinstance(pixels_or_error(replace(photos[0], sha256="").source, 32, USUAL), np.ndarray)
    assert isinstance(pixels_or_error(Path(photos[0].path), 32, USUAL), np.ndarray)
