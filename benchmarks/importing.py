"""How fast photos come into a project, beside the plain loop of the tutorials.

    python -m benchmarks.importing [--photos 100000]

1. 12-megapixel JPEGs and small photos: `run_import` (decode, check, hash, look, thumbnail, copy, database) against
   `Image.open(f).convert("RGB").resize((224, 224))`, which keeps nothing.
2. Time per photo and memory of the importing process at 1,000 photos and at `--photos`, drawn by code, 64 to 96 pixels.
"""

import argparse
import multiprocessing
import os
import resource
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from core.data.imports import FOLDER, Import, ImportRequest, run_import
from core.data.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[1]
SMALL = REPOSITORY / "../shared/data/cats_and_dogs.zip"


def write_large(folder: Path, n: int) -> None:
    """12-megapixel JPEGs with the detail of a real photo, in two classes."""
    rng = np.random.default_rng(0)
    for i in range(n):
        coarse = Image.fromarray(rng.integers(0, 256, (60, 80, 3), np.uint8)).resize(
            (4000, 3000), Image.Resampling.BICUBIC
        )
        grain = rng.integers(-6, 7, (3000, 4000, 1), np.int16)
        pixels = np.clip(np.asarray(coarse, np.int16) + grain, 0, 255).astype(np.uint8)
        target = folder / ("ab"[i % 2]) / f"{i:04d}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(pixels).save(target, quality=90)


def write_tiny(folder: Path, n: int) -> None:
    """Small JPEGs in ten classes, each different."""
    rng = np.random.default_rng(1)
    for i in range(n):
        target = folder / f"class {i % 10}" / f"{i:06d}.jpg"
        target.parent.mkdir(parents=True, exist_ok=True)
        size = (64 + i % 33, 64 + i % 17)
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).resize(size).save(target, quality=85)


def plain_loop(folder: Path) -> float:
    """Seconds of the tutorials' loop over all photos."""
    began = time.monotonic()
    for path in sorted(folder.rglob("*.jpg")):
        Image.open(path).convert("RGB").resize((224, 224))
    return time.monotonic() - began


def our_import(folder: Path, home: Path) -> tuple[float, int, float]:
    """Seconds of an import, photos added, and peak memory in MB, in a process of its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(_import, (folder, home))


def _import(folder: Path, home: Path) -> tuple[float, int, float]:
    project = Workspace(home).create(folder.name)
    this = Import.create(project)
    this.write_request(ImportRequest(FOLDER, str(folder)))
    summary = run_import(project, this, threads=os.cpu_count() or 2)
    return summary.seconds, summary.added, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def compare(what: str, folder: Path, home: Path) -> None:
    """Print both rates and their ratio."""
    loop_s = plain_loop(folder)
    seconds, n, _ = our_import(folder, home)
    print(f"{what}: loop {n / loop_s:.0f}/s, import {n / seconds:.0f}/s, ratio {loop_s / seconds:.1f}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Importing photos, beside a plain loop.")
    parser.add_argument("--photos", type=int, default=100_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        write_large(root / "large", 60)
        compare("12-megapixel JPEGs", root / "large", root / "home")
        with zipfile.ZipFile(SMALL) as archive:
            archive.extractall(root / "small")
        compare("small photos (cats and dogs)", root / "small", root / "home")
        for n in (1_000, arguments.photos):
            write_tiny(root / f"tiny {n}", n)
            seconds, added, peak_mb = our_import(root / f"tiny {n}", root / "home")
            print(f"{added:,} photos: {1000 * seconds / added:.2f} ms each, peak {peak_mb:.0f} MB", flush=True)


if __name__ == "__main__":
    main()
