"""How well does a run tell photos of what it knows from others?

    python -m benchmarks.unknowns [far] [near]

Far: a run on fruit is shown its own test photos, the 200 photos of imagenet_samples and the cats and dogs; a run on
cats and dogs is shown its own test photos, the fruit and imagenet_samples (which hold cats and dogs). Printed is the
share that is refused with the usual setting. Near: on cifar10_small each class is left out in turn; printed is the
AUROC of the in-distribution score between the test photos of the nine classes and those of the one that was left out,
beside that of the probability of the answer. Everything goes the way of `train` and `predict`.
"""

import argparse
import tempfile
import zipfile
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score

from benchmarks.similarity import DATA
from core.base.files import file_sha256
from core.base.subsets import TEST
from core.engine.places import Places
from core.models.config import TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.runs.predictor import USUAL_THRESHOLD, Predictor
from core.runs.run import Run
from core.training.training import train_run

SETS = ("fruit", "cats_and_dogs", "cifar10_small", "imagenet_samples")
SUFFIXES = (".jpg", ".jpeg", ".png")


def photos_in(folder: Path, part: str = "") -> list[Path]:
    """The photos below a folder, of one part where there are parts."""
    return [p for p in sorted(folder.rglob("*")) if p.suffix.lower() in SUFFIXES and (not part or part in p.parts)]


def predictor(folder: Path, photos: list[Path], places: Places) -> Predictor:
    """Of a new run on these photos, in class folders below "train" and "test"."""
    rows = [LabelledPhoto(str(p), p.parent.name, TEST if "test" in p.parts else "", file_sha256(p)) for p in photos]
    run = Run.create(folder, TrainConfig(test_given=True), rows)
    train_run(run, places)
    return Predictor(run)


def in_distribution_scores(model: Predictor, photos: list[Path]) -> np.ndarray:
    """Float64 (len(photos),)."""
    return np.array([answer.in_distribution_score for answer in model.predict(photos)])


def far(data: Path, runs: Path, places: Places) -> None:
    """Print what share of each set is refused."""
    for own in ("fruit", "cats_and_dogs"):
        model = predictor(runs / own, photos_in(data / own), places)
        shown = {f"its own test photos ({own})": photos_in(data / own, "test")}
        others = (name for name in ("fruit", "cats_and_dogs", "imagenet_samples") if name != own)
        for name, photos in (shown | {name: photos_in(data / name) for name in others}).items():
            refused = in_distribution_scores(model, photos) <= USUAL_THRESHOLD
            print(f"{own}: {refused.sum()} of {len(photos)} refused ({100 * refused.mean():.1f} %): {name}", flush=True)


def near(data: Path, runs: Path, places: Places) -> None:
    """Print an AUROC for each class left out, and the means."""
    photos, found = photos_in(data / "cifar10_small"), []
    for left_out in sorted({photo.parent.name for photo in photos}):
        model = predictor(runs / f"no {left_out}", [p for p in photos if p.parent.name != left_out], places)
        test = photos_in(data / "cifar10_small", TEST)
        strange, answers = [p.parent.name == left_out for p in test], model.predict(test)
        scores = [[answer.in_distribution_score, answer.probability] for answer in answers]
        found.append([roc_auc_score(strange, -column) for column in np.array(scores).T])
        refused = np.array([not answer.known() for answer in answers])
        print(
            f"without {left_out}: AUROC {found[-1][0]:.3f}, of the probability {found[-1][1]:.3f}; refused "
            f"{100 * refused[np.array(strange)].mean():.0f} % of it and "
            f"{100 * refused[~np.array(strange)].mean():.1f} % of the others",
            flush=True,
        )
    means = np.mean(found, axis=0)
    print(f"mean AUROC {means[0]:.3f}, of the probability {means[1]:.3f}", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="How well does a run tell what it doesn't know?")
    parser.add_argument("which", nargs="*", choices=["far", "near"], default=["far", "near"])
    which = parser.parse_args().which
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        for name in SETS:
            with zipfile.ZipFile(DATA / f"{name}.zip") as archive:
                archive.extractall(root / "data" / name)
        places = Places(root / "cache", root / "engine")
        for measure in [{"far": far, "near": near}[name] for name in which]:
            measure(root / "data", root / "runs", places)


if __name__ == "__main__":
    main()
