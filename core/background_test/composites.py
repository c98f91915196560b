"""A photo with only its middle left, only its edge, or the edge of another: what the background test shows."""

import math

import numpy as np

# The middle is an ellipse of half the photo's area, so that neither side has more to show than the other.
RADIUS = math.sqrt(0.5 / math.pi)  # of it, in widths and in heights of the photo
SOFTNESS = 0.06  # of the border between the two, in the same: a sharp one would be a shape of its own


def middle_of(width: int, height: int) -> np.ndarray:
    """How much of each pixel belongs to the middle: float32 (height, width), 0..1, half of it on average."""
    x = (np.arange(width, dtype=np.float32) + 0.5) / width - 0.5
    y = (np.arange(height, dtype=np.float32) + 0.5) / height - 0.5
    away = np.sqrt(x[None] ** 2 + y[:, None] ** 2)
    return np.clip((RADIUS - away) / SOFTNESS + 0.5, 0, 1)


def joined(middle: np.ndarray, edge: np.ndarray) -> np.ndarray:
    """A picture with the middle of one and the edge of another.

    Args:
        middle: uint8 (height, width, 3), RGB.
        edge: The same, or float (3,), 0..255: one colour.

    Returns:
        uint8 (height, width, 3).
    """
    return _mixed(middle, edge, middle_of(middle.shape[1], middle.shape[0]))


def alone(photo: np.ndarray, fill: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The photo's middle alone, and its edge alone.

    Args:
        photo: uint8 (height, width, 3), RGB.
        fill: float (3,), 0..255, the colour of what is hidden: one for all photos, so that it gives nothing away. A
            blurred photo would, since its colours stay.

    Returns:
        Two pictures like `photo`.
    """
    middle = middle_of(photo.shape[1], photo.shape[0])
    return _mixed(photo, fill, middle), _mixed(photo, fill, 1 - middle)


def _mixed(one: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    share = share[..., None]
    return (share * one + (1 - share) * other).round().astype(np.uint8)
