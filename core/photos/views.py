"""Views: the ways in which a training photo is shown to the network. Other photos are only ever shown as they are."""

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
    chances = ([end] * 5 + [1.0] + [end] * 5 for end in (1.0, 0.0))  # the sixth says how much is cut off
    ends = [between(augmentation, chance, mirrored=True, flipped=True) for chance in chances]
    if augmentation.rotation > HALF_WAY:  # left and right look nearly the same, and on the way lies a quarter turn
        ends[1] = replace(ends[1], turn=-90.0)
    return ends[:1] if ends[0] == ends[1] else ends


def between(augmentation: Augmentation, chances: list[float], mirrored: bool, flipped: bool) -> Variation:
    """A variation from eleven numbers 0..1, more are passed over: in each range 0 is one end, 1 the other."""

    def either(most: float, chance: float) -> float:
        return most * (2 * chance - 1)

    a, (turn, right, down, lean, size, cut, across, along, brightness, contrast, colour, *_) = augmentation, chances
    return Variation(
        mirror=a.mirror and mirrored,
        flip=a.flip and flipped,
        turn=either(a.rotation, turn),
        right=either(a.shift, right),
        down=either(a.shift, down),
        lean=either(a.shear, lean),
        size=(1 + a.zoom) ** either(1, size),
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
    if np.array_equal(matrix, np.eye(2)) and not offset.any():
        return pixels
    height, width = pixels.shape[:2]
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
    moved = np.array([variation.right, variation.down]) * side
    window = (np.array(variation.window_at) - 0.5) * (1 - variation.window) * side
    return matrix, centre + window - matrix @ (centre + moved)
