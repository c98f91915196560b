from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from core.base.files import sha256_of_all
from core.models.config import AUGMENTS
from core.photos.augmentation import OPTIONS, RECOMMENDED, Augmentation
from core.photos.views import (
    MIRRORED,
    ORIGINAL,
    Variation,
    at_most,
    drawn,
    seen_as,
    varied_view,
    vary,
    view_key,
    views_of,
)

PIXELS = np.arange(2 * 3 * 3, dtype=np.uint8).reshape(2, 3, 3)
STRONG = Augmentation(True, True, 180, 0.5, 45, 0.5, 0.5, 0.9, 0.9, 1, 16)
MIDDLE = 40  # of the drawn picture, and so wide and high its bar to the left and the one on top


@pytest.fixture
def picture():
    """80 by 80, light grey; a red bar to the left of the middle and a blue one above it."""
    image = Image.new("RGB", (80, 80), (200, 200, 200))
    draw = ImageDraw.Draw(image)
    draw.rectangle((16, 36, 23, 43), fill=(220, 20, 20))
    draw.rectangle((36, 16, 43, 23), fill=(20, 20, 220))
    return np.asarray(image)


def place_of(pixels, channel):
    """Where the spot of this channel is: (right, down) of the middle, in pixels."""
    others = pixels.astype(float).sum(2) - pixels[..., channel]
    weight = np.clip(pixels[..., channel] - others / 2, 0, None)
    rows, columns = np.indices(weight.shape)
    centre = np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()
    return centre - (MIDDLE - 0.5)


def red(pixels):
    return place_of(pixels, 0)


def blue(pixels):
    return place_of(pixels, 2)


@pytest.mark.parametrize(("augment", "expected"), [("none", [ORIGINAL]), ("auto", [ORIGINAL, MIRRORED])])
def test_a_setting_names_its_views_the_original_first(augment, expected):
    assert list(views_of(augment)) == expected


def test_a_text_names_the_original_and_as_many_views_as_it_says():
    views = views_of("rotation=15,mirror=1,views=6")
    assert views[0] == ORIGINAL
    assert len(set(views)) == 7
    assert all("mirror=1,rotation=15" in view for view in views[1:])
    assert views_of("mirror=1,rotation=15,views=2") == views[:3]  # so what is known of two serves for six


def test_every_setting_has_views():
    assert all(views_of(augment)[0] == ORIGINAL for augment in AUGMENTS)


def test_the_original_is_the_photo_and_the_mirror_image_swaps_left_and_right():
    assert np.array_equal(seen_as(PIXELS, ORIGINAL, "a"), PIXELS)
    mirrored = seen_as(PIXELS, MIRRORED, "a")
    assert np.array_equal(mirrored[:, 0], PIXELS[:, 2])
    assert np.array_equal(mirrored[:, 1], PIXELS[:, 1])
    assert mirrored.dtype == np.uint8
    assert np.array_equal(seen_as(mirrored, MIRRORED, "a"), PIXELS)


def test_mirrored_and_upside_down_are_exact_and_take_turns(picture):
    def seen(augment):
        return [seen_as(picture, view, "a") for view in views_of(augment)[1:]]

    assert np.array_equal(seen("mirror=1")[0], picture[:, ::-1])
    assert np.array_equal(seen("flip=1")[0], picture[::-1])
    both = seen("mirror=1,flip=1")
    assert all(
        np.array_equal(got, expected)
        for got, expected in zip(both, (picture[:, ::-1], picture[::-1], picture[::-1, ::-1]), strict=True)
    )


def test_with_nothing_on_a_view_is_the_photo(picture):
    assert views_of("views=4") == (ORIGINAL,)
    assert all(np.array_equal(seen_as(picture, varied_view(Augmentation(), n), "a"), picture) for n in range(1, 9))


def test_turning_moves_left_to_above_by_a_quarter(picture):
    turned = vary(picture, Variation(turn=90))
    assert red(picture) == pytest.approx([-20, 0], abs=0.1)
    assert red(turned) == pytest.approx([0, -20], abs=0.5)
    assert blue(turned) == pytest.approx([20, 0], abs=0.5)


def test_moving_aside_moves_everything_by_the_same(picture):
    moved = vary(picture, Variation(right=0.125, down=-0.05))
    assert red(moved) - red(picture) == pytest.approx([10, -4], abs=0.2)
    assert blue(moved) - blue(picture) == pytest.approx([10, -4], abs=0.2)


def test_slanting_leaves_the_middle_line_and_moves_what_is_above(picture):
    slanted = vary(picture, Variation(lean=45))
    assert red(slanted) == pytest.approx(red(picture), abs=0.3)
    assert abs(blue(slanted)[0]) == pytest.approx(20, abs=0.5)
    assert blue(slanted)[1] == pytest.approx(-20, abs=0.3)


