"""Is the model that learned from the validation photos too better than the tested one, and how sure should it be?

    python -m benchmarks.final_model [fruit] [cifar10_small]

The usual head on the built-in base, five seeds, each with other validation photos; the photos of `test` are the same
in all, and neither model learned from them. Of cifar10_small 50 photos a class teach and 50 test. Printed are right
answers and log losses of both models there, log loss and calibration error of the final one with no temperature and
with that which the tested one's answers on its validation photos give, and the processor seconds of each.
"""

import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks.similarity import DATA
from benchmarks.unknowns import photos_in
from core.base.files import file_sha256
from core.base.subsets import TEST, TRAIN
from core.engine.features import features_of
from core.engine.places import Places
from core.evaluation.calibration import calibration_error, fit_temperature, reliability, with_temperature
from core.evaluation.metrics import log_loss
from core.jobs.job import Job
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import FEATURE_EXTRACTION, TrainConfig, usual_config
from core.photos.labelled_photo import LabelledPhoto, class_ids_of, class_names_of, groups_of
from core.projects.split import Shares, assign_subsets
from core.runs.grouping import with_groups
from core.runs.report import best_epoch, epochs_of
from core.training.fitting import answers_of, fit_head, fit_head_for
from core.training.rows import LabelledFeatures
from core.training.steps import Steps

SEEDS = range(5)
PER_CLASS = {"fruit": 10_000, "cifar10_small": 50}
COLUMNS = (
    "right tested, right final, log loss tested, log loss final, with the tested one's temperature, calibration error "
    "final, with the tested one's temperature, seconds tested, seconds final"
)


def read(name: str, folder: Path, places: Places, job: Job) -> dict[str, tuple[LabelledFeatures, list[LabelledPhoto]]]:
    """What teaches and what tests: features with classes, and the photos with their groups of near-copies."""
    by_class: dict[tuple[str, str], list[LabelledPhoto]] = defaultdict(list)
    for path in photos_in(folder / name):
        part = TEST if TEST in path.parts else TRAIN
        by_class[part, path.parent.name].append(LabelledPhoto(str(path), path.parent.name, part, file_sha256(path)))
    chosen = [
        photo
        for (_, label), photos in by_class.items()
        for photo in sorted(photos, key=lambda photo: photo.sha256)[: PER_CLASS[name]]
    ]
    found = features_of(base_model(BUILT_IN), with_groups(chosen)[0], places, job)
    names, rows = class_names_of(found.photos), {}
    for part in (TRAIN, TEST):
        own = [i for i, photo in enumerate(found.photos) if photo.split == part]
        photos = [found.photos[i] for i in own]
        rows[part] = LabelledFeatures(found.rows[own], class_ids_of(photos, names)), photos
    return rows


def measure(seed: int, rows: dict[str, tuple[LabelledFeatures, list[LabelledPhoto]]], folder: Path) -> list[float]:
    """The values of COLUMNS for one seed."""
    (everything, photos), (test, _) = rows[TRAIN], rows[TEST]
    config, n, groups = usual_config(FEATURE_EXTRACTION), int(everything.class_ids.max()) + 1, groups_of(photos)
    labels, contents = [photo.label for photo in photos], [photo.sha256 for photo in photos]
    shares = Shares(config.validation_share / (1 - config.test_share), 0.0)
    parts = np.array(assign_subsets(labels, contents, groups, [""] * len(photos), seed, shares))
    train, validation = (everything.take(np.flatnonzero((parts == TRAIN) == teaches)) for teaches in (True, False))
    job, config = Job(folder), TrainConfig(**{**vars(config), "seed": seed})
    began = time.process_time()
    tested = fit_head(config, train, validation, n, job)
    took = [time.process_time() - began]
    in_epoch = Steps.of(config, train).in_epoch
    again = TrainConfig(**{**vars(config), "epochs": best_epoch(epochs_of(job.events())), "steps_per_epoch": in_epoch})
    began = time.process_time()
    final = fit_head_for(again, everything, n, job)
    took.append(time.process_time() - began)
    ours, theirs = answers_of(tested, test), answers_of(final, test)
    temperature = fit_temperature(answers_of(tested, validation), validation.class_ids) or 1.0
    softened = [theirs, with_temperature(theirs, temperature)]
    right = theirs.argmax(1) == test.class_ids
    return [
        float((ours.argmax(1) == test.class_ids).mean()),
        float(right.mean()),
        log_loss(test.class_ids, ours),
        *(log_loss(test.class_ids, each) for each in softened),
        *(calibration_error(reliability(each.max(1), right)) for each in softened),
        *took,
    ]


def main(names: list[str]) -> None:
    """Measure each set and print a row a seed, and the means."""
    for name in names or PER_CLASS:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch)
            with zipfile.ZipFile(DATA / f"{name}.zip") as archive:
                archive.extractall(folder / name)
            rows = read(name, folder, Places(folder / "cache", folder / "engine"), Job(folder))
            print(
                f"{name}: {len(rows[TRAIN][1])} photos teach or steer, {len(rows[TEST][1])} test\n{COLUMNS}", flush=True
            )
            found = []
            for seed in SEEDS:
                (folder / str(seed)).mkdir()
                found.append(measure(seed, rows, folder / str(seed)))
                print(seed, " ".join(f"{value:.4f}" for value in found[-1]), flush=True)
            print("mean", " ".join(f"{value:.4f}" for value in np.mean(found, axis=0)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
