"""What a photo looks like, in numbers: taken from the small picture that the one decoding pass makes anyway."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from PIL import Image

from core.photos.near_copies import perceptual_hash

BINS = 32  # per colour channel
APPEARANCE_SIDE = 160  # pixels of the longer side: at one size for all, sharpness doesn't depend on the resolution
EXIF_TAKEN, EXIF_IFD = 0x9003, 0x8769  # DateTimeOriginal, and the block of tags it lies in


@dataclass(frozen=True)
class Appearance:
    """One photo in numbers.

    Args:
        phash: Perceptual hash, see `near_copies`.
        taken: When the camera says it was taken, in seconds of a clock without time zone; None when it doesn't say.
        brightness: Mean of the grey picture, 0 (black) to 255 (white).
        sharpness: Variance of the grey picture's Laplacian (Pech-Pacheco et al. 2000), 0 or more; low = blurred.
        colours: float16 (3, BINS) as bytes: share of pixels in each bin of R, G and B, each row summing to 1.
    """

    phash: bytes
    taken: float | None
    brightness: float
    sharpness: float
    colours: bytes


def appearance_of(picture: Image.Image, exif: Image.Exif) -> Appearance:
    """What a photo looks like, in numbers.

    Args:
        picture: RGB, the photo, perhaps shrunk to some hundred pixels; it is shrunk further to APPEARANCE_SIDE.
        exif: Of the original.
    """
    scale = min(1.0, APPEARANCE_SIDE / max(picture.size))
    size = (max(1, round(scale * picture.width)), max(1, round(scale * picture.height)))
    small = picture.resize(size, Image.Resampling.BILINEAR)  # with support for shrinking
    levels = small.convert("L")
    grey = np.asarray(levels, np.float32)
    return Appearance(
        perceptual_hash(levels),
        taken_at(exif),
        round(float(grey.mean()), 2),
        round(_laplacian_variance(grey), 2),
        _colours(small),
    )


def taken_at(exif: Image.Exif) -> float | None:
    """When the camera says a photo was taken, in seconds of a clock without time zone; None when it doesn't say."""
    try:
        text = str(exif.get_ifd(EXIF_IFD)[EXIF_TAKEN])
        return (datetime.strptime(text[:19], "%Y:%m:%d %H:%M:%S") - datetime(1970, 1, 1)).total_seconds()
    except Exception:  # absent, or any of the ways in which cameras and editors break EXIF
        return None


def _laplacian_variance(grey: np.ndarray) -> float:
    inner = grey[1:-1, 1:-1]
    edges = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
    return float(edges.var()) if edges.size else 0.0


def _colours(image: Image.Image) -> bytes:
    counts = np.array(image.histogram(), np.float32).reshape(3, BINS, 256 // BINS).sum(2)
    return (counts / counts.sum(1, keepdims=True)).astype(np.float16).tobytes()
