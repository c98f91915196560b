"""Whether varied photos help a head on a frozen base: the same photos and seeds with different settings of `augment`.

    python -m benchmarks.augmentation FOLDER [--per-class N] [--seeds N] [--strategy S] [--augment A ...]

The folder holds train/ and test/, each with one folder per class. A seed gives the weights, the shuffling and which
15 % of the training photos are the validation; the test is always the same. Features are kept between the runs, so the
seconds are those of the first run with a setting, its looking included.
"""

import argparse
import tempfile
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from core.base.files import file_sha256
from core.base.subsets import TEST
from core.engine.places import Places
from core.models.config import FEATURE_EXTRACTION, STRATEGIES, usual_config
from core.photos.augmentation import AUTO_VIEWS, NO_VIEWS, RECOMMENDED
from core.photos.labelled_photo import LabelledPhoto
from core.runs.report import Report
from core.runs.run import Run
from core.training.training import train_run


def photos_of(folder: Path, part: str, per_class: int | None) -> list[LabelledPhoto]:
    """The photos of one part, at most so many of each class: those whose content comes first."""
    by_class = defaultdict(list)
    for path in (folder / part).rglob("*"):
        if path.is_file():
            by_class[path.parent.name].append((file_sha256(path), str(path)))
    split = TEST if part == "test" else ""
    return [
        LabelledPhoto(path, label, split, sha)
        for label in sorted(by_class)
        for sha, path in sorted(by_class[label])[:per_class]
    ]


def main() -> None:
    """Measure and print a line a setting."""
    parser = argparse.ArgumentParser(description="Whether varied photos help.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--per-class", type=int)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--strategy", choices=STRATEGIES, default=FEATURE_EXTRACTION)
    usual = [NO_VIEWS, AUTO_VIEWS, RECOMMENDED[0].augmentation.text()]
    parser.add_argument("--augment", nargs="+", default=usual)
    arguments = parser.parse_args()

    photos = photos_of(arguments.folder, "train", arguments.per_class) + photos_of(arguments.folder, "test", None)
    print(
        "| augment | test accuracy: mean (each seed) | log loss: mean (each seed) | s |\n|---|---|---|---|", flush=True
    )
    with tempfile.TemporaryDirectory() as home:
        places = Places(Path(home) / "cache", Path(home) / "engine")
        for number, augment in enumerate(arguments.augment):
            reports = []
            for seed in range(arguments.seeds):
                config = usual_config(arguments.strategy)
                config = replace(config, seed=seed, augment=augment, test_given=True).check()
                run = Run.create(Path(home) / f"{number}-{seed}", config, photos)
                reports.append(train_run(run, places))
            print(row(augment, reports), flush=True)


def row(augment: str, reports: list[Report]) -> str:
    """A line of the table."""
    accuracies = [100 * report.test.accuracy for report in reports]
    losses = [report.test.log_loss for report in reports]
    each = ", ".join(f"{value:.1f}" for value in accuracies), ", ".join(f"{value:.3f}" for value in losses)
    means = sum(accuracies) / len(reports), sum(losses) / len(reports)
    seconds = reports[0].seconds.total
    return f"| {augment} | {means[0]:.1f} % ({each[0]}) | {means[1]:.3f} ({each[1]}) | {seconds:.0f} |"


if __name__ == "__main__":
    main()
