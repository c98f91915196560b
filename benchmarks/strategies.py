"""The KTH article's table on our photos: benchmark CNN, top model, fine-tuned model.

Each is a whole `python -m core train` with the strategy's usual settings, on the same photos, one after the other. Run
it from the repository's root, with nothing else at work:

    python -m benchmarks.strategies [--data ZIP ...]

Each zip holds train/ and test/, each with one folder per class; the default is cats_and_dogs.zip and cifar10_small.zip
of ../shared/data. An epoch's seconds are the mean over the epochs of what the row trains: all of the network, the head
on cached features, or the thawed blocks on cached activations. Validation is counted, the one pass that fills the cache
is not: it is in the seconds of the whole run.
"""

import argparse
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.training import DATA, WARM_UP, timed
from core.evaluation.metrics import Metrics
from core.runs.report import Report

ROWS = (
    ("benchmark CNN", ("--strategy", "from-scratch", "--base", "benchmark-cnn")),
    ("top model (frozen base)", ("--strategy", "feature-extraction")),
    ("fine-tuned model", ("--strategy", "fine-tune")),
)


@dataclass(frozen=True)
class Outcome:
    """One training, tested.

    Args:
        data: The photos.
        what: Was trained.
        test: The report's `test`.
        epochs: Of what the row is about.
        epoch_s: Mean seconds of those.
        seconds: Of the whole process.
        note: What else the report says.
    """

    data: str
    what: str
    test: Metrics
    epochs: int
    epoch_s: float
    seconds: float
    note: str


def measure(data: list[Path], home: Path) -> Iterator[Outcome]:
    """Every row on every data set."""
    timed(["-c", WARM_UP], home)  # else whoever comes first pays for reading the libraries from a cold disk
    for source in data:
        for what, options in ROWS:
            seconds, _, printed = timed(["-m", "core", "train", str(source), "--json", *options], home)
            report = Report.from_json(json.loads(printed))
            last = [epoch for epoch in report.epochs if epoch.phase == report.epochs[-1].phase]
            mean = sum(epoch.seconds for epoch in last) / len(last)
            note = "; ".join(report.notes)
            yield Outcome(source.stem, what, report.test, len(last), mean, seconds, note)


def row(outcome: Outcome) -> str:
    """A line of the table."""
    low, high = (100 * bound for bound in outcome.test.accuracy_interval)
    accuracy = f"{100 * outcome.test.accuracy:.1f} % ({low:.1f} to {high:.1f})"
    numbers = f"{outcome.test.kappa:.3f} | {outcome.test.log_loss:.3f} | {outcome.epochs} | {outcome.epoch_s:.2f}"
    return f"| {outcome.data} | {outcome.what} | {accuracy} | {numbers} | {outcome.seconds:.0f} | {outcome.note} |"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Benchmark CNN, top model and fine-tuned model on the same photos.")
    usual = [DATA, DATA.with_name("cifar10_small.zip")]
    parser.add_argument("--data", type=Path, nargs="+", default=usual, metavar="ZIP")
    arguments = parser.parse_args()

    print("| photos | model | test accuracy (95 %) | kappa | log loss | epochs | s per epoch | s in all | notes |")
    print("|---|---|---|---|---|---|---|---|---|", flush=True)
    with tempfile.TemporaryDirectory() as home:
        for outcome in measure([path.resolve() for path in arguments.data], Path(home)):
            print(row(outcome), flush=True)


if __name__ == "__main__":
    main()
