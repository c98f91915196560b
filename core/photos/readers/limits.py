"""What bounds a picture before it is decoded, and the errors of all readers."""

from collections.abc import Iterator
from contextlib import contextmanager

MAX_PIXELS = 200_000_000  # the largest phone sensor; as RGB it takes 600 MB
MAX_VALUES = 2_000_000_000  # bytes of pixels x bands: a picture of MAX_PIXELS in 16-bit colour fits
MIN_SIDE = 16  # CIFAR photos of 32 pixels are still worth learning from, an icon is not
MOST_MISSING = 0.1  # of a picture: with more it is another picture
DAMAGED = "damaged or cut short"


class PictureError(ValueError):
    """This can't be used as a picture; the message says why in a few words."""


class UnknownPictureError(PictureError):
    """Nothing more is known than that it could not be read; its first bytes may tell what it is instead."""


def check_size(width: int, height: int, bytes_per_pixel: int = 1) -> None:
    """Raise PictureError for what is too large to decode, or too small to learn from."""
    if width * height > MAX_PIXELS:
        raise PictureError(f"claims {width:,} x {height:,} pixels, more than {MAX_PIXELS // 1_000_000} million")
    if width * height * bytes_per_pixel > MAX_VALUES:
        claimed = width * height * bytes_per_pixel / 1_000_000
        raise PictureError(f"claims {claimed:,.0f} MB of pixels, more than {MAX_VALUES // 1_000_000:,}")
    if min(width, height) < MIN_SIDE:
        raise PictureError(f"too small to learn from ({width} x {height} pixels)")


def check_missing(missing: float) -> None:
    """Raise PictureError where more than MOST_MISSING of a picture isn't there."""
    if missing > MOST_MISSING:
        raise PictureError(f"{DAMAGED}: {max(100 * missing, 11):.0f} % of the picture is missing")


@contextmanager
def needing(package: str, what: str) -> Iterator[None]:
    """In the block a package is imported; PictureError where it isn't installed.

    Args:
        package: Its name on PyPI.
        what: What it reads, with its article, such as "a DICOM file".
    """
    try:
        yield
    except ImportError as error:
        words = f"{what}, for which the Python package {package} is needed: pip install {package}"
        raise PictureError(words) from error
