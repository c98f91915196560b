"""How many planted wrong labels are found?

    python -m benchmarks.wrong_labels [--seeds 0 1 2 3 4]

In the training photos of cats_and_dogs and cifar10_small one label in twenty is made wrong: photos drawn at random,
each given another class drawn at random. Then they are ranked as the job "labels" does. Precision: the share of planted
ones among as many of the highest scores as were planted; average precision over the whole ranking; beside them how many
wrong labels were estimated, and the seconds that the ranking took, features not counted.
"""

import argparse
import tempfile
import time
import zipfile
from pathlib import Path

import numpy as np

from benchmarks.similarity import DATA, photos_of
from core.engine.features import features_of
from core.engine.places import Places
from core.jobs.job import Job
from core.label_issues.ranking import find_label_issues
from core.models.catalogue import BUILT_IN, base_model

SETS = ("cats_and_dogs", "cifar10_small")
PLANTED = 0.05  # of the labels


def plant(classes: np.ndarray, n_classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Classes of which some are wrong, int64 (n,), and which these are, bool (n,)."""
    random, n = np.random.default_rng(seed), round(PLANTED * len(classes))
    chosen = random.choice(len(classes), n, replace=False)
    wrong, noisy = np.zeros(len(classes), bool), classes.copy()
    wrong[chosen] = True
    noisy[chosen] = (classes[chosen] + random.integers(1, n_classes, n)) % n_classes
    return noisy, wrong


def precision_at_cut(order: np.ndarray, wrong: np.ndarray) -> float:
    """The share of planted ones among as many of the first as were planted."""
    return float(wrong[order][: wrong.sum()].mean())


def average_precision(order: np.ndarray, wrong: np.ndarray) -> float:
    """The mean, over the planted ones, of the share of planted ones among those ranked as high or higher."""
    hit = wrong[order]
    return float((np.cumsum(hit) / np.arange(1, len(hit) + 1))[hit].mean())


def measure(name: str, seeds: list[int], root: Path, places: Places, job: Job) -> None:
    """Print a line a seed, and their means."""
    with zipfile.ZipFile(DATA / f"{name}.zip") as archive:
        archive.extractall(root / name)
    photos = [photo for photo in photos_of(root / name) if "train" in Path(photo.path).parts]
    known = features_of(base_model(BUILT_IN), photos, places, job)
    found = []
    for seed in seeds:
        noisy, wrong = plant(known.class_ids, len(known.class_names), seed)
        began = time.monotonic()
        issues = find_label_issues(known.rows, noisy, known.groups, 0, lambda done, total: None)
        seconds = time.monotonic() - began
        found.append((precision_at_cut(issues.order, wrong), average_precision(issues.order, wrong)))
        print(
            f"{name} seed {seed}: precision {100 * found[-1][0]:.1f} %, average precision {100 * found[-1][1]:.1f} %, "
            f"{wrong.sum()} planted, {issues.suspect.sum()} suspected, {wrong[issues.suspect].sum()} of these planted, "
            f"{seconds:.1f} s",
            flush=True,
        )
    precision, average = 100 * np.mean(found, axis=0)
    print(f"{name}: mean precision {precision:.1f} %, mean average precision {average:.1f} %", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How many planted wrong labels are found?")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3, 4])
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        job = Job(root / "job")
        job.folder.mkdir()
        for name in SETS:
            measure(name, arguments.seeds, root, Places(root / "cache", root / "engine"), job)


if __name__ == "__main__":
    main()
