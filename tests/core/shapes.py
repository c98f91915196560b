"""Small photos that a frozen base tells apart at once: one coloured shape a class, on a noisy background."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIDE = 96
CLASSES = ("blue triangle", "green square", "red circle")


def draw_shape(label: str, seed: int) -> Image.Image:
    rng = np.random.default_rng([CLASSES.index(label), seed])
    image = Image.fromarray(rng.integers(150, 256, (SIDE, SIDE, 3), dtype=np.uint8))
    draw, (x, y), r = ImageDraw.Draw(image), rng.integers(30, 66, 2), int(rng.integers(15, 30))
    colour = label.split()[0]
    if label == "red circle":
        draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)
    elif label == "green square":
        draw.rectangle((x - r, y - r, x + r, y + r), fill=colour)
    else:
        draw.polygon([(x, y - r), (x - r, y + r), (x + r, y + r)], fill=colour)
    return image


def write_shapes(folder: Path, per_class: int, classes: tuple[str, ...] = CLASSES, first: int = 0) -> Path:
    """`folder/<class>/<n>.jpg`; the same arguments write the same bytes."""
    for label in classes:
        (folder / label).mkdir(parents=True, exist_ok=True)
        for n in range(first, first + per_class):
            draw_shape(label, n).save(folder / label / f"{n}.jpg", quality=90)
    return folder
