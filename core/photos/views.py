"""Views: the ways in which a training photo is shown to the network. Other photos are shown as they are, or asked
about with their mirror image."""

import hashlib
import math
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageEnhance

from core.photos.augmentation import AUTO_VIEWS, NO_VIEWS, Augmentation, parse

ORIGINAL, MIRRORED = "original", "mirrored"
# Between recipe and number in a view's name, so in the cache: another way to vary needs another word.
NUMBER = " varied "
HALF_WAY = 135  # degrees, between a quarter turn and upside down


@dataclass(frozen=True)
class Variation:
    """What is done to one photo; as it is by default. The last three are factors."""

    mirror: bool = False  # left for right
    flip: bool = False  # upside down
    turn: float = 0.0  # degrees
    right: float = 0.0  # share of its width that it moves
    down: float = 0.0  # share of its height that it moves
    lean: float = 0.0  # degrees that upright lines lean
    size: float = 1.0  # of what it shows, 1 as it is
    wide: float = 1.0  # factor of its width alone
    tall: float = 1.0  # factor of its height alone
    bend: float = 0.0  # of a lens, as in `_before_the_lens`: above 0 pinched, below 0 bulging
    window: float = 1.0  # share of each side that is shown, 1 all of it
    window_at: tuple[float, float] = (0.5, 0.5)  # each 0..1 from left to right and from top to bottom
    brightness: float = 1.0
    contrast: float = 1.0
    colour: float = 1.0  # 0 is grey


def views_of(augment: str) -> tuple[str, ...]:
    """The names of the views that a setting asks for, the original first; the same for every photo and every run.

    Args:
        augment: As in `TrainConfig`: "none", "auto" or the text of an `Augmentation`; InputError for any other.
    """
    if augment in (NO_VIEWS, AUTO_VIEWS):
        return (ORIGINAL, MIRRORED) if augment == AUTO_VIEWS else (ORIGINAL,)
    varied = parse(augment)
    return (ORIGINAL, *(varied_view(varied, number) for number in range(1, varied.distinct_views() + 1)))


def asked_views(ask_mirror: bool) -> tuple[str, ...]:
    """The views in which a model is asked about a photo, the original first; its answer is their mean."""
    return (ORIGINAL, MIRRORED) if ask_mirror else (ORIGINAL,)


def varied_view(augmentation: Augmentation, number: int) -> str:
    """The name of a varied view, from 1; it says all that `seen_as` needs but the photo."""
    return f"{augmentation.recipe()}{NUMBER}{number}"


def seen_as(pixels: np.ndarray, view: str, content: str) -> np.ndarray:
    """A photo in a view: uint8 (height, width, 3), as `pixels`. The same arguments give the same bytes.

    Args:
        pixels: uint8 (height, width, 3).
        view: From `views_of`.
        content: SHA-256 hex digest of the photo's file: each photo is varied in its own way.
    """
    if view == ORIGINAL:
        return pixels
    if view == MIRRORED:
        return vary(pixels, Variation(mirror=True))
    recipe, _, number = view.rpartition(NUMBER)
    return vary(pixels, drawn(parse(recipe) if recipe else Augmentation(), content, int(number)))


def view_key(content: str, view: str) -> str:
    """What a cache calls a photo in a view: 64 hex digits; for the original the photo's own.

    Args:
        content: SHA-256 hex digest of the photo's file.
        view: From `views_of`.
    """
    return content if view == ORIGINAL else hashlib.sha256(f"{content} {view}".encode()).hexdigest()


