import numpy as np
import pytest
from PIL import Image

from core.engine.heat_overlay import colours, laid_over, stretched


def test_colours_only_grow_lighter_in_even_steps():
    rgb = colours(np.linspace(0, 1, 50)) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    luminance = linear @ (0.2126, 0.7152, 0.0722)
    lightness = np.where(luminance > 0.008856, 116 * np.cbrt(luminance) - 16, 903.3 * luminance)  # CIE L*
    steps = np.diff(lightness)
    assert steps.min() > 0.5
    assert steps.max() < 4  # of 98, in 49 steps
    assert colours(np.zeros((3, 4))).shape == (3, 4, 3)


def test_a_map_is_stretched_to_the_photos_shape():
    heat = np.zeros((7, 7), np.float32)
    heat[1, 5] = 1
    wide = stretched(heat, (700, 350))
    assert wide.shape == (350, 700)
    row, column = np.unravel_index(wide.argmax(), wide.shape)
    assert (row, column) == (pytest.approx(75, abs=2), pytest.approx(550, abs=2))  # the middle of that field
    assert 0 <= wide.min() <= wide.max() <= 1


def test_the_photo_shows_through_in_grey():
    photo = Image.new("RGB", (60, 40), "red")
    photo.paste("white", (0, 0, 30, 40))
    over = np.asarray(laid_over(np.zeros((4, 4), np.float32), photo)).astype(int)
    assert over.shape == (40, 60, 3)
    assert np.ptp(over, -1).max() < 8  # no colour of the photo's own is left
    assert over[20, 10].mean() - over[20, 50].mean() > 50
    hot = np.asarray(laid_over(np.ones((4, 4), np.float32), photo))
    assert hot.mean() > over.mean() + 80
