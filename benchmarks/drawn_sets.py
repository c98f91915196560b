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


def outline(k: int, rng: np.random.Generator) -> Image.Image:
    """A closed curve in thin black lines, a little turned, anywhere, of any size: one shape for each class.

    Its Fourier descriptors are those of the class, each moved at random; those of the first two classes differ little.
    """
    of_class, waves = np.random.default_rng(100 + k), np.arange(2, 8)
    there, back = _descriptors(of_class if k != 1 else np.random.default_rng(100), waves)
    if k == 1:
        there = there + 0.25 * _descriptors(of_class, waves)[0]
    moved = [own + 0.38 * change for own, change in zip((there, back), _descriptors(rng, waves), strict=True)]
    at = np.linspace(0, 2 * np.pi, 240, endpoint=False)
    turns = (signed[:, None] * at for signed in (1j * waves, -1j * waves))
    curve = sum((own[:, None] * np.exp(turn)).sum(0) for own, turn in zip(moved, turns, strict=True))
    curve = (np.exp(1j * at) + 0.45 * curve) * np.exp(1j * rng.uniform(-0.35, 0.35))
    curve -= curve.mean()
    radius = rng.uniform(30, 56)
    middle = rng.uniform(radius + 4, SIDE - radius - 4, 2)
    points = [(middle[0] + z.real, middle[1] + z.imag) for z in radius * curve / np.abs(curve).max()]
    picture = Image.new("RGB", (SIDE, SIDE), "white")
    ImageDraw.Draw(picture).line([*points, points[0]], fill="black", width=int(rng.integers(1, 4)))
    return picture


def _descriptors(rng: np.random.Generator, waves: np.ndarray) -> list[np.ndarray]:
    """Those of waves that run there and back, the shorter the weaker: complex (len(waves),) each."""
    return [(rng.normal(size=len(waves)) + 1j * rng.normal(size=len(waves))) / waves**1.2 for _ in range(2)]


DRAWN: dict[str, Callable[[int, np.random.Generator], Image.Image]] = {
    "line drawings": line_drawing,
    "textures": texture,
    "noise": noise,
    "symbols in noise": symbol,
}
MANY = {"outlines": (outline, 60)}  # drawn with so many classes, few pictures each


def write_drawn(folder: Path, kind: str, per_class: int, seed: int = 0) -> Path:
    """Write class folders of PNGs, the same for the same seed: N_CLASSES of them, of MANY as many as stand there.

    Args:
        folder: Where to; it need not exist.
        kind: A name from DRAWN or MANY.
        per_class: Pictures of each class.
        seed: Another seed, other pictures of the same classes.
    """
    rng = np.random.default_rng(seed)
    draw, n_classes = MANY[kind] if kind in MANY else (DRAWN[kind], N_CLASSES)
    for k in range(n_classes):
        own = folder / f"{kind} {k}"
        own.mkdir(parents=True)
        for i in range(per_class):
            draw(k, rng).save(own / f"{i:04d}.png")
    return folder


def _grey(levels: np.ndarray) -> Image.Image:
    return Image.fromarray(np.clip(levels, 0, 255).astype(np.uint8)).convert("RGB")