@pytest.mark.parametrize("size", [1.5, 0.75])
def test_nearer_and_farther_scale_the_distance_from_the_middle(picture, size):
    assert red(vary(picture, Variation(size=size))[10:70, 5:75]) + (0, 0) == pytest.approx(
        red(picture) * size - (5, 10), abs=0.6
    )


def test_a_window_in_the_upper_left_corner_fills_the_picture(picture):
    cut = vary(picture, Variation(window=0.5, window_at=(0, 0)))
    as_expected = np.asarray(Image.fromarray(picture[:40, :40]).resize((80, 80), Image.Resampling.BILINEAR))
    assert np.abs(cut[2:-2, 2:-2].astype(int) - as_expected[2:-2, 2:-2]).mean() < 1


def test_light_contrast_and_colour_do_what_they_are_called(picture):
    def mean(**what):
        return vary(picture, Variation(**what)).mean()

    assert mean(brightness=0.5) == pytest.approx(picture.mean() / 2, abs=1)
    assert vary(picture, Variation(contrast=0.2)).std() < 0.3 * picture.std()
    grey = vary(picture, Variation(colour=0.0))
    assert np.ptp(grey, axis=2).max() == 0
    spread = [np.ptp(vary(picture, Variation(colour=factor)).astype(int), axis=2).sum() for factor in (0.5, 1, 1.5)]
    assert spread == sorted(spread)
    assert spread[0] < spread[2]


@pytest.mark.parametrize("name", OPTIONS)
def test_each_option_alone_changes_the_picture_and_touches_nothing_else(picture, name):
    alone = Augmentation(**{name: OPTIONS[name].most})
    varied = [drawn(alone, "a", number) for number in range(1, 9)]
    touched = {field for each in varied for field, value in vars(each).items() if value != vars(Variation())[field]}
    expected = {
        **{"rotation": {"turn"}, "shift": {"right", "down"}, "shear": {"lean"}, "zoom": {"size"}},
        "crop": {"window", "window_at"},
    }
    assert touched == expected.get(name, {name})
    assert any((vary(picture, each) != picture).any() for each in varied)


def test_a_draw_stays_within_what_was_allowed_and_comes_near_its_ends():
    a = Augmentation(rotation=20, shift=0.2, zoom=0.5, crop=0.3, brightness=0.4, colour=1)
    draws = [drawn(a, str(photo), number) for photo in range(50) for number in range(1, 5)]
    ends = {"turn": (-20, 20), "right": (-0.2, 0.2), "size": (1 / 1.5, 1.5), "window": (0.7, 1), "colour": (0, 2)}
    for field, (low, high) in ends.items():
        values = [getattr(draw, field) for draw in draws]
        assert low <= min(values) < low + 0.1 * (high - low)
        assert high >= max(values) > high - 0.1 * (high - low)


def test_the_same_photo_and_view_give_the_same_bytes_and_other_photos_vary_differently(picture):
    view = views_of(STRONG.text())[3]
    assert np.array_equal(seen_as(picture, view, "a" * 64), seen_as(picture, view, "a" * 64))
    assert not np.array_equal(seen_as(picture, view, "a" * 64), seen_as(picture, view, "b" * 64))
    seen = {seen_as(picture, view, "a" * 64).tobytes() for view in views_of(STRONG.text())}
    assert len(seen) == 17


def test_how_much_depends_on_the_strength_but_not_what():
    little, much = (drawn(Augmentation(rotation=degrees), "a", 1).turn for degrees in (10, 40))
    assert much == pytest.approx(4 * little)
    assert drawn(Augmentation(rotation=10, zoom=0.3), "a", 1).turn == little


@pytest.mark.parametrize("shape", [(64, 64), (48, 90), (90, 31), (1, 1)])
def test_no_variation_brings_black_corners_or_another_shape(shape):
    white = np.full((*shape, 3), 255, np.uint8)
    geometry = replace(STRONG, brightness=0, contrast=0, colour=0)
    for number in range(1, 17):
        seen = seen_as(white, varied_view(geometry, number), "photo")
        assert (seen.shape, seen.dtype) == (white.shape, np.uint8)
        assert seen.min() == 255


@pytest.mark.parametrize("augmentation", [STRONG, *(each.augmentation for each in RECOMMENDED)])
def test_the_strongest_lies_at_the_ends_of_what_is_allowed(augmentation):
    ends = at_most(augmentation)
    degrees = augmentation.rotation
    assert [each.turn for each in ends] == [degrees, -90 if degrees == 180 else -degrees]
    assert {each.window for each in ends} == {1 - augmentation.crop}
    assert all(each.mirror == augmentation.mirror and each.flip == augmentation.flip for each in ends)


def test_what_is_on_or_off_has_one_strongest_and_what_has_two_sides_two():
    counts = {name: len(at_most(Augmentation(**{name: option.most}))) for name, option in OPTIONS.items()}
    assert counts == {name: 2 if option.unit else 1 for name, option in OPTIONS.items()}


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
