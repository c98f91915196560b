"""One run, top to bottom: photos, features, split, fit, evaluate, save, check, report.

Keras takes seconds to import. So this module doesn't import it at its top: a thread does, while the engine is
already at work on the photos.
"""

import importlib
import os
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from core.data.arrange import TEST, TRAIN, VALIDATION
from core.data.feature_cache import FeatureCache
from core.data.metrics import classification_metrics
from core.data.places import Places
from core.data.predictions import write_predictions
from core.data.readiness import refuse_unready
from core.data.runs import Run, RunPhoto, best_epoch, estimate_for, groups_of
from core.data.split import Shares, assign_splits
from core.inference.engine import Engine
from core.inference.features import add_missing_features
from core.records.catalogue import base_model
from core.records.config import CROSS_VALIDATION, TEST_PART, TrainConfig
from core.records.errors import InputError, StopRequested
from core.records.events import EPOCH, FINISHED, PHASE, PROGRESS
from core.records.files import disk_errors_in_words, write_json

PROGRESS_EVERY_S = 0.25  # four events a second look fluent and keep the log small
GPU_DEVICES = ("/dev/nvidia0", "/dev/dxg")  # Linux, and Windows' Linux; elsewhere TensorFlow finds no GPU


def train_run(run: Run, places: Places) -> dict[str, Any]:
    """Train what the run's config says, and leave a complete run folder.

    Returns:
        The report.

    Raises:
        InputError: The photos can't be trained on.
        StorageError: The disk is full.
        StopRequested: The user discarded the run, or stopped it before there was anything to keep.
    """
    began, log, config = time.monotonic(), run.job.event_log(), run.config()
    with ThreadPoolExecutor(1) as pool:
        learning = pool.submit(_load_learning, config.base)
        log.write(PHASE, name="features", words=f"Looking at the photos through {base_model(config.base).title}")
        cache, refused = _features(run, config, places, learning)
    photos = _split(run, config, refused)
    classes = sorted({photo.label for photo in photos})
    parts = {part: [p for p in photos if p.split == part] for part in (TRAIN, VALIDATION, TEST)}
    features_s = time.monotonic() - began

    log.write(PHASE, name="fit", words="Learning to tell the classes apart")
    loaded = learning.result()
    rows = {part: _labelled(loaded.fitting, cache, chosen, classes) for part, chosen in parts.items()}
    head = loaded.fitting.fit_head(config, rows[TRAIN], rows[VALIDATION], len(classes), run.job)
    fit_s = time.monotonic() - began - features_s

    judged = _cross_validated(run, config, loaded, cache, photos, classes)
    if judged is None:
        log.write(PHASE, name="evaluate", words="Testing on photos it has not seen")
        judged = _Judged(TEST_PART, parts, {part: np.asarray(head(rows[part].features)) for part in parts})
    test = classification_metrics(_truth(judged.photos[TEST], classes), judged.probabilities[TEST], classes)
    with disk_errors_in_words("saving the run"):
        write_predictions(run.predictions_path, judged.photos, judged.probabilities, classes)
        log.write(PHASE, name="save", words="Saving the model and checking the saved copy")
        converted = places.converted_base(base_model(config.base))
        # Asked about any photos, not the test's alone: of four, one near tie would already be a tenth too many.
        parity = loaded.saving.save_model(run, converted, loaded.base, head, classes, photos)
        run.job.check_discard()
        total_s = time.monotonic() - began
        report = {
            "schema": 1,
            "classes": classes,
            "base": config.base,
            "strategy": config.strategy,
            "head": config.head,
            "seconds": {
                "features": round(features_s, 3),
                "fit": round(fit_s, 3),
                "evaluate": round(total_s - features_s - fit_s, 3),
                "total": round(total_s, 3),
            },
            **_epochs(run),
            "photos": {part: len(chosen) for part, chosen in parts.items()},
            "set_aside": [{"path": path, "why": why} for path, why in refused.items()],
            "estimate": judged.estimate,
            "test": test,
            "engine_parity": parity,
        }
        write_json(run.report_path, report)
    log.write(FINISHED, accuracy=test["accuracy"], n=test["n"])
    return report


@dataclass(frozen=True)
class _Learning:
    """The modules of this floor that need Keras, and the run's base model."""

    base_models: ModuleType
    cross_validation: ModuleType
    fitting: ModuleType
    keras_engine: ModuleType
    saving: ModuleType
    base: Any


def _load_learning(base: str) -> _Learning:
    names = ("base_models", "cross_validation", "fitting", "keras_engine", "saving")
    modules = {name: importlib.import_module(f"core.learning.{name}") for name in names}
    return _Learning(**modules, base=modules["base_models"].build_base(base))


def _features(run: Run, config: TrainConfig, places: Places, learning: Future) -> tuple[FeatureCache, dict[str, str]]:
    """The cache with the features of all usable photos, and the reason by path for the others."""
    row, photos = base_model(config.base), run.photos()
    cache = FeatureCache(places.cache / "features", f"{row.name}-{row.image_size}", row.feature_width)
    refused = add_missing_features(
        [Path(photo.path) for photo in photos],
        [photo.sha256 for photo in photos],
        cache,
        row.image_size,
        lambda: _engine(config, places, learning),
        _progress(run),
    )
    return cache, {photo.path: refused[photo.sha256] for photo in photos if photo.sha256 in refused}


