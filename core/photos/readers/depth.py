"""Values beyond 8 bits as 8: stretched linearly from one black to one white, and clipped."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from core.photos.pictures import LEVELS, PictureFacts, PictureSettings

SAMPLE = 500_000  # values, from all over a picture, of which its darkest and brightest are told
DARKEST, BRIGHTEST = 0.1, 99.9  # percentiles: a hot pixel says nothing of a picture
LEAST_CONTRAST = 0.02  # of all levels: 5 of 255
OPAQUE_SHARE = 0.9  # of an alpha's values that are nothing or full; what is in between is soft edges
LUT_BITS = 16
ROWS = 256  # at a time


@dataclass(frozen=True)
class Bands:
    """A picture as numbers.

    Args:
        values: (height, width, bands), any depth, in this computer's order of bytes.
        bits: How many of a value's are used, where the file says so; 0 else.
        alpha: The same depth, (height, width), where it is transparency.
        inverted: Whether 0 is white.
        multiplied: Whether colours are multiplied by alpha already.
    """

    values: np.ndarray
    bits: int = 0
    alpha: np.ndarray | None = None
    inverted: bool = False
    multiplied: bool = False


def facts_of(bands: Bands) -> dict[str, float | str | int]:
    """What is out of the ordinary in these values: arguments of PictureFacts."""
    n = bands.values.shape[2]
    many = {"bands": n} if n > 3 else {}
    if bands.values.dtype == np.uint8:
        return many
    step = max(1, int((bands.values.size / SAMPLE) ** 0.5))
    sample = bands.values[::step, ::step].ravel()
    sample = sample[np.isfinite(sample)]
    with np.errstate(all="ignore"):
        ends = np.percentile(sample, (DARKEST, BRIGHTEST)) if len(sample) else np.zeros(2)
    low, high = np.nan_to_num(ends.astype(np.float64))  # between the ends of 64-bit floats lies infinity
    return {"depth": bands.values.dtype.name, "low": float(low), "high": float(high), **many}


def as_rgb(bands: Bands, settings: PictureSettings) -> Image.Image:
    """A picture of 8 bits, "RGB" or "RGBA": of one or two bands the first as grey, of many those of the settings."""
    n = bands.values.shape[2]
    chosen = [min(band, n - 1) for band in settings.bands] if n > 3 else [0, 1, 2] if n == 3 else [0]
    black, white = _range(bands, settings)
    shown = np.stack([_stretched(bands.values[..., band], black, white) for band in chosen], axis=-1)
    if bands.inverted:
        shown = 255 - shown
    image = Image.fromarray(np.ascontiguousarray(shown if len(chosen) == 3 else np.repeat(shown, 3, axis=2)))
    if bands.alpha is not None:
        alpha = _stretched(bands.alpha, 0.0, _full(bands.alpha, bands.bits))
        if bands.multiplied:  # white, where it shines through
            return Image.fromarray(
                np.minimum(np.asarray(image, np.uint16) + (255 - alpha)[..., None], 255).astype("u1")
            )
        image.putalpha(Image.fromarray(alpha))
    return image


def as_cmyk(bands: Bands) -> Image.Image:
    """Four bands of ink as 8 bits."""
    full = _full(bands.values, bands.bits)
    inks = [_stretched(bands.values[..., band], 0.0, full) for band in range(4)]
    return Image.fromarray(np.stack(inks, axis=-1), "CMYK")


def _range(bands: Bands, settings: PictureSettings) -> tuple[float, float]:
    """What becomes black and white: by the project's rule, else by the depth's own."""
    depth = bands.values.dtype
    if depth == np.uint8:
        return 0.0, 2.0**bands.bits - 1 if 0 < bands.bits < 8 else 255.0
    return settings.range_of(depth.name) or own_range(bands.values, bands.bits)


def own_range(values: np.ndarray, bits: int = 0) -> tuple[float, float]:
    """What becomes black and white where no project says: all that the bits hold, or the picture's own range."""
    depth = values.dtype
    if depth.kind == "u" and 8 < bits < 8 * depth.itemsize:
        return 0.0, 2.0**bits - 1
    finite = values if depth.kind in "ui" else values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if depth.kind == "u" and high <= 65535:
        return 0.0, 65535.0 if high > 255 else 255.0
    if depth.kind == "f" and low >= 0 and high <= 1:
        return 0.0, 1.0
    return low, high


