"""What does asking about the mirror image, too, bring, and what does it cost? Frozen base, one layer on top.

    python -m benchmarks.mirror_image [--seeds 3] [--only NAME ...] [--keep FOLDER]

Photos of ../shared/data, each with the test part of its own, and drawn pictures. The same head is asked once and twice,
without a temperature; accuracy and log loss are means over the seeds, which draw the photos to learn from. Beside them
stands what the advice measures on those of the first seed. At the end: how long an answer takes on the engine, asked
once and twice in turn.
"""

import argparse
import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.advice import data_set
from core.advice.mirror_images import try_mirror_images
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.engine.conversion import assemble, convert
from core.engine.engine import PROBABILITIES, Engine
from core.engine.features import PhotoFeatures, base_features
from core.engine.places import Places
from core.evaluation.metrics import log_loss
from core.jobs.job import Job
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import TrainConfig
from core.models.head_building import build_head
from core.photos.labelled_photo import LabelledPhoto, class_ids_of, class_names_of
from core.photos.views import asked_views
from core.training.fitting import answers_of, fit_head
from core.training.rows import LabelledFeatures
from core.training.subsets import in_subsets

SETS = {  # name: (where from, photos per class to learn from)
    "fruit, 60 per class": ("fruit", 60),
    "cats and dogs, 100 per class": ("cats_and_dogs", 100),
    "CIFAR-10, 50 per class": ("cifar10_small", 50),
    "CIFAR-10, 200 per class": ("cifar10_small", 200),
    "line drawings, 60 per class": ("line drawings", 60),
    "symbols in noise, 60 per class": ("symbols in noise", 60),
}
MOST = 400  # photos of a class that are drawn from
TIMED = 200  # answers


class Sets:
    """Photos, and what the built-in base says of them and of their mirror images; `root` keeps both."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.places = Places(cache=root / "cache", engine=root / "engine")
        self.features = base_features(base_model(BUILT_IN), self.places)

    def drawn(self, name: str, seed: int) -> list[LabelledPhoto]:
        """The photos of a row, those to learn from drawn by the seed, all in their parts and in the cache."""
        (source, per_class), by_class = SETS[name], {}
        photos = data_set(source, MOST, self.root)
        for photo in photos:
            by_class.setdefault(photo.label, []).append(photo)
        draw, chosen = random.Random(seed), []
        for own in by_class.values():
            taught = [photo for photo in own if photo.split != TEST]
            chosen += draw.sample(taught, min(per_class, len(taught)))
        chosen = in_subsets([*chosen, *(photo for photo in photos if photo.split == TEST)], TrainConfig(seed=seed))[0]
        self.features.add_known(chosen, asked_views(True), lambda *_: None)
        return chosen

    def rows(self, photos: list[LabelledPhoto], view: str, names: list[str]) -> LabelledFeatures:
        """Features and classes."""
        return LabelledFeatures(self.features.read(photos, (view,)), class_ids_of(photos, names))


def asked(sets: Sets, photos: list[LabelledPhoto], seed: int) -> list[tuple[float, float]]:
    """Accuracy and log loss on the test part, asked once and twice."""
    names, once = class_names_of(photos), asked_views(False)[0]
    parts = {part: [photo for photo in photos if photo.split == part] for part in (TRAIN, VALIDATION, TEST)}
    train, validation = (sets.rows(parts[part], once, names) for part in (TRAIN, VALIDATION))
    with tempfile.TemporaryDirectory() as folder:
        head = fit_head(TrainConfig(seed=seed), train, validation, len(names), Job(Path(folder)))
    answers = [answers_of(head, sets.rows(parts[TEST], view, names)) for view in asked_views(True)]
    truth = class_ids_of(parts[TEST], names)
    return [(float((p.argmax(1) == truth).mean()), log_loss(truth, p)) for p in (answers[0], np.mean(answers, axis=0))]


def measure(sets: Sets, name: str, seeds: int) -> None:
    """Print the row of a set."""
    found = np.array([asked(sets, sets.drawn(name, seed), seed) for seed in range(seeds)]).mean(0)
    taught = [replace(photo, split="") for photo in sets.drawn(name, 0) if photo.split != TEST]
    known, mirrored = (sets.features.read(taught, (view,)) for view in asked_views(True))
    trial = try_mirror_images(PhotoFeatures(taught, known), mirrored, seed=0)
    (accuracy, loss), (accuracy_twice, loss_twice) = found
    print(
        f"{name}: {100 * accuracy:.1f} -> {100 * accuracy_twice:.1f} % right, log loss {loss:.3f} -> {loss_twice:.3f}; "
        f"advice: {100 * trial.accuracy:.1f} -> {100 * trial.accuracy_with_mirror:.1f} %, p = {trial.p:.3f}",
        flush=True,
    )


def seconds_an_answer(sets: Sets) -> list[float]:
    """The median time of an answer, asked once and twice, in turn, on the same noise."""
    base, engines = base_model(BUILT_IN), []
    with tempfile.TemporaryDirectory() as scratch:
        head = Path(scratch) / "head.xml"
        convert(build_head(TrainConfig(), base.feature_width, 10), head, PROBABILITIES)
        for ask_mirror in (False, True):
            model = Path(scratch) / str(ask_mirror) / "model.xml"
            assemble(sets.places.converted_base(base), head, model, ask_mirror)
            engines.append(Engine(model))
    pixels = np.random.default_rng(0).integers(0, 256, (base.image_size, base.image_size, 3), np.uint8)
    took: list[list[float]] = [[] for _ in engines]
    for _ in range(TIMED):
        for own, engine in zip(took, engines, strict=True):
            before = time.perf_counter()
            engine.answer(pixels)
            own.append(time.perf_counter() - before)
    return [float(np.median(own)) for own in took]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What does asking about the mirror image, too, bring?")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", default=list(SETS))
    parser.add_argument("--keep", type=Path, help="a folder that keeps photos and features for the next time")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sets = Sets(arguments.keep or Path(scratch))
        for name in arguments.only:
            measure(sets, name, arguments.seeds)
        once, twice = seconds_an_answer(sets)
        print(f"An answer takes {1000 * once:.1f} ms, asked twice {1000 * twice:.1f} ms ({twice / once:.2f} times).")


if __name__ == "__main__":
    main()
