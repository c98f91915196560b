"""How fast photos come into a project, beside the plain loop of the tutorials.

    python -m benchmarks.importing

12-megapixel JPEGs, photos of 500 pixels and pictures of 32: `run_import` (decode, check, hash, look, thumbnail, copy,
database) against `Image.open(f).convert("RGB").resize((224, 224))`, which keeps nothing.
"""

import os
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

from core.projects.import_storing import ImportSummary
from core.projects.imports import FOLDER, ImportFolder, ImportRequest, run_import
from core.projects.project import Project
from core.projects.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[1]
SMALL, TINY = (REPOSITORY / "../shared/data" / name for name in ("cats_and_dogs.zip", "cifar10_small.zip"))


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


def plain_loop(folder: Path) -> float:
    """Seconds of the tutorials' loop over all photos."""
    began = time.monotonic()
    for path in sorted(path for path in folder.rglob("*") if path.suffix in (".jpg", ".png")):
        Image.open(path).convert("RGB").resize((224, 224))
    return time.monotonic() - began


def our_import(folder: Path, home: Path) -> tuple[Project, ImportSummary]:
    """A new project of class folders, and what came of the import."""
    project = Workspace(home).create(folder.name)
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(FOLDER, str(folder)))
    return project, run_import(project, this, workers=os.cpu_count() or 2)


def compare(what: str, folder: Path, home: Path) -> None:
    """Print both rates and their ratio."""
    loop_s = plain_loop(folder)
    _, summary = our_import(folder, home)
    seconds, n = summary.seconds, summary.added
    print(f"{what}: loop {n / loop_s:.0f}/s, import {n / seconds:.0f}/s, ratio {loop_s / seconds:.1f}", flush=True)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        write_large(root / "large", 240)  # of fewer, the last batch's sync is what one measures
        compare("12-megapixel JPEGs", root / "large", root / "home")
        for what, packed in (("500 pixels (cats and dogs)", SMALL), ("32 pixels (CIFAR-10)", TINY)):
            with zipfile.ZipFile(packed) as archive:
                archive.extractall(root / packed.stem)
            compare(what, root / packed.stem, root / "home")


if __name__ == "__main__":
    main()
