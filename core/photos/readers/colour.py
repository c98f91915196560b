"""Colours as the profile in the file means them, as sRGB (IEC 61966-2-1), by LittleCMS, as browsers show them."""

import io
import threading
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

MOST_BYTES = 16_000_000  # of a profile; those of printers take 2 MB
KEPT = 64  # transforms: a few profiles for each thread
SAME = 3  # levels, by which copies of sRGB differ from one another
SPACES = {"L": "GRAY", "LA": "GRAY", "RGB": "RGB", "RGBA": "RGB", "CMYK": "CMYK", "LAB": "Lab"}

Transform = ImageCms.ImageCmsTransform


def in_srgb(image: Image.Image, apply: bool) -> tuple[Image.Image, bool]:
    """A picture whose colours are brought to sRGB, and whether its profile is another one.

    Args:
        image: Of 8 bits. One without a profile, or with a broken one, stays as it is.
        apply: Whether to; else only the second answer is given.
    """
    profile = image.info.get("icc_profile")
    if image.mode == "LAB":
        return _lab_in_rgb(image), False
    if not isinstance(profile, bytes) or not 128 <= len(profile) <= MOST_BYTES or image.mode == "1":
        return image, False
    transform = _transform(profile, _modes(profile, image)[0], threading.get_ident())
    if transform is None or not apply:
        return image, transform is not None
    return _applied(_ready(image, _modes(profile, image)[1]), transform), True


def _modes(profile: bytes, image: Image.Image) -> tuple[str, str]:
    """The mode that the transform takes, and that the picture has to have: with alpha where it has some."""
    grey = image.mode in ("L", "LA") and profile[16:20] == b"GRAY"
    alpha = image.has_transparency_data
    if grey:
        return "L", "LA" if alpha else "L"
    if image.mode == "CMYK":
        return "CMYK", "CMYK"
    return "RGB", "RGBA" if alpha else "RGB"


def _ready(image: Image.Image, mode: str) -> Image.Image:
    return image if image.mode == mode else image.convert(mode)


def _applied(image: Image.Image, transform: Transform) -> Image.Image:
    """As RGB, or RGBA, whose alpha stays as it was."""
    if image.mode not in ("LA", "RGBA"):
        return ImageCms.applyTransform(image, transform)
    colours = ImageCms.applyTransform(image.convert(image.mode.removesuffix("A")), transform)
    colours.putalpha(image.getchannel("A"))
    return colours


@lru_cache(maxsize=KEPT)
def _transform(profile: bytes, mode: str, thread: int) -> Transform | None:
    """What brings colours of a profile to sRGB; None where it is sRGB, broken, or for other pictures.

    One for each thread, since LittleCMS keeps the last colour in it.
    """
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if given.profile.xcolor_space.strip() != SPACES[mode]:
            return None
        transform = ImageCms.buildTransform(given, ImageCms.createProfile("sRGB"), mode, "RGB")
        if mode == "CMYK":
            return transform
        tried = _tried(mode)
        differs = np.abs(np.asarray(ImageCms.applyTransform(tried, transform), int) - np.asarray(tried.convert("RGB")))
        return transform if differs.max() > SAME else None
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, KeyError):
        return None


def _tried(mode: str) -> Image.Image:
    """Colours from all over, by which a profile is compared with sRGB."""
    if mode == "L":
        return Image.linear_gradient("L")
    steps = np.linspace(0, 255, 9).astype(np.uint8)
    return Image.fromarray(np.stack(np.meshgrid(steps, steps, steps), -1).reshape(27, 27, 3))


def _lab_in_rgb(image: Image.Image) -> Image.Image:
    transform = ImageCms.buildTransform(ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB"), "LAB", "RGB")
    return ImageCms.applyTransform(image, transform)
