"""Runs made in a second or two, without a training: what the engine needs of one, and a head that fits."""

from pathlib import Path

import keras
import numpy as np

from core.base.files import write_json
from core.engine.conversion import assemble, convert, convert_base
from core.engine.engine import FEATURES, PROBABILITIES, Engine
from core.models.config import TrainConfig
from core.models.head_building import with_features
from core.photos.kept_settings import to_keep
from core.photos.labelled_photo import LabelledPhoto
from core.photos.pictures import USUAL
from core.runs.run import Run
from core.training.rows import LabelledFeatures
from core.training.solving.linear_svm import fit_svm
from tests.core.reports import a_report


def run_of(
    folder: Path,
    base: keras.Model | None,
    head: keras.Model,
    classes: list[str],
    converted: Path | None = None,
    ask_mirror: bool = False,
) -> Run:
    """A run with this model on the engine. The base may be None where it is given converted."""
    run = Run(folder / "run")
    takes_map = base is not None and head.input_shape[1] != base.output_shape[-1]
    if converted is None:
        converted = folder / "base" / "model.xml"
        convert_base(base, converted, takes_map)
    if takes_map:
        convert(with_features(base, head), folder / "head.xml", FEATURES, PROBABILITIES)
    else:
        convert(head, folder / "head.xml", PROBABILITIES)
    assemble(converted, folder / "head.xml", run.engine_path, ask_mirror)
    write_json(run.labels_path, classes)
    return run


def run_on(folder: Path, photos: list[LabelledPhoto], converted: Path) -> Run:
    """A linear head, fitted to the training photos on a converted base; the other photos are its test photos."""
    classes = sorted({photo.label for photo in photos})
    train = [photo for photo in photos if photo.split == "train"]
    features, _ = Engine(converted).run([Path(photo.path) for photo in train], FEATURES)
    rows = LabelledFeatures(features, np.array([classes.index(photo.label) for photo in train]))
    head = fit_svm(TrainConfig(), rows, rows, len(classes))
    run = run_of(folder, None, head, classes, converted)
    run.write_photos(photos)
    write_json(run.pictures_path, to_keep(USUAL))
    write_json(run.report_path, a_report(classes).to_json())
    return run