def _engine(config: TrainConfig, places: Places, learning: Future) -> Engine:
    """What computes the features: Keras on a GPU, else the engine, converting the base when it never was."""
    if any(Path(device).exists() for device in GPU_DEVICES) and learning.result().keras_engine.gpu_there():
        loaded = learning.result()
        return loaded.keras_engine.KerasEngine(loaded.base, os.cpu_count() or 2)
    converted = places.converted_base(base_model(config.base))
    if not converted.exists():
        learning.result().base_models.convert_base(learning.result().base, converted)
    return Engine(converted)


def _progress(run: Run) -> Callable[[int, int, float], None]:
    log, last = run.job.event_log(), [0.0]

    def on_progress(done: int, total: int, seconds: float) -> None:
        run.job.check_stop()
        if seconds - last[0] >= PROGRESS_EVERY_S or done == total:
            last[0] = seconds
            log.write(PROGRESS, done=done, total=total, seconds_left=round(seconds / done * (total - done), 1))

    return on_progress


def _split(run: Run, config: TrainConfig, refused: dict[str, str]) -> list[RunPhoto]:
    """The usable photos, each in its part; the list of photos is written again with it.

    A project's photos come with their parts and groups, near-copies on one side. Others have no looks, and a second
    decoding for them would cost more than the features: of those only equal files are kept on one side.
    """
    photos = [photo for photo in run.photos() if photo.path not in refused]
    refuse_unready(dict(sorted(Counter(photo.label for photo in photos).items())))
    parts = assign_splits(
        [photo.label for photo in photos],
        [photo.sha256 for photo in photos],
        groups_of(photos),
        [photo.split for photo in photos],
        config.seed,
        Shares(config.validation_share, config.test_share).without({photo.split for photo in photos}),
    )
    photos = [replace(photo, split=part) for photo, part in zip(photos, parts, strict=True)]
    _refuse_missing(photos)
    run.write_photos(photos)
    return photos


def _refuse_missing(photos: list[RunPhoto]) -> None:
    """Raise when a class has nothing to learn from, or when nothing is left to steer by or to test on."""
    learned = {photo.label for photo in photos if photo.split == TRAIN}
    untaught = sorted({photo.label for photo in photos} - learned)
    if untaught:
        raise InputError(f"No training photo is left for {', '.join(untaught)}. Add photos of it to the training part.")
    for part in (VALIDATION, TEST):
        if part not in {photo.split for photo in photos}:
            raise InputError(
                f"No usable photo is left for the {part} part, so the training could not be judged. "
                "Copies of a photo count as one: add more different photos."
            )


@dataclass(frozen=True)
class _Judged:
    """The answers that the report is about.

    Args:
        estimate: "test" or "cross-validation".
        photos: By part, as for `write_predictions`.
        probabilities: float32 (photos, classes) by part.
    """

    estimate: str
    photos: dict[str, list[RunPhoto]]
    probabilities: dict[str, np.ndarray]


def _cross_validated(
    run: Run, config: TrainConfig, loaded: _Learning, cache: FeatureCache, photos: list[RunPhoto], classes: list[str]
) -> _Judged | None:
    """All photos, each judged by a head that has not seen it; None when the test part judges.

    Who asks to stop and keep has a model by now and wants it soon: then too the test part must do.
    """
    if estimate_for(photos, config.test_given) != CROSS_VALIDATION:
        return None
    try:
        run.job.check_stop()
        run.job.event_log().write(PHASE, name="evaluate", words="Judging each photo by a model that has not seen it")
        rows = _labelled(loaded.fitting, cache, photos, classes)
        answers = loaded.cross_validation.out_of_fold(config, rows, groups_of(photos), len(classes), run.job)
    except StopRequested as stop:
        if not stop.keep:
            raise
        return None
    return _Judged(CROSS_VALIDATION, {TEST: photos}, {TEST: answers})


def _labelled(fitting: ModuleType, cache: FeatureCache, photos: list[RunPhoto], classes: list[str]) -> Any:
    return fitting.LabelledFeatures(cache.read([photo.sha256 for photo in photos]), _truth(photos, classes))


def _truth(photos: list[RunPhoto], classes: list[str]) -> np.ndarray:
    """The index of each photo's class: int64 (n,)."""
    index = {name: i for i, name in enumerate(classes)}
    return np.array([index[photo.label] for photo in photos], np.int64)


def _epochs(run: Run) -> dict[str, Any]:
    """The report's part on the epochs; the best is the one whose weights were kept (lowest validation loss)."""
    names = ("epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")
    epochs = [{name: event[name] for name in names} for event in run.job.events() if event["event"] == EPOCH]
    return {"epochs": epochs, "best_epoch": best_epoch(epochs)}