def _stretched(values: np.ndarray, black: float, white: float) -> np.ndarray:
    """uint8 of the same shape; what is no number is black."""
    if values.dtype == np.uint8 and (black, white) == (0.0, 255.0):
        return values
    if values.dtype.itemsize * 8 == LUT_BITS and values.dtype.kind in "ui":  # a table is faster, and takes no room
        numbers = np.arange(2**LUT_BITS, dtype=np.uint16)
        return _linear(numbers.view(values.dtype), black, white)[values.view(np.uint16)]
    return _linear(values, black, white)


def _linear(values: np.ndarray, black: float, white: float) -> np.ndarray:
    kind = np.float64 if values.dtype.itemsize > 2 else np.float32
    values = values.astype(kind)
    if not np.isfinite(white - black):  # of 64-bit floats near their end
        values, black, white = values / 2, black / 2, white / 2
    span = white - black
    with np.errstate(all="ignore"):
        levels = (values - black) * (255.0 / span if span > 0 else 0.0)
    levels = np.nan_to_num(levels, nan=0.0, posinf=255.0, neginf=0.0)
    return (np.clip(levels, 0.0, 255.0) + 0.5).astype(np.uint8)


def _full(values: np.ndarray, bits: int) -> float:
    if values.dtype.kind == "f":
        return 1.0
    return 2.0**bits - 1 if bits else float(np.iinfo(values.dtype).max)


def looks_like_alpha(band: np.ndarray, bits: int = 0) -> bool:
    """Whether a band is transparency: nearly everywhere nothing or full, and somewhere full; infrared is neither."""
    full = band >= _full(band, bits)
    return bool(full.any()) and float((full | (band == 0)).mean()) >= OPAQUE_SHARE


def looks_multiplied(values: np.ndarray, bits: int = 0) -> bool:
    """Whether the last band is transparency by which the others are multiplied: nowhere is one of them above it."""
    alpha = values[..., -1:]
    return bool((alpha >= _full(values, bits) / 2).any() and (values[..., :-1] <= alpha).all())


def ycbcr_in_rgb(values: np.ndarray, bits: int) -> np.ndarray:
    """The first three bands from YCbCr (ITU-T T.871, as of JPEG) to RGB, of the same depth; further ones stay.

    Args:
        values: (height, width, bands), unsigned integers; others come back as they are.
        bits: How many of a value's are used.
    """
    if values.dtype.kind != "u" or values.shape[2] < 3:
        return values
    full, middle = 2**bits - 1, 2 ** (bits - 1)
    found = values.copy()
    for at in range(0, len(values), ROWS):  # in strips, since it takes 8 times the room
        y, blue, red = np.moveaxis(values[at : at + ROWS, :, :3].astype(np.float64), -1, 0)
        blue, red = blue - middle, red - middle
        colours = np.stack([y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue], axis=-1)
        found[at : at + ROWS, :, :3] = np.clip(colours + 0.5, 0, full)
    return found


def looks_blank(image: Image.Image, facts: PictureFacts, settings: PictureSettings) -> bool:
    """Whether a picture, RGB, shows next to nothing: a dark frame, an empty page.

    Of a depth that the project hasn't seen its values are judged, since a stretch by 16 bits can hide what is there.
    """
    if facts.depth and settings.range_of(facts.depth) is None:
        most = next((level for level in LEVELS if facts.high <= level), facts.high)
        full = most if facts.depth.startswith("uint") else max(abs(facts.low), abs(facts.high))
        return facts.high - facts.low <= LEAST_CONTRAST * full
    grey = np.asarray(image.convert("L").resize((64, 64), Image.Resampling.BOX))
    low, high = np.percentile(grey, (1, 99))
    return bool(high - low <= LEAST_CONTRAST * 255)
