"""What does asking about the mirror image, too, bring, and what does it cost? Frozen base, one layer on top.

    python -m benchmarks.mirror_image [--seeds 3] [--only NAME ...]

Photos of ../shared/data, each with the test part of its own, and drawn pictures. The same head is asked once and twice;
accuracy and log loss are means over the seeds, which draw the photos to learn from. Beside them stands what the advice
measures on the photos of the first seed. At the end: how long an answer takes on the engine, asked in turn.
"""

import argparse
import random
import tempfile
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.advice import data_set
from core.advice.measuring import advise
from core.base.subsets import TEST
from core.engine.engine import Engine
from core.engine.places import Places
from core.jobs.job import Job
from core.models.config import TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.runs.report import Report
from core.runs.run import Run
from core.training.training import train_run

SETS = {  # name: (where from, photos per class to learn from)
    "fruit, 80 per class": ("fruit", 80),
    "cats and dogs, 100 per class": ("cats_and_dogs", 100),
    "CIFAR-10, 50 per class": ("cifar10_small", 50),
    "CIFAR-10, 200 per class": ("cifar10_small", 200),
    "line drawings, 60 per class": ("line drawings", 60),
    "symbols in noise, 60 per class": ("symbols in noise", 60),
}
ALL = 10**9
TIMED = 200  # answers


@dataclass(frozen=True)
class Asked:
    """Runs of one set, once and twice asked, by seed."""

    once: list[Report]
    twice: list[Report]

    def mean(self, of: str) -> tuple[float, float]:
        """The mean of a number of the test, asked once and twice."""
        return tuple(float(np.mean([getattr(report.test, of) for report in own])) for own in (self.once, self.twice))


def drawn(photos: list[LabelledPhoto], per_class: int, seed: int) -> list[LabelledPhoto]:
    """So many photos a class to learn from, drawn by the seed, and all of the test part."""
    by_class: dict[str, list[LabelledPhoto]] = {}
    for photo in photos:
        if photo.split != TEST:
            by_class.setdefault(photo.label, []).append(photo)
    draw = random.Random(seed)
    taught = [photo for own in by_class.values() for photo in draw.sample(own, min(per_class, len(own)))]
    return [*taught, *(photo for photo in photos if photo.split == TEST)]


def train(folder: Path, photos: list[LabelledPhoto], places: Places, seed: int, ask_mirror: bool) -> Run:
    """A finished run."""
    config = TrainConfig(seed=seed, ask_mirror=ask_mirror, test_given=True, validation_share=0.15)
    run = Run.create(folder, config, photos)
    train_run(run, places)
    return run


def seconds_an_answer(runs: list[Run]) -> list[float]:
    """The median time of an answer of each run's model, in turn, on the same noise."""
    engines = [Engine(run.engine_path, settings=run.pictures()) for run in runs]
    side = engines[0].image_size
    pixels = np.random.default_rng(0).integers(0, 256, (side, side, 3), np.uint8)
    took: list[list[float]] = [[] for _ in engines]
    for _ in range(TIMED):
        for own, engine in zip(took, engines, strict=True):
            before = time.perf_counter()
            engine.answer(pixels)
            own.append(time.perf_counter() - before)
    return [float(np.median(own)) for own in took]


def measured(name: str, root: Path, places: Places, seeds: int) -> list[Run]:
    """Measure a set, print its row, and give the last two runs, asked once and twice."""
    source, per_class = SETS[name]
    every, runs = data_set(source, ALL, root), []
    for seed in range(seeds):
        photos = drawn(every, per_class, seed)
        runs += [train(root / f"{name} {seed} {asks}", photos, places, seed, asks) for asks in (False, True)]
    reports = [run.finished_report() for run in runs]
    asked = Asked(reports[::2], reports[1::2])
    job = Job(root / f"advice {name}")
    job.folder.mkdir()
    trial = advise([replace(p) for p in drawn(every, per_class, 0)], places, job).mirror_image
    (accuracy, accuracy_twice), (loss, loss_twice) = asked.mean("accuracy"), asked.mean("log_loss")
    print(
        f"{name}: {100 * accuracy:.1f} -> {100 * accuracy_twice:.1f} % right of {asked.once[0].test.n}, log loss "
        f"{loss:.3f} -> {loss_twice:.3f}; advice: {trial}",
        flush=True,
    )
    return runs[-2:]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What does asking about the mirror image, too, bring?")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(SETS))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        places = Places(cache=root / "cache", engine=root / "engine")
        for name in arguments.only:
            runs = measured(name, root, places, arguments.seeds)
        once, twice = seconds_an_answer(runs)
        print(f"An answer takes {1000 * once:.1f} ms, asked twice {1000 * twice:.1f} ms ({twice / once:.2f} times).")


if __name__ == "__main__":
    main()
