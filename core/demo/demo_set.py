"""A demo data set, drawn by our own code: four garden visitors on eight kinds of ground.

Colours, places, clutter and light are drawn from the same odds for every class, so that only the shape
of the creature tells the classes apart.
"""

import hashlib
import math
from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image, ImageFilter

from core.demo.drawing import PLACES, Pose, Sheet, corners, draw_clutter, draw_leaf, lay, pick
from core.demo.visitors import draw_bee, draw_butterfly, draw_ladybird, draw_snail

VISITORS = {"bee": draw_bee, "butterfly": draw_butterfly, "ladybird": draw_ladybird, "snail": draw_snail}
DEMO_CLASSES: tuple[str, ...] = tuple(VISITORS)
SIZES = ((320, 240), (360, 270), (400, 300), (400, 400), (320, 320), (300, 400), (360, 360), (400, 320))


def _pose(size: tuple[int, int], rng: Random) -> Pose:
    reach = rng.uniform(0.62, 0.98) * min(size) / 2
    x, y = (rng.uniform(reach, side - reach) for side in size)
    if rng.random() < 0.12:
        # Not every photo is well framed: up to a fifth of the creature is cut off on the left or right.
        inside = reach * rng.uniform(0.6, 0.95)
        x = rng.choice((inside, size[0] - inside))
    wide = rng.choice((-1, 1)) * rng.uniform(0.82, 1.0)
    return Pose(x, y, reach, rng.uniform(-math.pi, math.pi), wide, rng.uniform(-0.13, 0.13))


def _strew(picture: Image.Image, pose: Pose, light: float, rng: Random) -> None:
    sheet = Sheet(picture.size, pose, light)
    for _ in range(rng.randint(1, 7)):
        x, y = (rng.uniform(0, side) for side in picture.size)
        sheet.pose = Pose(x, y, rng.uniform(0.04, 0.13) * min(picture.size), rng.uniform(0, 6.3))
        draw_clutter(sheet, rng)
    lay(picture, sheet, 8, 0.45)


def _cover(picture: Image.Image, pose: Pose, light: float, rng: Random) -> None:
    angle, away = rng.uniform(0, 6.3), pose.reach * rng.uniform(0.75, 1.0)
    x, y = pose.x + math.cos(angle) * away, pose.y + math.sin(angle) * away
    sheet = Sheet(picture.size, Pose(x, y, pose.reach * rng.uniform(0.4, 0.6), rng.uniform(0, 6.3)), light)
    if rng.random() < 0.5:
        draw_leaf(sheet, pick("5c8a3a 7aa648 9abc58 c08a3e", rng), rng)
    else:
        sheet.stroke(corners("-0.5 3 -0.2 0.5 0.3 -2.6"), pick("5c8a3a 7aa648 9abc58 b4c46a", rng), 0.32, 0.06)
    lay(picture, sheet, 14, 0.4)


def _develop(picture: Image.Image, rng: Random, light: float) -> Image.Image:
    """The drawing as a photo: brightness, warm or cool tint, a gradient of light, vignette, blur, noise."""
    if rng.random() < 0.5:
        picture = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.2, 1.1)))
    width, height = picture.size
    y, x = np.mgrid[-1 : 1 : height * 1j, -1 : 1 : width * 1j].astype(np.float32)
    slope = rng.uniform(0, 0.22) * (x * math.cos(light) + y * math.sin(light))
    veil = rng.uniform(0.86, 1.16) * (1 + slope - rng.uniform(0, 0.28) * (x * x + y * y))
    warm = rng.uniform(-0.09, 0.13)
    tint = np.array((1 + warm, 1 + warm * 0.2, 1 - warm), dtype=np.float32)
    noise = np.random.default_rng(rng.getrandbits(32)).standard_normal((height, width, 1), dtype=np.float32)
    pixels = np.asarray(picture) * veil[..., None] * tint + noise * rng.uniform(1, 7)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def demo_place(label: str, index: int, seed: int = 0) -> int:
    """Which of the eight kinds of ground picture `index` of class `label` stands on, 0 to 7.

    Within every block of eight indices each ground comes up exactly once, so no class favours one.
    """
    block, spot = divmod(index, len(PLACES))
    order = list(range(len(PLACES)))
    _chance("place", label, block, seed).shuffle(order)
    return order[spot]


def _chance(*parts: str | int) -> Random:
    # Python salts hash() anew in every process, so the pictures would differ from run to run.
    return Random(int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], "big"))


def draw_demo_photo(label: str, index: int, seed: int = 0) -> Image.Image:
    """One demo picture: an RGB image, 300 to 400 pixels wide and 240 to 400 high.

    The same `label`, `index` and `seed` always give the same pixels.  Raises ValueError when `label`
    is not one of DEMO_CLASSES.
    """
    if label not in DEMO_CLASSES:
        raise ValueError(f"There is no demo class {label!r}; the classes are {', '.join(DEMO_CLASSES)}.")
    rng = _chance("photo", label, index, seed)
    width, height = rng.choice(SIZES)
    # Twice the final size, so that halving it at the end smooths the edges.
    size, light = (width * 2, height * 2), rng.uniform(-2.6, -0.5)
    picture = PLACES[demo_place(label, index, seed)](size, rng, light)
    pose = _pose(size, rng)
    _strew(picture, pose, light, rng)
    sheet = Sheet(size, pose, light)
    VISITORS[label](sheet, rng)
    lay(picture, sheet, pose.reach * rng.uniform(0.04, 0.16), rng.uniform(0.4, 0.7))
    if rng.random() < 0.25:
        _cover(picture, pose, light, rng)
    return _develop(picture.reduce(2), rng, light)


def write_demo(
    folder: Path, per_class: int = 60, seed: int = 0, on_progress: Callable[[int, int], None] = lambda done, total: None
) -> None:
    """Write the demo set as `folder`/bee/bee 01.jpg and so on, `per_class` JPEG files for every class.

    Missing folders are made and files of the same name replaced. `on_progress` is called with how many are done, and of
    how many, after each; it may raise to stop. Raises ValueError when `per_class` is
    below 1, OSError when a file cannot be written.
    """
    if per_class < 1:
        raise ValueError(f"A demo set needs at least 1 picture per class, not {per_class}.")
    digits = max(2, len(str(per_class)))
    for number, label in enumerate(DEMO_CLASSES):
        (folder / label).mkdir(parents=True, exist_ok=True)
        for index in range(1, per_class + 1):
            photo = draw_demo_photo(label, index, seed)
            photo.save(folder / label / f"{label} {index:0{digits}d}.jpg", quality=88)
            on_progress(number * per_class + index, len(DEMO_CLASSES) * per_class)
