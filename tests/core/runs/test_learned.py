import shutil

import numpy as np
import pytest
from PIL import Image

from core.base.files import file_sha256
from core.models.config import TrainConfig
from core.photos.inspection import content_and_hash
from core.photos.labelled_photo import LabelledPhoto
from core.runs.learned import keep_hashes, kept_hashes, learned_photos
from core.runs.run import Run


def draw(path, seed, **options):
    """Soft blotches that no other seed has."""
    spots = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(spots).resize((160, 120), Image.Resampling.BICUBIC).save(path, **options)
    return path


@pytest.fixture
def run(tmp_path):
    """Of six photos: four to learn from, one to steer, one to test."""
    paths = [draw(tmp_path / "photos" / f"{n}.jpg", n, quality=92) for n in range(6)]
    splits = ["train"] * 4 + ["validation", "test"]
    photos = [LabelledPhoto(str(p), "a", s, file_sha256(p)) for p, s in zip(paths, splits, strict=True)]
    return Run.create(tmp_path / "runs" / "one", TrainConfig(), photos)


@pytest.fixture
def asked(tmp_path):
    """The same file, saved again, mirrored and smaller; of the validation part; of the test part; and a new one."""
    photos, asked = tmp_path / "photos", tmp_path / "asked"
    asked.mkdir()
    shutil.copy(photos / "0.jpg", asked / "0.jpg")
    Image.open(photos / "1.jpg").save(asked / "1.jpg", quality=50)
    Image.open(photos / "2.jpg").transpose(Image.Transpose.FLIP_LEFT_RIGHT).resize((90, 70)).save(asked / "2.jpg")
    shutil.copy(photos / "4.jpg", asked / "3.jpg")
    shutil.copy(photos / "5.jpg", asked / "4.jpg")
    draw(asked / "5.jpg", 99)
    return [content_and_hash(asked / f"{n}.jpg") for n in range(6)]


EQUAL, NEAR = [True, False, False, True, False, False], [True, True, True, True, False, False]


def compared(learned, asked):
    equal, near = learned.compare([content for content, _ in asked], [phash for _, phash in asked])
    return equal.tolist(), near.tolist()


def test_equal_files_and_near_copies_of_what_taught_or_steered_are_known(run, asked):
    learned = learned_photos(run, look=True)
    assert learned.not_compared == 0
    assert compared(learned, asked) == (EQUAL, NEAR)


def test_what_was_kept_is_enough_when_the_photos_are_gone(run, asked, tmp_path):
    keep_hashes(run)
    assert len(kept_hashes(run)) == 5
    shutil.rmtree(tmp_path / "photos")
    assert compared(learned_photos(run, look=False), asked) == (EQUAL, NEAR)


def test_without_photos_and_hashes_only_equal_files_are_known_and_it_is_said(run, asked, tmp_path):
    shutil.rmtree(tmp_path / "photos")
    learned = learned_photos(run, look=True)
    assert learned.not_compared == 5
    assert compared(learned, asked) == (EQUAL, [False] * 6)


def test_a_photo_that_was_changed_since_counts_as_not_there(run, tmp_path):
    draw(tmp_path / "photos" / "0.jpg", 77)
    assert learned_photos(run, look=True).not_compared == 1


@pytest.mark.parametrize("harm", [b"", b"no archive", b"PK\3\4 cut"])
def test_damaged_hashes_count_as_none(run, harm):
    run.hashes_path.write_bytes(harm)
    assert kept_hashes(run) == {}
    np.savez(run.hashes_path, contents=np.zeros((2, 3), np.uint8), hashes=np.zeros((2, 24), np.uint8))
    assert kept_hashes(run) == {}


def test_without_its_list_of_photos_nothing_is_known(run):
    run.photos_path.unlink()
    assert learned_photos(run, look=True) is None