def drawn(augmentation: Augmentation, content: str, number: int) -> Variation:
    """What a numbered view does to a photo.

    By chance, but the chance is the photo's content and the number: not the strengths, so that moving a slider changes
    how much is done and not what. Mirrored and upside down take turns rather than chance, so that few views have both.

    Args:
        augmentation: The most that may be done.
        content: SHA-256 hex digest of the photo's file.
        number: Of the view, from 1.
    """
    digest = hashlib.sha512(f"{content} {number}".encode()).digest()
    chances = np.frombuffer(digest, "<u4") / 2**32  # 16 numbers from 0 to below 1; numpy's generators may change
    flips_alone = augmentation.flip and not augmentation.mirror
    return between(
        augmentation,
        chances.tolist(),
        mirrored=number % 2 == 1,
        flipped=number % 2 == 1 if flips_alone else number % 4 in (2, 3),
    )


def at_most(augmentation: Augmentation) -> list[Variation]:
    """The strongest that it may do: to one side and, where there are two, to the other."""
    # The sixth says how much is cut off; the last but two and the last but one stretch one side and squeeze the other.
    chances = ([end] * 5 + [1.0] + [end] * 5 + [end, 1 - end, end] for end in (1.0, 0.0))
    ends = [between(augmentation, chance, mirrored=True, flipped=True) for chance in chances]
    if augmentation.rotation > HALF_WAY:  # left and right look nearly the same, and on the way lies a quarter turn
        ends[1] = replace(ends[1], turn=-90.0)
    return ends[:1] if ends[0] == ends[1] else ends


def between(augmentation: Augmentation, chances: list[float], mirrored: bool, flipped: bool) -> Variation:
    """A variation from fourteen numbers 0..1, more are passed over: in each range 0 is one end, 1 the other.

    A new option takes the next number: views that were cached before stay what they were.
    """

    def either(most: float, chance: float) -> float:
        return most * (2 * chance - 1)

    a, (turn, right, down, lean, size, cut, across, along, *others) = augmentation, chances
    brightness, contrast, colour, wide, tall, bend, *_ = others
    return Variation(
        mirror=a.mirror and mirrored,
        flip=a.flip and flipped,
        turn=either(a.rotation, turn),
        right=either(a.shift, right),
        down=either(a.shift, down),
        lean=either(a.shear, lean),
        size=(1 + a.zoom) ** either(1, size),
        wide=(1 + a.stretch) ** either(1, wide),
        tall=(1 + a.stretch) ** either(1, tall),
        bend=either(a.lens, bend),
        window=1 - a.crop * cut,
        window_at=(across, along) if a.crop else Variation.window_at,
        brightness=1 + either(a.brightness, brightness),
        contrast=1 + either(a.contrast, contrast),
        colour=1 + either(a.colour, colour),
    )


def vary(pixels: np.ndarray, variation: Variation) -> np.ndarray:
    """The photo after it: uint8 (height, width, 3), as `pixels`.

    What comes in from outside its edges is its mirror image there, since the network would learn black corners.
    """
    turned = pixels[:: -1 if variation.flip else 1, :: -1 if variation.mirror else 1]
    image = Image.fromarray(np.ascontiguousarray(_moved(turned, variation)))
    for enhance, factor in (
        (ImageEnhance.Brightness, variation.brightness),
        (ImageEnhance.Contrast, variation.contrast),
        (ImageEnhance.Color, variation.colour),
    ):
        image = image if factor == 1 else enhance(image).enhance(factor)
    return np.asarray(image)


def _moved(pixels: np.ndarray, variation: Variation) -> np.ndarray:
    """All of its geometry but the mirror images, in one resampling."""
    matrix, offset = _where_from(variation, *pixels.shape[1::-1])
    height, width = pixels.shape[:2]
    if variation.bend:
        return _sampled(pixels, _before_the_lens(width, height, variation.bend) @ matrix.T + offset)
    if np.array_equal(matrix, np.eye(2)) and not offset.any():
        return pixels
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]]) @ matrix.T + offset
    before = np.maximum(0, np.ceil(-corners.min(0))).astype(int) + 1  # one more for the neighbours that bilinear needs
    after = np.maximum(0, np.ceil(corners.max(0) - (width, height))).astype(int) + 1
    padded = np.pad(pixels, ((before[1], after[1]), (before[0], after[0]), (0, 0)), "symmetric")
    (a, b), (d, e) = matrix.tolist()
    c, f = (offset + before).tolist()
    image = Image.fromarray(padded)
    return np.asarray(
        image.transform((width, height), Image.Transform.AFFINE, (a, b, c, d, e, f), Image.Resampling.BILINEAR)
    )


