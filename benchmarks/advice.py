"""Is the advice right, and is the expected time? All three strategies are trained to their planned end.

    python -m benchmarks.advice [--cap-minutes 40] [--only NAME ...]

Real photos from ../shared/data at two sizes each, and drawn pictures, at most 1,500 photos to learn from. For each data
set: what is advised, then the test accuracy of feature extraction, fine-tuning and training from scratch, with the
minutes that each took and those that were expected before. Only training from scratch is capped, with its best weights
so far, and that is said. The advice is right when its strategy is the best or within the best's interval.
"""

import argparse
import tempfile
import threading
import zipfile
from dataclasses import replace
from pathlib import Path

from benchmarks.drawn_sets import MANY, write_drawn
from benchmarks.similarity import DATA, photos_of
from core.advice.measuring import advise
from core.advice.quadrants import expected_seconds, plan_for
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
    "cats and dogs, 700 per class": ("cats_and_dogs", 700),
    "cats and dogs, 50 per class": ("cats_and_dogs", 50),
    "CIFAR-10, 150 per class": ("cifar10_small", 150),
    "CIFAR-10, 30 per class": ("cifar10_small", 30),
    "line drawings, 150 per class": ("line drawings", 150),
    "symbols in noise, 150 per class": ("symbols in noise", 150),
    "textures, 40 per class": ("textures", 40),
    "noise, 40 per class": ("noise", 40),
    "outlines, 20 per class": ("outlines", 20),
}


def data_set(source: str, per_class: int, root: Path) -> list[LabelledPhoto]:
    """The photos of a set: at most so many of each class to learn from, and a test part."""
    folder = root / source
    if not folder.exists():
        if (DATA / f"{source}.zip").exists():
            with zipfile.ZipFile(DATA / f"{source}.zip") as archive:
                archive.extractall(folder)
        else:
            few = source in MANY
            write_drawn(folder / "train", source, 20 if few else 150, seed=0)
            write_drawn(folder / "test", source, 6 if few else 60, seed=1)
    photos = photos_of(folder)
    tested = [replace(photo, split=TEST) for photo in photos if "test" in Path(photo.path).parts]
    by_class: dict[str, list[LabelledPhoto]] = {}
    for photo in sorted(photos, key=lambda photo: photo.sha256):
        if "test" not in Path(photo.path).parts:
            by_class.setdefault(photo.label, []).append(photo)
    return [*(p for own in by_class.values() for p in own[:per_class]), *sample_by_share(tested, MOST_TEST)]


def train(photos: list[LabelledPhoto], config: TrainConfig, places: Places, folder: Path, cap: float) -> Report:
    """The report of a run; from scratch its fit is stopped, its best kept, so many seconds after its first epoch."""
    timers = []

    def on_event(event: dict) -> None:
        if config.strategy == FROM_SCRATCH and event["event"] == EPOCH and not timers:
            timers.append(threading.Timer(cap, lambda: run.job.request_stop(keep=True)))
            timers[-1].start()

    Run.create(folder, replace(config, test_given=True).check(), photos)
    run = Run(folder, on_event)
    try:
        return train_run(run, places)
    finally:
        for timer in timers:
            timer.cancel()


def told(strategy: str, plan: TrainConfig, report: Report, expected: float) -> str:
    """Accuracy and minutes of a strategy."""
    planned = plan.epochs if strategy == FROM_SCRATCH else 0
    capped = f", capped after {len(report.epochs)} of {planned} epochs" if len(report.epochs) < planned else ""
    return (
        f"{strategy} {100 * report.test.accuracy:.1f} % in {report.seconds.total / 60:.1f} min "
        f"(expected {expected / 60:.1f}{capped})"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Is the advice right?")
    parser.add_argument("--cap-minutes", type=float, default=40)
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
            quadrants = {FEATURE_EXTRACTION: 4, FINE_TUNE: 3, FROM_SCRATCH: 1}
            plans = {each: plan_for(n, counts, photo_side=advice.photo_side) for each, n in quadrants.items()}
            advised = plan_for(advice.quadrant, counts, photo_side=advice.photo_side)
            plans[advised.strategy] = advised
            reports = {
                strategy: train(photos, plans[strategy], places, root / name / strategy, 60 * arguments.cap_minutes)
                for strategy in STRATEGIES
            }
            pace = advice.trial_of(advised.base).photos_per_second
            best = max((report.test for report in reports.values()), key=lambda test: test.accuracy)
            is_right = reports[advised.strategy].test.accuracy >= best.accuracy_interval[0]
            right += is_right
            low, high = best.accuracy_interval
            numbers = "; ".join(
                told(strategy, plans[strategy], report, expected_seconds(plans[strategy], len(photos), pace))
                for strategy, report in reports.items()
            )
            print(
                f"{name}: similarity {advice.similarity:.2f}, quadrant {advice.quadrant}, advised "
                f"{advised.strategy}; {numbers}; best's interval {100 * low:.1f} to {100 * high:.1f} %: "
                f"{'right' if is_right else 'WRONG'}",
                flush=True,
            )
    print(f"right: {right} of {len(arguments.only)}")


if __name__ == "__main__":
    main()
