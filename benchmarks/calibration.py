"""What temperature scaling does to the calibration of real runs.

    python -m benchmarks.calibration

Trains heads on each data set of ../shared/data (feature extraction, the usual settings, four seeds), fits one
temperature on the validation photos of each and prints, on the test photos, the expected calibration error before and
after, and the log losses: means of the four, since the error of one run on 60 test photos is mostly chance.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from core.base.subsets import TEST, VALIDATION
from core.evaluation.calibration import (
    calibration_error,
    fit_calibration,
    reliability,
    temperature_of,
    with_temperature,
)
from core.evaluation.metrics import log_loss
from core.runs.predictions import read_probabilities

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"
SEEDS = (0, 1, 2, 3)


def train(name: str, seed: int, home: Path) -> tuple[Path, list[str]]:
    """A new run on one of the data sets: its predictions and its classes."""
    command = [sys.executable, "-m", "core", "train", str(DATA / f"{name}.zip"), "--strategy", "feature-extraction"]
    done = subprocess.run(
        [*command, "--seed", str(seed), "--json"],
        cwd=ROOT,
        env={**os.environ, "ESPALIER_HOME": str(home)},
        capture_output=True,
        check=True,
    )
    printed = json.loads(done.stdout)
    return Path(printed["run"]) / "predictions.parquet", printed["classes"]


def measure(predictions: Path, classes: list[str]) -> list[float]:
    """The temperature of a run, and on its test photos calibration error and log loss, each before and after."""
    found = fit_calibration(
        read_probabilities(predictions, VALIDATION, classes), read_probabilities(predictions, TEST, classes)
    )
    temperature = temperature_of(found)
    probabilities, truth = read_probabilities(predictions, TEST, classes)
    right = probabilities.argmax(1) == truth
    both = probabilities, with_temperature(probabilities, temperature)
    errors = [calibration_error(reliability(each.max(1), right)) for each in both]
    return [temperature, *errors, *(log_loss(truth, each) for each in both)]


def main() -> None:
    """Train, measure and print."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("fruit", "cats_and_dogs", "cifar10_small"):
            found = np.array([measure(*train(name, seed, Path(scratch))) for seed in SEEDS])
            mean = found.mean(0)
            print(
                f"{name:16} temperatures {', '.join(f'{row[0]:.2f}' for row in found)}  "
                f"calibration error {mean[1]:.4f} -> {mean[2]:.4f}  log loss {mean[3]:.4f} -> {mean[4]:.4f}",
                flush=True,
            )


if __name__ == "__main__":
    sys.exit(main())