def _where_from(variation: Variation, width: int, height: int) -> tuple[np.ndarray, np.ndarray]:
    """For a place in the result, its place in the photo: `matrix @ place + offset`, float64 (2, 2) and (2,), pixels."""
    side, centre = np.array([width, height], float), np.array([width, height]) / 2
    turn, lean = math.radians(variation.turn), math.tan(math.radians(variation.lean))
    rotation = np.array([[math.cos(turn), math.sin(turn)], [-math.sin(turn), math.cos(turn)]])
    matrix = rotation @ np.array([[1.0, lean], [0.0, 1.0]]) * (variation.window / variation.size)
    matrix = matrix / np.array([[variation.wide], [variation.tall]])  # the photo's own sides, before it is turned
    moved = np.array([variation.right, variation.down]) * side
    window = (np.array(variation.window_at) - 0.5) * (1 - variation.window) * side
    return matrix, centre + window - matrix @ (centre + moved)


def _before_the_lens(width: int, height: int, bend: float) -> np.ndarray:
    """For the middle of each pixel seen through a lens, its place without: float64 (height, width, 2), right and down.

    The radial model with one term, r' = r (1 + |bend| r^2), r from the middle and 1 in the corners: D. C. Brown,
    "Close-range camera calibration", Photogrammetric Engineering 37, 1971. Above 0 it leads to what is seen
    (pincushion), below 0 back from there (barrel): so each undoes the other, and neither folds the corners over, as
    the same formula with less than -1/3 would.
    """
    middle = np.array([width, height]) / 2
    away = np.stack(np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5), axis=-1) - middle
    r = np.hypot(away[..., :1], away[..., 1:]) / np.linalg.norm(middle)
    if bend < 0:
        return middle + away * (1 - bend * r**2)
    scale = 2 / math.sqrt(3 * bend)
    before = scale * np.sinh(np.arcsinh(3 * r / scale) / 3)  # the only real root of bend * x^3 + x = r
    return middle + away * np.divide(before, r, out=np.ones_like(r), where=r > 0)


def _sampled(pixels: np.ndarray, places: np.ndarray) -> np.ndarray:
    """The photo at these places, float64 (height, width, 2), bilinear: uint8 (height, width, 3).

    Pillow only moves along straight lines, and SciPy, which could do this, is more than the pages should load.
    """
    corner = np.floor(places - 0.5)
    right, down = np.moveaxis((places - 0.5 - corner).astype(np.float32), -1, 0)[..., np.newaxis]
    (column, next_column), (row, next_row) = (
        [_mirrored_in(corner[..., axis].astype(int) + step, pixels.shape[1 - axis]) for step in (0, 1)]
        for axis in (0, 1)
    )
    width, listed = pixels.shape[1], pixels.reshape(-1, 3).astype(np.float32)
    above, below = (
        _between(listed.take(start + column, axis=0), listed.take(start + next_column, axis=0), right)
        for start in (row * width, next_row * width)
    )
    return (_between(above, below, down) + 0.5).astype(np.uint8)


def _between(one: np.ndarray, other: np.ndarray, share: np.ndarray) -> np.ndarray:
    return one + (other - one) * share


def _mirrored_in(numbers: np.ndarray, n: int) -> np.ndarray:
    """Numbers of pixels of a row of n as they are from 0 to n - 1, and beyond as in its mirror images there."""
    around = numbers % (2 * n)
    return np.minimum(around, 2 * n - 1 - around)
