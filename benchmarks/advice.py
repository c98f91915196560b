"""Is the advice right? All three strategies are trained within the same time on data sets of every quadrant's kind.

    python -m benchmarks.advice [--seconds 60] [--only NAME ...]

Real photos from ../shared/data at two sizes each, and drawn pictures. For each data set: what is advised, then the test
accuracy of feature extraction, fine-tuning and training from scratch, each stopped so many seconds after its first
epoch with its best weights so far. The advice is right when its strategy is the best or within the best's interval.
"""

import argparse
import tempfile
import threading
import zipfile
from dataclasses import replace
from pathlib import Path

from benchmarks.drawn_sets import write_drawn
from benchmarks.similarity import DATA, photos_of
from core.advice.measuring import advise
from core.advice.quadrants import plan_for
from core.base.events import EPOCH
from core.base.subsets import TEST
from core.engine.places import Places
from core.jobs.job import Job
from core.models.config import FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH, TrainConfig
from core.photos.labelled_photo import LabelledPhoto, sample_by_share
from core.runs.report import Report
from core.runs.run import Run
from core.training.training import train_run

MOST_TEST = 600
STRATEGIES = (FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH)
SETS = {  # name: (where from, photos per class to learn from)
    "fruit, all": ("fruit", 90),
    "fruit, 20 per class": ("fruit", 20),
    "cats and dogs, 1,000 per class": ("cats_and_dogs", 1000),
    "cats and dogs, 50 per class": ("cats_and_dogs", 50),
    "CIFAR-10, 300 per class": ("cifar10_small", 300),
    "CIFAR-10, 30 per class": ("cifar10_small", 30),
    "line drawings, 150 per class": ("line drawings", 150),
    "symbols in noise, 150 per class": ("symbols in noise", 150),
    "textures, 40 per class": ("textures", 40),
}


def data_set(source: str, per_class: int, root: Path) -> list[LabelledPhoto]:
    """The photos of a set: at most so many of each class to learn from, and a test part."""
    folder = root / source
    if not folder.exists():
        if (DATA / f"{source}.zip").exists():
            with zipfile.ZipFile(DATA / f"{source}.zip") as archive:
                archive.extractall(folder)
        else:
            write_drawn(folder / "train", source, 150, seed=0)
            write_drawn(folder / "test", source, 60, seed=1)
    photos = photos_of(folder)
    tested = [replace(photo, split=TEST) for photo in photos if "test" in Path(photo.path).parts]
    by_class: dict[str, list[LabelledPhoto]] = {}
    for photo in sorted(photos, key=lambda photo: photo.sha256):
        if "test" not in Path(photo.path).parts:
            by_class.setdefault(photo.label, []).append(photo)
    return [*(p for own in by_class.values() for p in own[:per_class]), *sample_by_share(tested, MOST_TEST)]


def train(photos: list[LabelledPhoto], config: TrainConfig, places: Places, folder: Path, seconds: float) -> Report:
    """The report of a run whose fit is stopped, its best kept, after so many seconds."""
    timers = []

    def on_event(event: dict) -> None:
        if event["event"] == EPOCH and not timers:
            timers.append(threading.Timer(seconds, lambda: run.job.request_stop(keep=True)))
            timers[-1].start()

    Run.create(folder, replace(config, test_given=True).check(), photos)
    run = Run(folder, on_event)
    try:
        return train_run(run, places)
    finally:
        for timer in timers:
            timer.cancel()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Is the advice right?")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--only", nargs="*", default=list(SETS))
    arguments = parser.parse_args()
    right = 0
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        places = Places(cache=root / "cache", engine=root / "engine")
        for name in arguments.only:
            photos = data_set(*SETS[name], root)
            job = Job(root / f"advice {name}")
            job.folder.mkdir()
            advice = advise(photos, places, job)
            counts = {label: sum(p.label == label for p in photos) for label in {p.label for p in photos}}
            plans = {FEATURE_EXTRACTION: plan_for(4, counts), FINE_TUNE: plan_for(3, counts)}
            plans[FROM_SCRATCH] = plan_for(1, counts)
            advised = plan_for(advice.quadrant, counts)
            plans[advised.strategy] = advised
            tests = {
                strategy: train(photos, plans[strategy], places, root / name / strategy, arguments.seconds).test
                for strategy in STRATEGIES
            }
            best = max(tests.values(), key=lambda test: test.accuracy)
            is_right = tests[advised.strategy].accuracy >= best.accuracy_interval[0]
            right += is_right
            numbers = ", ".join(f"{strategy} {100 * test.accuracy:.1f} %" for strategy, test in tests.items())
            low, high = best.accuracy_interval
            print(
                f"{name}: similarity {advice.similarity:.2f}, quadrant {advice.quadrant}, advised "
                f"{advised.strategy}; {numbers}; best's interval {100 * low:.1f} to {100 * high:.1f} %: "
                f"{'right' if is_right else 'WRONG'}",
                flush=True,
            )
    print(f"right: {right} of {len(arguments.only)}")


if __name__ == "__main__":
    main()
