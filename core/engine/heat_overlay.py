"""A heat map made visible: laid over its photo in colours that everybody can tell apart."""

import numpy as np
from PIL import Image

# Nine steps of "inferno" (S. van der Walt and N. Smith, 2015, in the public domain): as the value grows it only grows
# lighter, in steps that look alike, so that it reads the same for colour-blind eyes and in print.
INFERNO = np.array(
    [
        (0, 0, 4),
        (31, 12, 72),
        (85, 15, 109),
        (136, 34, 106),
        (186, 54, 85),
        (227, 89, 51),
        (249, 140, 10),
        (249, 201, 50),
        (252, 255, 164),
    ],
    np.float32,
)
COVER = 0.6  # share of the colour in the mixture: less and dark photos hide it, more and it hides the photo


def colours(values: np.ndarray) -> np.ndarray:
    """The colour of each value, float (...), 0..1: uint8 (..., 3), RGB."""
    steps = np.linspace(0, 1, len(INFERNO))
    channels = [np.interp(values, steps, INFERNO[:, i]) for i in range(3)]
    return np.stack(channels, -1).round().astype(np.uint8)


def stretched(heat: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A map as for `laid_over`, brought bilinearly to its photo's width and height: float32 (height, width), 0..1."""
    return np.asarray(Image.fromarray(heat.astype(np.float32)).resize(size, Image.Resampling.BILINEAR))


def laid_over(heat: np.ndarray, photo: Image.Image) -> Image.Image:
    """The photo in grey with the map's colours over it, so that no colour of its own is taken for heat.

    Args:
        heat: float32 (h, w), 0..1, of the whole photo squeezed to a square.
        photo: RGB, of any size; the picture has the same.
    """
    grey = photo.convert("L").convert("RGB")
    return Image.blend(grey, Image.fromarray(colours(stretched(heat, photo.size))), COVER)
