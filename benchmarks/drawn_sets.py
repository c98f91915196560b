"""Class folders of pictures unlike any photo, drawn by code: what a base model trained on photos has never seen."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

SIDE = 128
N_CLASSES = 6
SYMBOLS = np.random.default_rng(7).integers(0, 2, (N_CLASSES, 8, 8))  # one code for each class


def line_drawing(k: int, rng: np.random.Generator) -> Image.Image:
    """A crooked polygon of k + 3 corners in thin black lines, anywhere, of any size."""
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    corners, radius, turn = k + 3, rng.uniform(20, 55), rng.uniform(0, 2 * np.pi)
    middle = rng.uniform(radius + 4, SIDE - radius - 4, 2)
    angles = turn + 2 * np.pi * np.arange(corners) / corners
    points = middle + radius * rng.uniform(0.8, 1, (corners, 2)) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
    line = [tuple(point) for point in [*points, points[0]]]
    ImageDraw.Draw(picture).line(line, fill="black", width=int(rng.integers(1, 3)))
    return picture


def texture(k: int, rng: np.random.Generator) -> Image.Image:
    """Waves at an angle of 30 k degrees, give or take 3, under noise."""
    y, x = np.mgrid[:SIDE, :SIDE]
    angle, frequency = np.pi * k / 6 + rng.normal(0, 0.06), rng.uniform(0.2, 0.6)
    waves = np.sin(frequency * (x * np.cos(angle) + y * np.sin(angle)) + rng.uniform(0, 2 * np.pi))
    return _grey(128 + 60 * waves + rng.normal(0, 50, (SIDE, SIDE)))


def noise(k: int, rng: np.random.Generator) -> Image.Image:
    """Noise whose spectrum falls with the power 0.3 k of the frequency."""
    frequency = np.fft.fftfreq(SIDE)
    distance = np.hypot(frequency[:, None], frequency[None])
    distance[0, 0] = 1
    waves = np.real(np.fft.ifft2(np.fft.fft2(rng.normal(size=(SIDE, SIDE))) / distance ** (0.3 * k)))
    return _grey(128 + 50 * (waves - waves.mean()) / waves.std())


def symbol(k: int, rng: np.random.Generator) -> Image.Image:
    """The class's code of 8 x 8 fields, anywhere, under noise as strong as itself."""
    picture = rng.normal(90, 70, (SIDE, SIDE))
    top, left = rng.integers(0, SIDE - 80, 2)
    picture[top : top + 80, left : left + 80] += 70 * np.kron(SYMBOLS[k], np.ones((10, 10)))
    return _grey(picture)


DRAWN: dict[str, Callable[[int, np.random.Generator], Image.Image]] = {
    "line drawings": line_drawing,
    "textures": texture,
    "noise": noise,
    "symbols in noise": symbol,
}


def write_drawn(folder: Path, kind: str, per_class: int, seed: int = 0) -> Path:
    """Write N_CLASSES class folders of PNGs, the same for the same seed.

    Args:
        folder: Where to; it need not exist.
        kind: A name from DRAWN.
        per_class: Pictures of each class.
        seed: Another seed, other pictures of the same classes.
    """
    rng = np.random.default_rng(seed)
    for k in range(N_CLASSES):
        own = folder / f"{kind} {k}"
        own.mkdir(parents=True)
        for i in range(per_class):
            DRAWN[kind](k, rng).save(own / f"{i:04d}.png")
    return folder


def _grey(levels: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).convert("RGB")
