"""Pictures of which it is known where the object is, and whether object or background tells the class.

The creatures and the kinds of ground are those of the demo.
"""

import math
from dataclasses import dataclass
from pathlib import Path
from random import Random

from PIL import Image

from core.base.files import file_sha256
from core.demo.demo_set import VISITORS
from core.demo.drawing import PLACES, Pose, Sheet, lay
from core.photos.labelled_photo import LabelledPhoto

SIDE = 160


@dataclass(frozen=True)
class Scene:
    """A square picture, the middle of the creature in it, and half the width of its box, all in pixels."""

    image: Image.Image
    x: float
    y: float
    reach: float

    def holds(self, row: int, column: int) -> bool:
        """Whether this pixel lies in the creature's box."""
        return max(abs(column - self.x), abs(row - self.y)) <= self.reach


def draw_scene(creature: int, place: int, reach: float, margin: float, rng: Random) -> Scene:
    """A creature on a ground, both by number, its reach and its least distance from the edge given in sides."""
    size = (2 * SIDE, 2 * SIDE)  # halved at the end, which smooths the edges
    light = rng.uniform(-2.6, -0.5)
    picture = PLACES[place](size, rng, light)
    x, y = (rng.uniform(margin, 1 - margin) * 2 * SIDE for _ in range(2))
    sheet = Sheet(size, Pose(x, y, reach * 2 * SIDE, rng.uniform(-math.pi, math.pi)), light)
    list(VISITORS.values())[creature](sheet, rng)
    lay(picture, sheet, 10, 0.5)
    return Scene(picture.reduce(2), x / 2, y / 2, reach * SIDE)


def write_scenes(
    folder: Path, told_by: str, classes: int, train: int, test: int, reach: tuple[float, float], margin: float
) -> list[LabelledPhoto]:
    """Photos of so many classes, told by "object" or "background", the other being drawn by lot, or by "both".

    Reach and margin are those of `draw_scene`.
    """
    photos, rng = [], Random(0)
    for n in range(classes):
        (folder / f"class {n}").mkdir(parents=True)
        for i in range(train + test):
            creature, place = rng.randrange(len(VISITORS)), rng.randrange(len(PLACES))
            creature = n if told_by in ("object", "both") else creature
            place = n if told_by in ("background", "both") else place
            path = folder / f"class {n}" / f"{i}.jpg"
            draw_scene(creature, place, rng.uniform(*reach), margin, rng).image.save(path, quality=90)
            part = "train" if i < train else "test"
            photos.append(LabelledPhoto(str(path), f"class {n}", part, file_sha256(path)))
    return photos
