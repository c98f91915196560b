import numpy as np
import pytest

from core.data.augment import MIRRORED, ORIGINAL, seen_as, view_key, views_of
from core.data.hashing import sha256_of_all
from core.records.config import AUGMENTS

PIXELS = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)


@pytest.mark.parametrize(("augment", "expected"), [("none", [ORIGINAL]), ("auto", [ORIGINAL, MIRRORED])])
def test_a_setting_names_its_views_the_original_first(augment, expected):
    assert list(views_of(augment)) == expected


def test_every_setting_has_views():
    assert all(views_of(augment)[0] == ORIGINAL for augment in AUGMENTS)


def test_the_original_is_the_photo_and_the_mirror_image_swaps_left_and_right():
    assert np.array_equal(seen_as(PIXELS, ORIGINAL), PIXELS)
    mirrored = seen_as(PIXELS, MIRRORED)
    assert np.array_equal(mirrored[:, 0], PIXELS[:, 2])
    assert np.array_equal(mirrored[:, 1], PIXELS[:, 1])
    assert mirrored.dtype == np.uint8
    assert np.array_equal(seen_as(mirrored, MIRRORED), PIXELS)


def test_the_original_keeps_the_key_of_its_content_and_a_view_gets_its_own(tmp_path):
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_text(path.name)
    a, b = sha256_of_all(paths)
    keys = [view_key(content, view) for content in (a, b) for view in (ORIGINAL, MIRRORED)]
    assert keys[0] == a
    assert keys[2] == b
    assert len(set(keys)) == 4
    assert all(len(bytes.fromhex(key)) == 32 for key in keys)
    assert keys == [view_key(content, view) for content in (a, b) for view in (ORIGINAL, MIRRORED)]
