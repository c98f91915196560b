"""Near-copies: photos that show the same picture resized, recompressed, cropped a little or brightened, and bursts."""

import numpy as np
from PIL import Image

HASH_BYTES = 8


def perceptual_hash(image: Image.Image) -> bytes:
    """A short description of the picture that small changes hardly touch: 64 bits, each whether a cell is brighter
    than the one to its left (difference hash, N. Krawetz 2013).

    Args:
        image: RGB, of any size.

    Returns:
        HASH_BYTES bytes; the number of bits in which two differ says how unlike the pictures are.
    """
    grey = np.asarray(image.convert("L").resize((9, 8), Image.Resampling.BOX), np.int16)
    return np.packbits(grey[:, 1:] > grey[:, :-1]).tobytes()
