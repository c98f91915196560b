"""Where data sets lie in the size-similarity matrix, and how steady the number is.

    python -m benchmarks.similarity

Real photos from ../shared/data, the demo, and pictures unlike any photo (`drawn_sets.py`). For each: the similarity
with its interval and parts, and the same from two random halves of the photos under two seeds.
"""

import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from benchmarks.drawn_sets import DRAWN, write_drawn
from core.advice import measuring as advising
from core.advice.similarity import measure_similarity
from core.base.files import sha256_of_all
from core.demo.demo_set import write_demo
from core.engine.features import features_of
from core.engine.places import Places
from core.jobs.job import Job
from core.models.catalogue import BUILT_IN, base_model
from core.photos.labelled_photo import LabelledPhoto, sample_by_share

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def photos_of(folder: Path) -> list[LabelledPhoto]:
    """The photos of class folders, with or without train and test folders above them."""
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".png"))
    contents = sha256_of_all(paths)
    return [LabelledPhoto(str(path), path.parent.name, "", sha) for path, sha in zip(paths, contents, strict=True)]


def measure(name: str, folder: Path, places: Places, job: Job) -> None:
    """Print a line on one data set."""
    row = base_model(BUILT_IN)
    photos = sample_by_share(photos_of(folder), advising.MOST_PHOTOS)
    known = features_of(row, photos, places, job)
    features, photos, classes, groups = known.rows, known.photos, known.class_ids, known.groups
    head = advising.imagenet_head(row)
    found = measure_similarity(features, classes, groups, head, 0)
    halves = []
    for seed in (1, 2):
        order = np.random.default_rng(seed).permutation(len(photos))
        order = order[np.argsort(classes[order], kind="stable")]  # half of each class
        for half in (order[::2], order[1::2]):
            chosen = [groups[i] for i in half]
            halves.append(measure_similarity(features[half], classes[half], chosen, head, seed).value)
    parts = found.parts
    print(
        f"{name:16} {len(photos):5} photos  {found.value:.2f} ({parts.interval[0]:.2f} to {parts.interval[1]:.2f})  "
        f"familiar {parts.familiar:.2f}  probe {parts.probe_accuracy:.3f}  neighbours {parts.neighbour_accuracy:.3f}  "
        f"chance {parts.chance:.2f}  kinds {parts.kinds:4.0f}  halves {min(halves):.2f} to {max(halves):.2f}",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        job = Job(root / "job")
        job.folder.mkdir()
        places = Places(cache=root / "cache", engine=root / "engine")
        for name in ("fruit", "cats_and_dogs", "cifar10_small"):
            with zipfile.ZipFile(DATA / f"{name}.zip") as archive:
                archive.extractall(root / name)
            measure(name, root / name, places, job)
        write_demo(root / "demo")
        measure("demo", root / "demo", places, job)
        for kind in DRAWN:
            measure(kind, write_drawn(root / kind, kind, 100), places, job)


if __name__ == "__main__":
    sys.exit(main())
