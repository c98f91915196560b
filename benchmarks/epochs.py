"""What an epoch costs: on cached features or activations, against Keras' own `fit` with the same layers frozen.

Same photos, same weights, same layers that learn, one process, one after the other. Run it from the repository's root:

    python -m benchmarks.epochs [--data ZIP] [--per-class N] [--thaw-from BLOCK]

The zip holds train/ and test/, each with one folder per class. Keras decodes and works through the frozen layers again
in every epoch; Espalier did so once, before its first one (that time is printed too). Seconds are those from the end of
one epoch to the end of the next, validation included, the first epoch left out (tracing). CPU seconds hardly change
when other programs are at work, so both ratios are given.
"""

import argparse
import tempfile
import time
import zipfile
from pathlib import Path
from statistics import median
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from benchmarks.similarity import photos_of
from core.base.events import EPOCH
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.engine.places import Places
from core.evaluation.metrics import Metrics, wilson_interval
from core.models.catalogue import BUILT_IN, base_model
from core.models.config import FEATURE_EXTRACTION, FINE_TUNE, TrainConfig, usual_config
from core.photos.labelled_photo import LabelledPhoto, class_ids_of, class_names_of
from core.photos.views import ORIGINAL
from core.runs.run import Run
from core.training.rows import DecodedPhotos
from core.training.training import train_run

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "cats_and_dogs.zip"
HEAD_EPOCHS, TUNED_EPOCHS = 12, 3
BATCH = 64


class Clock:
    """Wall and CPU seconds from the end of one epoch to the end of the next."""

    def __init__(self) -> None:
        self.ends: list[tuple[float, float]] = []

    def tick(self) -> None:
        """An epoch has ended."""
        self.ends.append((time.monotonic(), time.process_time()))

    def costs(self) -> tuple[float, float]:
        """Median wall and CPU seconds of the epochs after the first."""
        steps = np.diff(np.array(self.ends), axis=0)
        return float(median(steps[:, 0])), float(median(steps[:, 1]))


class Ticking(keras.callbacks.Callback):
    """Ticks a clock after each epoch of Keras' `fit`."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        self._clock.tick()


def ours(photos: list[LabelledPhoto], config: TrainConfig, phase: str, root: Path) -> tuple[Run, Clock]:
    """A run by Espalier, timed in one phase."""
    clock = Clock()

    def on_event(event: dict[str, Any]) -> None:
        if event["event"] == EPOCH and event["phase"] == phase:
            clock.tick()

    run = Run(Run.create(root / config.strategy, config, photos).folder, on_event)
    train_run(run, Places(cache=root / "cache", engine=root / "engine"))
    return run, clock


def keras_fit(model: keras.Model, photos: list[LabelledPhoto], rate: float, epochs: int) -> tuple[Clock, float]:
    """Keras' own `fit` on the photos themselves; the clock, and the test accuracy of its last epoch."""
    clock = Clock()
    parts = {part: _batches([p for p in photos if p.split == part], part) for part in (TRAIN, VALIDATION, TEST)}
    model.compile(
        keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"], jit_compile=False
    )
    model.fit(
        parts[TRAIN],
        epochs=epochs,
        validation_data=parts[VALIDATION],
        verbose=0,
        shuffle=False,
        callbacks=[Ticking(clock)],
    )
    return clock, model.evaluate(parts[TEST], verbose=0)[1]


def _batches(photos: list[LabelledPhoto], part: str) -> tf.data.Dataset:
    rows = DecodedPhotos(
        photos, (ORIGINAL,), class_ids_of(photos, class_names_of(photos)), base_model(BUILT_IN).image_size
    )
    return rows.batches(BATCH, shuffle_seed=0 if part == TRAIN else None)


def frozen_below(run: Run, first_layer: str | None) -> keras.Model:
    """The model of a run, of which only the head learns, or all layers from one on but batch normalisation."""
    model = keras.saving.load_model(run.keras_path, compile=False)
    names = [layer.name for layer in model.layers]
    for place, layer in enumerate(model.layers):
        above = first_layer is not None and place >= names.index(first_layer)
        layer.trainable = layer.name == "head" or (above and not isinstance(layer, keras.layers.BatchNormalization))
    return model


def show(what: str, theirs: Clock, mine: Clock, test: Metrics, their_accuracy: float) -> None:
    """One line on one kind of epoch."""
    (wall, cpu), (our_wall, our_cpu) = theirs.costs(), mine.costs()
    low, high = wilson_interval(round(their_accuracy * test.n), test.n)
    print(
        f"{what}: Keras fit {wall:.2f} s ({cpu:.2f} CPU s) an epoch, {100 * their_accuracy:.1f} % "
        f"({100 * low:.1f} to {100 * high:.1f}); Espalier {our_wall:.3f} s ({our_cpu:.3f} CPU s), "
        f"{100 * test.accuracy:.1f} %; CPU ratio {cpu / our_cpu:.1f}, wall ratio {wall / our_wall:.1f}",
        flush=True,
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="What an epoch costs.")
    parser.add_argument("--data", type=Path, default=DATA, metavar="ZIP")
    parser.add_argument("--per-class", type=int, default=500)
    usual = usual_config(FINE_TUNE).thaw_from
    parser.add_argument("--thaw-from", default=usual, metavar="BLOCK", help=f"default: {usual}, as fine-tuning does")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        with zipfile.ZipFile(arguments.data) as archive:
            archive.extractall(root / "photos")
        head = TrainConfig(epochs=HEAD_EPOCHS, patience=HEAD_EPOCHS, test_given=True)
        made, clock = ours(_chosen(root / "photos", arguments.per_class), head, "head", root)
        photos = made.photos()  # with their parts
        print(f"once, before the first epoch: {made.report().seconds.features:.1f} s", flush=True)
        theirs, accuracy = keras_fit(frozen_below(made, None), photos, head.learning_rate, 3)
        show(f"head on a frozen base ({FEATURE_EXTRACTION})", theirs, clock, made.report().test, accuracy)

        tuned = TrainConfig(
            strategy=FINE_TUNE,
            thaw_from=arguments.thaw_from,
            epochs=HEAD_EPOCHS,
            patience=HEAD_EPOCHS,
            fine_tune_epochs=TUNED_EPOCHS,
            fine_tune_rate=1e-4,
            test_given=True,
        )
        run, clock = ours(photos, tuned, FINE_TUNE, root)
        print(f"once, before the first epoch: {run.report().seconds.features:.1f} s", flush=True)
        first = next(b.first_layer for b in base_model(BUILT_IN).blocks if b.name == tuned.thaw_from)
        theirs, accuracy = keras_fit(frozen_below(made, first), photos, tuned.fine_tune_rate, TUNED_EPOCHS)
        show(f"last blocks, from {tuned.thaw_from} on ({FINE_TUNE})", theirs, clock, run.report().test, accuracy)


def _chosen(folder: Path, per_class: int) -> list[LabelledPhoto]:
    """So many training photos of each class, and all of the test part."""
    photos, taken = [], dict.fromkeys({photo.label for photo in photos_of(folder)}, 0)
    for photo in sorted(photos_of(folder), key=lambda photo: photo.sha256):
        tested = "test" in Path(photo.path).parts
        if not tested and taken[photo.label] >= per_class:
            continue
        taken[photo.label] += not tested
        photos.append(LabelledPhoto(photo.path, photo.label, TEST if tested else "", photo.sha256))
    return photos


if __name__ == "__main__":
    main()
