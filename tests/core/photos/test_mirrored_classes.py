import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont, ImageOps

from core.photos.mirrored_classes import mirrored_classes
from core.photos.near_copies import HASH_BYTES, perceptual_hash

PER_CLASS = 45


def letter(rng, text):
    """A letter, each in another size, place, slant and colour."""
    ground, ink = (tuple(rng.integers(low, low + 80, 3).tolist()) for low in (175, 0))
    image = Image.new("RGB", (96, 96), ground)
    place = int(rng.integers(15, 40)), int(rng.integers(5, 20))
    ImageDraw.Draw(image).text(place, text, ink, ImageFont.load_default(int(rng.integers(45, 70))))
    return image.rotate(float(rng.uniform(-8, 8)), fillcolor=ground)


def hashes_of(images):
    return [perceptual_hash(image) for image in images]


def letters(text, per_class=PER_CLASS):
    """The classes and hashes of drawn letters, a class for each."""
    rng = np.random.default_rng(4)
    return list(np.repeat(list(text), per_class)), hashes_of(
        letter(rng, each) for each in text for _ in range(per_class)
    )


def patterns(rng, n):
    """Pictures without anything in common."""
    return [
        Image.fromarray(rng.integers(0, 256, (4, 5, 3), np.uint8)).resize((64, 48), Image.Resampling.BICUBIC)
        for _ in range(n)
    ]


@pytest.mark.parametrize(("text", "pairs"), [("bd", [("b", "d")]), ("pqx", [("p", "q")]), ("ao", []), ("XH", [])])
def test_drawn_letters_are_each_others_mirror_image_or_not(text, pairs):
    assert mirrored_classes(*letters(text)) == pairs


def test_a_few_photos_say_nothing_by_their_kind_alone():
    assert mirrored_classes(*letters("bd", per_class=6)) == []


@pytest.mark.parametrize(("copies", "pairs"), [(1, []), (2, []), (3, [("one", "other")]), (20, [("one", "other")])])
def test_mirrored_copies_count_from_three_on(copies, pairs):
    rng = np.random.default_rng(5)
    one = patterns(rng, 20)
    other = [ImageOps.mirror(image) for image in one[:copies]] + patterns(rng, 20 - copies)
    assert mirrored_classes(["one"] * 20 + ["other"] * 20, hashes_of(one + other)) == pairs


def test_mirrored_copies_within_the_classes_speak_against_it():
    """As of photos that someone has mirrored to have more of them, and of which a few got a wrong label."""
    rng = np.random.default_rng(6)
    one, other = patterns(rng, 20), patterns(rng, 20)
    both = [image for each in (one, other) for image in (*each, *map(ImageOps.mirror, each))]
    labels = ["one"] * 40 + ["other"] * 40
    labels[20:23], labels[60:63] = ["other"] * 3, ["one"] * 3
    assert mirrored_classes(labels, hashes_of(both)) == []


def test_plain_pictures_unknown_hashes_and_a_single_class_say_nothing():
    plain, unknown = bytes(HASH_BYTES), b"of an older version"
    assert mirrored_classes(["a", "b"] * 20, [plain, unknown] * 20) == []
    assert mirrored_classes([], []) == []
    labels, hashes = letters("b")
    assert mirrored_classes(labels, hashes) == []
