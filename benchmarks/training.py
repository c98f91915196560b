"""How long until a trained and tested classifier: Espalier beside the articles' recipe in Keras.

Same photos, same base model, same weights, same machine, one after the other; each is a process of its own, timed
whole, so that starting up and importing count too. Run it from the repository's root, with nothing else at work:

    python -m benchmarks.training [--data ZIP] [--epochs 5]

The zip holds train/ and test/, each with one folder per class. The recipe gets it unpacked; Espalier gets the zip, and
unpacking it counts against Espalier. Espalier runs three times: in an empty ESPALIER_HOME (the base not yet converted),
with the features deleted again (the base converted: any later data set), and with all features there (any later run on
the same photos). The last line, `ratio: N`, is the recipe's seconds over those of Espalier's first, slowest run.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from core.evaluation.metrics import wilson_interval

REPOSITORY = Path(__file__).resolve().parents[1]
DATA = REPOSITORY / "../shared/data/cats_and_dogs.zip"
WARM_UP = "import keras; from core.engine.engine import load_openvino; load_openvino()"


@dataclass(frozen=True)
class Outcome:
    """One process that trained and tested.

    Args:
        what: In words.
        seconds: From its start to its end.
        cpu_s: Of all its threads together; unlike `seconds` hardly changed by other programs at work.
        accuracy: On the test photos, 0..1.
        n: Number of test photos.
        note: More that it measured, or "".
    """

    what: str
    seconds: float
    cpu_s: float
    accuracy: float
    n: int
    note: str = ""

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the accuracy, 0..1."""
        return wilson_interval(round(self.accuracy * self.n), self.n)


def timed(command: list[str], home: Path) -> tuple[float, float, str]:
    """Run Python with these arguments: seconds, CPU seconds, what it printed. When it fails, so does the benchmark."""
    environment = {**os.environ, "ESPALIER_HOME": str(home), "TF_CPP_MIN_LOG_LEVEL": "3"}
    before, began = os.times(), time.monotonic()
    done = subprocess.run([sys.executable, *command], cwd=REPOSITORY, env=environment, capture_output=True, text=True)
    seconds, after = time.monotonic() - began, os.times()
    if done.returncode:
        sys.exit(f"python {' '.join(command)} failed:\n{done.stderr}")
    cpu_s = after.children_user + after.children_system - before.children_user - before.children_system
    return seconds, cpu_s, done.stdout


def run_recipe(folder: Path, epochs: int, home: Path) -> Outcome:
    """The articles' recipe, on an unpacked data set."""
    command = ["-m", "benchmarks.articles_recipe", str(folder), "--epochs", str(epochs)]
    seconds, cpu_s, printed = timed(command, home)
    result = json.loads(printed.splitlines()[-1])
    note = "epochs of " + ", ".join(f"{s:.1f}" for s in result["epoch_seconds"]) + " s"
    return Outcome(f"articles' recipe in Keras, {epochs} epochs", seconds, cpu_s, result["accuracy"], result["n"], note)


def run_espalier(what: str, data: Path, home: Path) -> Outcome:
    """`python -m core train` on the zip."""
    seconds, cpu_s, printed = timed(["-m", "core", "train", str(data), "--json"], home)
    result = json.loads(printed)
    inside = ", ".join(f"{name} {s:.1f} s" for name, s in result["seconds"].items())
    return Outcome(f"Espalier, {what}", seconds, cpu_s, result["test"]["accuracy"], result["test"]["n"], inside)


def measure(data: Path, epochs: int, scratch: Path) -> Iterator[Outcome]:
    """The recipe, then Espalier's three runs."""
    home = scratch / "home"
    timed(["-c", WARM_UP], home)  # else whoever comes first pays for reading the libraries from a cold disk
    yield run_recipe(unpacked(data, scratch / "photos"), epochs, home)
    yield run_espalier("first run ever", data, home)
    shutil.rmtree(home / "cache")
    yield run_espalier("new photos", data, home)
    yield run_espalier("same photos again", data, home)


def unpacked(data: Path, folder: Path) -> Path:
    """Unpack a zip; the folder in it that holds train/."""
    with zipfile.ZipFile(data) as archive:
        archive.extractall(folder)
    return next(folder.rglob("train")).parent


def row(outcome: Outcome) -> str:
    """A line of the table."""
    low, high = (100 * bound for bound in outcome.interval)
    accuracy = f"{100 * outcome.accuracy:.1f} % ({low:.1f} to {high:.1f})"
    times = f"{outcome.seconds:>8.1f} {outcome.cpu_s:>8.1f}"
    return f"{outcome.what:<38} {times}  {accuracy:<24} {outcome.n:>11}  {outcome.note}"


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Espalier's training beside the articles' recipe in Keras.")
    parser.add_argument("--data", type=Path, default=DATA, metavar="ZIP", help="default: cats_and_dogs.zip")
    parser.add_argument("--epochs", type=int, default=5, help="of the recipe (default: %(default)s)")
    arguments = parser.parse_args()

    print(
        f"{'what':<38} {'seconds':>8} {'cpu s':>8}  {'accuracy (95 % interval)':<24} {'test photos':>11}  inside",
        flush=True,
    )
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch:
        for outcome in measure(arguments.data.resolve(), arguments.epochs, Path(scratch)):
            print(row(outcome), flush=True)
            outcomes.append(outcome)
    recipe, first = outcomes[:2]
    kept = "is not" if first.accuracy >= recipe.interval[0] else "IS"
    print(f"Espalier's accuracy {kept} below the recipe's interval.")
    print(f"ratio: {recipe.seconds / first.seconds:.1f}")


if __name__ == "__main__":
    main()
