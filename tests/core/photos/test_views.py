import hashlib
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw
from scipy.ndimage import map_coordinates

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
STRONG = Augmentation(True, True, 180, 0.5, 45, 0.5, 0.5, 0.5, 0.5, 0.9, 0.9, 1, 16)
# SHA-256 of all views of `waves`, as they were before there was `stretch` and `lens`: caches hold them.
BEFORE = {
    "auto": "497f5a5ef1603491071b321008fdfbe22a7b70bd8993f17ca1a07d013acb942e",
    "mirror=1,rotation=15,views=4": "4061c8ec9b7d99d57358ca7089bb6c10932026de84bc46d6888611299d5f894e",
    "zoom=0.5,crop=0.3,views=3": "0e9c2687a0d782120d36c082106eedae0fa2ee80ba1dc0a4fe641f7fce50317b",
    "mirror=1,flip=1,rotation=180,shift=0.5,shear=45,zoom=0.5,crop=0.5,brightness=0.9,contrast=0.9,colour=1,views=16": (
        "7ce66195f579af1a2ebce5ccfa01eff3e530b74be7069ac6189546e776539459"
    ),
}
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


def size_of(pixels):
    """How wide and how high the red rectangle is, in pixels."""
    share = np.clip((pixels[..., 0].astype(float) - pixels[..., 1]) / 200, 0, 1)
    return share.sum(1).max(), share.sum(0).max()


@pytest.mark.parametrize("shape", [(80, 120), (120, 80)])
def test_stretching_changes_width_and_height_each_by_its_own_factor(shape):
    image = Image.new("RGB", shape, (220, 220, 220))
    middle, half = np.array(shape) / 2, np.array([10, 8])
    ImageDraw.Draw(image).rectangle((*(middle - half).tolist(), *(middle + half - 1).tolist()), fill=(220, 20, 20))
    pixels = np.asarray(image)
    assert size_of(pixels) == (20, 16)
    assert size_of(vary(pixels, Variation(wide=2))) == pytest.approx((40, 16), abs=0.6)
    assert size_of(vary(pixels, Variation(tall=1.5))) == pytest.approx((20, 24), abs=0.6)
    assert size_of(vary(pixels, Variation(wide=0.75, tall=1.25))) == pytest.approx((15, 20), abs=0.6)
    assert size_of(vary(pixels, Variation(wide=1.5, tall=0.9, turn=90))) == pytest.approx((14.4, 30), abs=0.6)
    assert size_of(vary(pixels, Variation(wide=1.2, size=1.25))) == pytest.approx((30, 20), abs=0.6)


def dot_at(places, shape):
    """Grey with soft red dots at these (right, down) from the middle."""
    rows, columns = np.indices(shape) - (np.array(shape)[:, None, None] - 1) / 2
    near = sum(np.exp(-((columns - right) ** 2 + (rows - down) ** 2) / 8) for right, down in places)
    pixels = np.full((*shape, 3), 120, np.uint8)
    pixels[..., 0] += np.round(120 * near).astype(np.uint8)
    return pixels


def dot_in(pixels):
    weight = pixels[..., 0].astype(float) - pixels[..., 1]
    rows, columns = np.indices(weight.shape) - (np.array(weight.shape)[:, None, None] - 1) / 2
    return np.array([(columns * weight).sum(), (rows * weight).sum()]) / weight.sum()


@pytest.mark.parametrize(("shape", "at"), [((160, 160), (48, -48)), ((120, 200), (-60, 36)), ((201, 121), (0, 50))])
@pytest.mark.parametrize("bend", [0.3, 0.1])
def test_a_lens_moves_a_dot_along_its_radius_by_the_formula(shape, at, bend):
    r = np.hypot(*at) / (np.hypot(*shape) / 2)  # 1 is a corner
    outwards = np.array(at) * (1 + bend * r**2)
    pixels = dot_at([at], shape)
    assert dot_in(pixels) == pytest.approx(at, abs=0.1)
    assert dot_in(vary(pixels, Variation(bend=bend))) == pytest.approx(outwards, abs=0.3)
    assert dot_in(vary(dot_at([outwards], shape), Variation(bend=-bend))) == pytest.approx(at, abs=0.3)  # and back


