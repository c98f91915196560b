"""How often are classes taken for each other's mirror image by their photos, where they are and where they are not?

    python -m benchmarks.mirrored_classes [--data ZIP ...] [--draws 400]

Where they are: drawn arrows, and the letters b and d, each photo in another size, place and slant. Where they are not:
the letters a and o, X and H, and any two classes of the zips, of which some photos are drawn by chance again and again.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from itertools import combinations
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from core.photos.mirrored_classes import mirrored_classes
from core.photos.near_copies import HASH_BYTES, perceptual_hash
from core.photos.pictures import USUAL
from core.runs.learned import look_at
from core.sources.labelled import read_source

SHARED = Path(__file__).resolve().parents[1] / "../shared/data"
DATA = [SHARED / f"{name}.zip" for name in ("cifar10_small", "cats_and_dogs", "fruit", "camera_boxes")]
SIZES = (6, 10, 15, 30, 100, 300)
TIMES, N_RANDOM = 20, 100_000
Draw = Callable[[np.random.Generator], Image.Image]


def arrow(rng: np.random.Generator) -> Image.Image:
    """An arrow to the right."""
    image = Image.new("RGB", (160, 120), tuple(rng.integers(150, 256, 3).tolist()))
    draw, (x, y), size = ImageDraw.Draw(image), rng.integers((60, 45), (100, 75)).tolist(), int(rng.integers(20, 40))
    draw.rectangle((x - size, y - size // 5, x + size // 3, y + size // 5), "navy")
    draw.polygon([(x + size // 3, y - size // 2), (x + size // 3, y + size // 2), (x + size, y)], "navy")
    return image


def letter(text: str) -> Draw:
    """What draws a letter."""

    def draw(rng: np.random.Generator) -> Image.Image:
        ground, ink = (tuple(rng.integers(low, low + 80, 3).tolist()) for low in (175, 0))
        image = Image.new("RGB", (96, 96), ground)
        place, font = tuple(rng.integers((15, 5), (40, 20)).tolist()), ImageFont.load_default(int(rng.integers(45, 70)))
        ImageDraw.Draw(image).text(place, text, ink, font)
        return image.rotate(float(rng.uniform(-8, 8)), fillcolor=ground)

    return draw


DRAWN: dict[str, tuple[Draw, Draw]] = {
    "arrows to the left and to the right": (lambda rng: ImageOps.mirror(arrow(rng)), arrow),
    "b and d": (letter("b"), letter("d")),
    "a and o": (letter("a"), letter("o")),
    "X and H": (letter("X"), letter("H")),
}


def found(one: list[bytes], other: list[bytes]) -> bool:
    """Whether these hashes are taken for those of mirrored classes."""
    return bool(mirrored_classes(["a"] * len(one) + ["b"] * len(other), one + other))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, nargs="*", default=DATA)
    parser.add_argument("--draws", type=int, default=400, help="of each zip and number of photos")
    arguments = parser.parse_args()
    for words, drawers in DRAWN.items():
        for n in (10, 20, 30, 60):
            rngs = [np.random.default_rng(seed) for seed in range(TIMES)]
            hits = sum(found(*([perceptual_hash(draw(rng)) for _ in range(n)] for draw in drawers)) for rng in rngs)
            print(f"{words}, {n} of each: taken for mirrored {hits} of {TIMES} times")
    for archive in arguments.data:
        tried, wrong = false_alarms(archive, arguments.draws)
        print(f"{archive.name}: taken for mirrored {wrong} of {tried} times")
    hashes = [row.tobytes() for row in np.random.default_rng(0).integers(0, 256, (N_RANDOM, HASH_BYTES), np.uint8)]
    began = time.monotonic()
    mirrored_classes([f"class {n % 10}" for n in range(N_RANDOM)], hashes)
    print(f"{N_RANDOM:,} random hashes in ten classes: {time.monotonic() - began:.1f} s")


def false_alarms(archive: Path, draws: int) -> tuple[int, int]:
    """Draws of two classes of an archive, and how many were taken for mirrored."""
    rng, tried, wrong = np.random.default_rng(1), 0, 0
    with tempfile.TemporaryDirectory() as staging:
        files = read_source(archive, Path(staging), "").arrangement.files
        classes = {
            label: list(look_at([f.path for f in files if f.label == label], USUAL).values())
            for label in {f.label for f in files}
        }
    pairs = list(combinations(sorted(classes), 2))
    for one, other in pairs:
        for n in SIZES * max(1, draws // len(pairs)):
            drawn = [[hashes[i] for i in rng.permutation(len(hashes))[:n]] for hashes in (classes[one], classes[other])]
            tried, wrong = tried + 1, wrong + found(*drawn)
    return tried, wrong


if __name__ == "__main__":
    main()
