import hashlib
import io
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.photos.decoding import MAX_BYTES, PhotoError
from core.photos.inspection import (
    OWN_THUMBNAIL_SIDE,
    THUMBNAIL_SIDE,
    PhotoFacts,
    inspect_all,
    inspect_known,
    inspect_photo,
    small_jpeg,
)
from core.photos.near_copies import NEAR_BITS


def test_one_decoding_tells_digest_size_and_thumbnail(tmp_path, jpeg):
    (tmp_path / "a.jpg").write_bytes(jpeg(1, (1600, 1200)))
    facts = inspect_photo(tmp_path / "a.jpg")
    assert facts.sha256 == hashlib.sha256(jpeg(1, (1600, 1200))).hexdigest()
    assert (facts.bytes, facts.width, facts.height) == (len(jpeg(1, (1600, 1200))), 1600, 1200)
    with Image.open(io.BytesIO(facts.thumbnail)) as thumbnail:
        assert (thumbnail.format, thumbnail.mode, thumbnail.size) == ("JPEG", "RGB", (THUMBNAIL_SIDE, 240))


def test_a_small_photo_is_not_blown_up(tmp_path, draw):
    draw(1, (32, 20)).save(tmp_path / "a.png")
    with Image.open(io.BytesIO(inspect_photo(tmp_path / "a.png").thumbnail)) as thumbnail:
        assert (thumbnail.format, thumbnail.size) == ("JPEG", (32, 20))


def test_a_small_jpeg_is_its_own_thumbnail_unless_it_has_exif_or_colours_of_print(tmp_path, draw):
    exif = Image.Exif()
    exif[0x010F] = "A camera"
    small, large = draw(1, (OWN_THUMBNAIL_SIDE, 300)), draw(1, (OWN_THUMBNAIL_SIDE + 1, 300))
    small.save(tmp_path / "plain.jpg")
    small.convert("L").save(tmp_path / "grey.jpg")
    small.save(tmp_path / "told.jpg", exif=exif)
    small.convert("CMYK").save(tmp_path / "print.jpg")
    large.save(tmp_path / "large.jpg")
    own = {path.stem for path in tmp_path.iterdir() if inspect_photo(path).thumbnail is None}
    assert own == {"plain", "grey"}


def test_the_look_hardly_depends_on_how_large_a_photo_is(tmp_path, draw):
    picture = draw(3, (1600, 1200))
    picture.save(tmp_path / "large.jpg", quality=95)
    picture.resize((400, 300), Image.Resampling.LANCZOS).save(tmp_path / "small.jpg", quality=95)
    large, small = (inspect_photo(tmp_path / name).appearance for name in ("large.jpg", "small.jpg"))
    differing = np.bitwise_count(np.frombuffer(large.phash, np.uint8) ^ np.frombuffer(small.phash, np.uint8)).sum()
    assert differing <= NEAR_BITS / 3
    assert small.brightness == pytest.approx(large.brightness, abs=1)
    assert small.sharpness == pytest.approx(large.sharpness, rel=0.2)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF", "WEBP"])
def test_a_photo_lying_on_its_side_is_measured_and_shown_upright(tmp_path, draw, kind):
    exif = Image.Exif()
    exif[0x0112] = 6
    draw(2, (800, 400)).save(tmp_path / "a", kind, exif=exif)
    facts = inspect_photo(tmp_path / "a")
    assert (facts.width, facts.height) == (400, 800)
    with Image.open(io.BytesIO(facts.thumbnail)) as thumbnail:
        assert thumbnail.size == (160, 320)


def test_a_file_far_too_large_is_refused_before_it_is_read(tmp_path):
    (tmp_path / "huge.tif").touch()
    os.truncate(tmp_path / "huge.tif", MAX_BYTES + 1)  # sparse: takes no room
    with pytest.raises(PhotoError, match=r"larger than 500 MB"):
        inspect_photo(tmp_path / "huge.tif")


def test_many_files_give_facts_or_reasons_in_their_order(tmp_path, jpeg):
    paths = [tmp_path / f"{i}.jpg" for i in range(12)]
    for i, path in enumerate(paths[:-1]):
        path.write_bytes(jpeg(i) if i % 3 else b"no photo")
    results = list(inspect_all(paths, workers=3))
    assert [isinstance(result, PhotoFacts) for result in results] == [i % 3 != 0 and i < 11 for i in range(12)]
    assert [results[i].sha256 for i in (1, 10)] == [hashlib.sha256(jpeg(i)).hexdigest() for i in (1, 10)]
    assert (str(results[0]), str(results[11])) == (
        "not an image, or of a kind that can't be read",
        "the file can't be opened",
    )


def test_known_files_are_read_here_to_the_same_end(tmp_path, jpeg, monkeypatch):
    paths = [tmp_path / f"{i}.jpg" for i in range(20)]
    for i, path in enumerate(paths):
        path.write_bytes(jpeg(i) if i % 10 else b"no photo")
    monkeypatch.chdir(tmp_path)
    here, apart = (list(look([Path(path.name) for path in paths], 2)) for look in (inspect_known, inspect_all))
    assert [str(each) for each in here] == [str(each) for each in apart]
    assert [i for i, result in enumerate(apart) if isinstance(result, PhotoError)] == [0, 10]


def test_a_small_jpeg_that_is_asked_for_is_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    data = io.BytesIO()
    Image.new("RGB", (800, 400), "red").save(data, "JPEG", exif=exif)
    assert Image.open(io.BytesIO(small_jpeg(data.getvalue(), 240))).size == (120, 240)
