"""The demo set is repeatable, complete, and does not give its classes away by colour or ground."""

from __future__ import annotations

from collections import Counter
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.demo.demo_set import DEMO_CLASSES, demo_place, draw_demo_photo, write_demo

PER_CLASS = 16


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    write_demo(folder, per_class=PER_CLASS)
    return folder


def _accuracy_of_nearest_centroid(features: np.ndarray, labels: np.ndarray) -> float:
    """Leave-one-out accuracy, so that a picture never helps to place its own centroid."""
    right = 0
    for k in range(len(labels)):
        others = np.arange(len(labels)) != k
        centroids = [features[others & (labels == c)].mean(axis=0) for c in range(len(DEMO_CLASSES))]
        right += int(np.argmin(np.linalg.norm(np.array(centroids) - features[k], axis=1)) == labels[k])
    return right / len(labels)


@pytest.mark.parametrize("label", DEMO_CLASSES)
def test_the_same_picture_comes_out_twice(label: str) -> None:
    assert draw_demo_photo(label, 7, 3).tobytes() == draw_demo_photo(label, 7, 3).tobytes()


def test_the_pixels_do_not_depend_on_what_was_drawn_before() -> None:
    first = draw_demo_photo("snail", 2)
    draw_demo_photo("bee", 5)
    assert draw_demo_photo("snail", 2).tobytes() == first.tobytes()


def test_index_seed_and_label_each_change_the_picture() -> None:
    pictures = [draw_demo_photo(*what) for what in (("bee", 1, 0), ("bee", 2, 0), ("bee", 1, 1), ("snail", 1, 0))]
    assert len({picture.tobytes() for picture in pictures}) == 4


@pytest.mark.slow
def test_write_demo_fills_one_folder_per_class(demo_folder: Path) -> None:
    assert sorted(folder.name for folder in demo_folder.iterdir()) == list(DEMO_CLASSES)
    for label in DEMO_CLASSES:
        names = sorted(file.name for file in (demo_folder / label).iterdir())
        assert names == [f"{label} {k:02d}.jpg" for k in range(1, PER_CLASS + 1)]


def test_every_file_is_an_rgb_jpeg_of_photo_size(demo_folder: Path) -> None:
    sizes = set()
    for file in demo_folder.rglob("*.jpg"):
        with Image.open(file) as picture:
            assert (picture.format, picture.mode) == ("JPEG", "RGB")
            assert 300 <= picture.width <= 400
            assert 240 <= picture.height <= 400
            sizes.add(picture.size)
    assert len(sizes) > 3


def test_a_written_file_holds_the_drawn_picture(demo_folder: Path) -> None:
    expected = BytesIO()
    draw_demo_photo("ladybird", 5).save(expected, format="JPEG", quality=88)
    assert (demo_folder / "ladybird" / "ladybird 05.jpg").read_bytes() == expected.getvalue()


@pytest.mark.parametrize("seed", [0, 9])
@pytest.mark.parametrize("label", DEMO_CLASSES)
def test_each_class_stands_equally_often_on_each_ground(label: str, seed: int) -> None:
    counts = Counter(demo_place(label, index, seed) for index in range(48))
    assert counts == dict.fromkeys(range(8), 6)


def test_mean_colour_does_not_give_the_class_away(demo_folder: Path) -> None:
    features, borders, labels = [], [], []
    for number, label in enumerate(DEMO_CLASSES):
        for file in sorted((demo_folder / label).iterdir()):
            with Image.open(file) as picture:
                pixels = np.asarray(picture, dtype=float)
            features.append(pixels.mean(axis=(0, 1)))
            borders.append(np.concatenate([pixels[:12].mean(axis=(0, 1)), pixels[-12:].mean(axis=(0, 1))]))
            labels.append(number)
    known = np.array(labels)
    assert _accuracy_of_nearest_centroid(np.array(features), known) < 0.45
    assert _accuracy_of_nearest_centroid(np.array(borders), known) < 0.45


def test_an_unknown_label_is_refused_with_the_allowed_ones() -> None:
    with pytest.raises(ValueError, match=r"'wasp'.*bee, butterfly, ladybird, snail"):
        draw_demo_photo("wasp", 1)


def test_an_empty_set_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 1 picture per class, not 0"):
        write_demo(tmp_path / "none", per_class=0)
    assert not (tmp_path / "none").exists()


def test_more_than_99_pictures_still_sort_by_number(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny = Image.new("RGB", (2, 2))
    monkeypatch.setattr("core.demo.demo_set.draw_demo_photo", lambda label, index, seed: tiny)
    write_demo(tmp_path, per_class=100)
    names = sorted(file.name for file in (tmp_path / "bee").iterdir())
    assert (names[0], names[-1], len(names)) == ("bee 001.jpg", "bee 100.jpg", 100)