def test_at_its_strongest_a_lens_brings_in_half_as_much_again_or_leaves_two_thirds():
    columns = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 256, 0).repeat(3, 2)
    bulging, pinched = (vary(columns, Variation(bend=bend))[:, :, 0].astype(int) for bend in (-0.5, 0.5))
    assert bulging[127, 255] == pytest.approx(511 - (127.5 + 127.5 * 1.25), abs=1)  # its mirror image, at r^2 = 1/2
    assert bulging[0, 255] == pytest.approx(511 - (127.5 + 127.5 * 1.5), abs=1.1)
    assert pinched[0, 255] == pytest.approx(127.5 + 127.5 * 0.7709, abs=1)  # 0.7709 (1 + 0.7709^2 / 2) is 1
    assert (np.diff(pinched, axis=1) >= 0).all()  # nothing folds over, up to the corners


@pytest.mark.parametrize("shape", [(64, 64), (48, 90), (31, 33)])
@pytest.mark.parametrize("bend", [0.5, -0.5, 1e-9])
def test_a_lens_reads_between_pixels_as_scipy_does(shape, bend):
    pixels = np.random.default_rng(1).integers(0, 256, (*shape, 3), np.uint8)
    rows, columns = np.indices(shape) - (np.array(shape)[:, None, None] - 1) / 2
    r = np.hypot(rows, columns) / (np.hypot(*shape) / 2)
    grid = np.linspace(0, 1.1, 200_001)
    before = np.interp(r, grid + bend * grid**3, grid) if bend > 0 else r - bend * r**3
    factor = before / np.where(r == 0, 1, r)
    middle = (np.array(shape)[:, None, None] - 1) / 2
    places = np.stack([rows, columns]) * factor + middle
    expected = [map_coordinates(pixels[..., channel], places, order=1, mode="reflect") for channel in range(3)]
    assert np.abs(vary(pixels, Variation(bend=bend)).astype(int) - np.stack(expected, -1)).max() <= 1


def test_all_geometry_at_once_reads_the_photo_once(picture):
    wild = Variation(turn=30, right=0.1, lean=10, size=0.8, wide=1.2, tall=0.9, window=0.9)
    almost, without = vary(picture, replace(wild, bend=1e-9)), vary(picture, wild)
    assert np.abs(almost.astype(int) - without).max() <= 1
    assert np.array_equal(vary(picture, replace(wild, bend=0, brightness=1)), without)


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
        **{"crop": {"window", "window_at"}, "stretch": {"wide", "tall"}, "lens": {"bend"}},
    }
    assert touched == expected.get(name, {name})
    assert any((vary(picture, each) != picture).any() for each in varied)


def test_a_draw_stays_within_what_was_allowed_and_comes_near_its_ends():
    a = Augmentation(rotation=20, shift=0.2, zoom=0.5, stretch=0.25, lens=0.4, crop=0.3, brightness=0.4, colour=1)
    draws = [drawn(a, str(photo), number) for photo in range(50) for number in range(1, 5)]
    ends = {"turn": (-20, 20), "right": (-0.2, 0.2), "size": (1 / 1.5, 1.5), "window": (0.7, 1), "colour": (0, 2)}
    ends |= {"wide": (0.8, 1.25), "tall": (0.8, 1.25), "bend": (-0.4, 0.4)}
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


@pytest.mark.parametrize("augment", BEFORE)
def test_what_an_older_setting_does_is_the_same_to_the_byte(augment):
    rows, columns = np.indices((60, 80))
    waves = np.stack([rows * 4 % 256, columns * 3 % 256, (rows * columns) % 256], -1).astype(np.uint8)
    told = hashlib.sha256()
    for view in views_of(augment):
        told.update(view.encode())
        told.update(seen_as(waves, view, "a" * 64).tobytes())
    assert told.hexdigest() == BEFORE[augment]


def test_stretching_or_a_lens_added_leaves_what_else_is_done_to_a_photo():
    old = Augmentation(True, True, rotation=20, shift=0.2, shear=5, zoom=0.3, crop=0.2, brightness=0.3, colour=0.5)
    before, after = drawn(old, "a", 3), drawn(replace(old, stretch=0.3, lens=0.2), "a", 3)
    assert replace(after, wide=1.0, tall=1.0, bend=0.0) == before
    assert 1 not in (after.wide, after.tall)
    assert after.wide != after.tall


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


def test_stretching_is_asked_about_wide_and_low_then_narrow_and_high_and_a_lens_pinched_then_bulging():
    stretched = [(each.wide, each.tall) for each in at_most(Augmentation(stretch=0.25))]
    assert stretched == [pytest.approx((1.25, 0.8)), pytest.approx((0.8, 1.25))]
    assert [each.bend for each in at_most(Augmentation(lens=0.2))] == [0.2, -0.2]


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
