"""Are near-copies found, are different photos left apart, and how long does it take?

    python -m benchmarks.near_copies [--data ZIP] [--photos 200]

Of some photos of the zip copies of five kinds are made; recall is the share that gets into its original's group. Then
all photos of the zip are grouped as they are, and 100,000 random hashes with 2,000 copies planted among them.

The same of pictures that a hash takes for one though they are not: drawn parts in a jig before a fixed camera, X-rays,
small things on a white table, and pictures that are each other's mirror image but for what is in them; where
camera_boxes.zip lies beside the zip also real frames of two fixed cameras.
"""

import argparse
import io
import time
import tracemalloc
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageOps

from benchmarks.look_alikes import LOOK_ALIKES
from core.photos.decoding import open_photo
from core.photos.inspection import THUMBNAIL_QUALITY, THUMBNAIL_SIDE
from core.photos.near_copies import HASH_BYTES, group_near_copies, perceptual_hash

DATA = Path(__file__).resolve().parents[1] / "../shared/data/cats_and_dogs.zip"
N_RANDOM, N_PLANTED = 100_000, 2_000
N_LOOK_ALIKES = 60  # photos of each kind that are copied


def _jpeg(image: Image.Image, quality: int = 90) -> bytes:
    encoded = io.BytesIO()
    image.save(encoded, "JPEG", quality=quality)
    return encoded.getvalue()


def _cropped(image: Image.Image) -> Image.Image:
    x, y = round(0.025 * image.width), round(0.025 * image.height)
    return image.crop((x, y, image.width - x, image.height - y))


KINDS: dict[str, Callable[[Image.Image], bytes]] = {
    "resized to 60 %": lambda im: _jpeg(im.resize((round(0.6 * im.width), round(0.6 * im.height)))),
    "recompressed at quality 40": lambda im: _jpeg(im, 40),
    "cropped by 5 %": lambda im: _jpeg(_cropped(im)),
    "brightened by 10 %": lambda im: _jpeg(ImageEnhance.Brightness(im).enhance(1.1)),
    "mirrored": lambda im: _jpeg(ImageOps.mirror(im)),
}


Seen = tuple[bytes, bytes]  # an encoded photo's hash, and its small JPEG


def seen(data: bytes) -> Seen:
    """An encoded photo as an import sees it."""
    image = open_photo(data, draft_size=THUMBNAIL_SIDE)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), reducing_gap=2.0)
    return perceptual_hash(image), _jpeg(image, THUMBNAIL_QUALITY)


def see_archive(
    archive: zipfile.ZipFile, n_copied: int, seed: int = 0
) -> tuple[list[Seen], dict[str, list[Seen]], list[int]]:
    """All photos, the copies by kind, and which photos those are copies of."""
    names = sorted(name for name in archive.namelist() if name.lower().endswith((".jpg", ".jpeg", ".png")))
    return see_all([archive.read(name) for name in names], n_copied, seed)


def see_all(photos: list[bytes], n_copied: int, seed: int = 0) -> tuple[list[Seen], dict[str, list[Seen]], list[int]]:
    """As `see_archive`, of encoded photos."""
    originals = [seen(data) for data in photos]
    chosen = np.random.default_rng(seed).choice(len(photos), min(n_copied, len(photos)), replace=False)
    chosen = sorted(chosen.tolist())
    copies: dict[str, list[Seen]] = {kind: [] for kind in KINDS}
    for i in chosen:
        image = open_photo(photos[i])
        for kind, copy in KINDS.items():
            copies[kind].append(seen(copy(image)))
    return originals, copies, chosen


def recall_by_kind(originals: list[Seen], copies: dict[str, list[Seen]], chosen: list[int]) -> dict[str, float]:
    """Share of the copies of each kind that are in their original's group, all originals present."""
    recall = {}
    for kind, those in copies.items():
        groups = groups_of(originals + those)
        recall[kind] = float(np.mean(groups[len(originals) :] == groups[chosen]))
    return recall


def groups_of(photos: list[Seen]) -> np.ndarray:
    """The group of each, looked at by its small JPEG."""
    rows = np.array([np.frombuffer(phash, np.uint8) for phash, _ in photos])
    look = [jpeg for _, jpeg in photos]
    return group_near_copies(rows, np.full(len(rows), np.nan), lambda i: np.asarray(open_photo(look[i])))


def falsely_grouped(originals: list[Seen]) -> float:
    """Share of different photos that are in a group with another."""
    _, index, sizes = np.unique(groups_of(originals), return_inverse=True, return_counts=True)
    return float(np.mean(sizes[index] > 1))


def _measure_look_alikes(boxes: Path) -> None:
    sets = {name: draw() for name, draw in LOOK_ALIKES.items()}
    if boxes.exists():
        with zipfile.ZipFile(boxes) as archive:
            names = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
            sets["real camera boxes"] = [archive.read(name) for name in names]
    for name, photos in sets.items():
        originals, copies, chosen = see_all(photos, N_LOOK_ALIKES)
        recall = recall_by_kind(originals, copies, chosen)
        lowest = min(recall, key=recall.get)
        print(
            f"{name}: {100 * np.mean(list(recall.values())):.1f} % of {len(recall) * len(chosen)} copies found (least "
            f"{100 * recall[lowest]:.1f} %, {lowest}); {100 * falsely_grouped(originals):.1f} % of {len(photos)} "
            "grouped with another"
        )


def _time_random() -> None:
    random = np.random.default_rng(0)
    hashes = random.integers(0, 256, (N_RANDOM, HASH_BYTES), np.uint8)
    bits = np.unpackbits(hashes[:N_PLANTED], axis=1)
    hashes[-N_PLANTED:] = np.packbits(bits ^ (random.random(bits.shape) < 0.1), axis=1)
    taken = random.uniform(0, 1e6, N_RANDOM)
    began = time.monotonic()
    groups = group_near_copies(hashes, taken)
    seconds = time.monotonic() - began
    found = np.mean(groups[-N_PLANTED:] == groups[:N_PLANTED])
    tracemalloc.start()
    group_near_copies(hashes, taken)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    print(f"{N_RANDOM:,} random hashes: {seconds:.1f} s, {peak:.0f} MB; {100 * found:.1f} % of the copies found")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Near-copies: recall, mistakes, time.")
    parser.add_argument("--data", type=Path, default=DATA, metavar="ZIP")
    parser.add_argument("--photos", type=int, default=200, help="how many to copy")
    arguments = parser.parse_args()

    with zipfile.ZipFile(arguments.data) as archive:
        originals, copies, chosen = see_archive(archive, arguments.photos)
    for kind, recall in recall_by_kind(originals, copies, chosen).items():
        print(f"{kind}: {100 * recall:.1f} % of {len(chosen)} found")
    sizes = Counter(groups_of(originals).tolist()).values()
    grouped = sum(size for size in sizes if size > 1)
    print(f"{grouped} of {len(originals)} photos grouped with another ({100 * grouped / len(originals):.2f} %)")
    _measure_look_alikes(arguments.data.with_name("camera_boxes.zip"))
    noise = np.random.default_rng(0).integers(0, 256, (240, THUMBNAIL_SIDE, 3), np.uint8)
    image = Image.fromarray(noise)
    began = time.monotonic()
    for _ in range(1000):
        perceptual_hash(image)
    print(f"{time.monotonic() - began:.2f} ms per hash")
    _time_random()


if __name__ == "__main__":
    main()
