"""Save a trained model for Keras and for the engine, and prove that both answer alike."""

import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np

from core.data.photos import PhotoError, read_pixels
from core.data.runs import Run, RunPhoto
from core.inference.assemble import assemble
from core.inference.engine import PROBABILITIES, Engine
from core.learning.base_models import convert_base
from core.learning.convert import convert
from core.learning.heads import whole_model
from core.records.errors import RunError
from core.records.files import appearing_whole, write_json

PARITY_PHOTOS = 32  # Keras needs about a second for them
SAME_ANSWERS_NEEDED = 0.9  # of PARITY_PHOTOS; bf16 may turn a near tie, a broken conversion turns most


def save_model(
    run: Run, converted_base: Path, base: keras.Model, head: keras.Model, classes: list[str], photos: list[RunPhoto]
) -> dict[str, Any]:
    """Write `model.keras`, the engine's `model.xml` with its weights, and `labels.json`.

    Args:
        run: Where to.
        converted_base: The base's engine model, or where to write it if it isn't there.
        base: From `build_base`.
        head: Trained, on the base's features.
        classes: Names in the order of the head's outputs.
        photos: Some of these are asked to both models.

    Returns:
        The report's `engine_parity`.

    Raises:
        RunError: The two disagree; the run is not usable.
    """
    model = whole_model(base, head)
    with appearing_whole(run.keras_path) as beside:
        model.save(beside)
    with tempfile.TemporaryDirectory(dir=run.folder) as folder:
        head_path = Path(folder) / "head.xml"
        convert(head, head_path, PROBABILITIES)
        if not converted_base.exists():  # a GPU did the features, or someone cleared the folder meanwhile
            convert_base(base, converted_base)
        assemble(converted_base, head_path, run.engine_path)
    some = photos[:: max(1, len(photos) // PARITY_PHOTOS)][:PARITY_PHOTOS]  # from all over the list, so all classes
    parity = _parity(model, Engine(run.engine_path), [Path(photo.path) for photo in some])
    if parity["same_top1"] < SAME_ANSWERS_NEEDED:
        raise RunError(
            "The saved model answers differently from the trained one, so it was not kept. Please report this."
        )
    write_json(run.labels_path, classes)
    return parity


def _parity(model: keras.Model, engine: Engine, paths: list[Path]) -> dict[str, Any]:
    pixels = []
    for path in paths:
        try:
            pixels.append(read_pixels(path, engine.image_size))
        except PhotoError:  # removed since its features were computed
            continue
    if not pixels:
        raise RunError("The photos are gone, so the saved model could not be checked. Train again.")
    ours, _ = engine.run(pixels, PROBABILITIES)
    theirs = model.predict_on_batch(np.stack(pixels).astype(np.float32))
    return {
        "photos": len(pixels),
        "max_abs_difference": float(np.abs(ours - theirs).max()),
        "same_top1": float((ours.argmax(1) == theirs.argmax(1)).mean()),
    }
