import hashlib
import io
import os

import pytest
from PIL import Image

from core.data.inspection import THUMBNAIL_SIDE, PhotoFacts, inspect_all, inspect_photo
from core.data.photos import MAX_BYTES, PhotoError


def test_one_decoding_tells_digest_size_and_thumbnail(tmp_path, jpeg):
    (tmp_path / "a.jpg").write_bytes(jpeg(1, (1600, 1200)))
    facts = inspect_photo(tmp_path / "a.jpg")
    assert facts.sha256 == hashlib.sha256(jpeg(1, (1600, 1200))).hexdigest()
    assert (facts.bytes, facts.width, facts.height) == (len(jpeg(1, (1600, 1200))), 1600, 1200)
    with Image.open(io.BytesIO(facts.thumbnail)) as thumbnail:
        assert (thumbnail.format, thumbnail.mode, thumbnail.size) == ("JPEG", "RGB", (THUMBNAIL_SIDE, 240))


def test_a_small_photo_is_not_blown_up(tmp_path, jpeg):
    (tmp_path / "a.jpg").write_bytes(jpeg(1, (32, 20)))
    with Image.open(io.BytesIO(inspect_photo(tmp_path / "a.jpg").thumbnail)) as thumbnail:
        assert thumbnail.size == (32, 20)


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
    results = list(inspect_all(paths, threads=3))
    assert [isinstance(result, PhotoFacts) for result in results] == [i % 3 != 0 and i < 11 for i in range(12)]
    assert [results[i].sha256 for i in (1, 10)] == [hashlib.sha256(jpeg(i)).hexdigest() for i in (1, 10)]
    assert (str(results[0]), str(results[11])) == (
        "not an image, or of a kind that can't be read",
        "the file can't be opened",
    )
