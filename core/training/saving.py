"""Save a trained model for Keras and for the engine, prove that both answer alike, and go on from a saved one."""

import math
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from core.base import checksums, disk
from core.base.errors import RunError
from core.base.events import PHASE, PROGRESS
from core.base.files import disk_errors_in_words, write_json
from core.engine.conversion import assemble, convert, convert_base
from core.engine.converted import converted_once
from core.engine.engine import FEATURES, PROBABILITIES, Engine
from core.jobs.progress import Progress
from core.models.config import TEST_PART
from core.models.head_building import asked_once, whole_model, with_features
from core.photos.decoding import PhotoError
from core.photos.labelled_photo import LOST, LabelledPhoto, even_sample, readable
from core.photos.pictures import PictureSettings
from core.photos.views import asked_views
from core.runs.report import EngineParity
from core.runs.run import Run
from core.training.strategies.strategy import Evaluation
from core.training.subsets import Subsets

SAVING_STEPS = 3  # written for Keras, for the engine, and compared
PARITY_PHOTOS = 32  # Keras needs about a second for them
PARITY_PIXELS = PARITY_PHOTOS * 300 * 300  # that Keras is asked about at once: of VGG19 5 GB
SAME_ANSWERS_NEEDED = 0.9  # of PARITY_PHOTOS; a broken conversion turns most
NEAR_TIE = 0.05  # of probability: bf16 may turn two answers so close, and a model that hardly learned has many

GO_ON = "Go on from that run once more, restore this file from a backup, or train anew."

# of an epoch, by the subset they were measured on
TOLD = {"train": ("loss", "accuracy"), "validation": ("val_loss", "val_accuracy")}


def save_model(
    run: Run,
    converted_base: Path | None,
    base: keras.Model,
    head: keras.Model,
    class_names: list[str],
    photos: list[LabelledPhoto],
) -> EngineParity:
    """Write `model.keras`, the engine's `model.xml` with its weights, and `labels.json`, each with its checksum.

    Args:
        converted_base: The engine model that gives what the head takes, or where to write it if it isn't there; None
            for a base that this run has changed, whose engine model no other run can use.
        base: From `build_base`, frozen or trained.
        head: Trained, on the base's features.
        class_names: In the order of the head's outputs.
        photos: Some of these are asked to both models.

    Raises:
        RunError: The two disagree; the run is not usable.
    """
    told = partial(_tell_step, run)
    told(0)
    model = write_model(run, converted_base, base, head, on_keras=partial(told, 1))
    told(2)
    parity = _parity(model, run, photos)
    if parity.same_but_for_ties < SAME_ANSWERS_NEEDED:
        raise RunError(
            "The saved model answers differently from the trained one, so it was not kept. Please report this."
        )
    seal_model(run, class_names)
    told(SAVING_STEPS)
    return parity


def write_model(
    run: Run,
    converted_base: Path | None,
    base: keras.Model,
    head: keras.Model,
    on_keras: Callable[[], None] = lambda: None,
) -> keras.Model:
    """Write `model.keras` and the engine's model, and give base and head as one model; `seal_model` comes after.

    Where the run's config says so, both ask about a photo's mirror image too.

    Args:
        converted_base: As of `save_model`, and the others too.
        on_keras: Called once the first of the two is written.
    """
    ask_mirror = run.config().ask_mirror
    model = whole_model(base, head, ask_mirror)
    takes_map = head.input_shape[1] != base.output_shape[-1]
    checksums.unseal(run.engine_path)
    with disk_errors_in_words("saving the model"), checksums.sealed(run.keras_path) as beside:
        model.save(beside)
    on_keras()
    with disk_errors_in_words("saving the model"), tempfile.TemporaryDirectory(dir=run.folder) as folder:
        head_path = Path(folder) / "head.xml"
        if takes_map:
            convert(with_features(base, head), head_path, FEATURES, PROBABILITIES)
        else:
            convert(head, head_path, PROBABILITIES)
        own_base = Path(folder) / "base.xml"
        if converted_base is None:
            convert_base(base, own_base, takes_map)
        else:  # there, unless a GPU did the features, or someone cleared the folder meanwhile
            converted_once(converted_base, lambda target: convert_base(base, target, takes_map), run.note)
        assemble(converted_base or own_base, head_path, run.engine_path, ask_mirror)
    return model


def seal_model(run: Run, class_names: list[str]) -> None:
    """Write `labels.json` beside a model that was found to be right, and what all of it holds."""
    with disk_errors_in_words("saving the model"):
        write_json(run.labels_path, class_names)
        run.seal_model()


def keep_tested(run: Run, class_names: list[str]) -> None:
    """Move the model that was written last to where a tested one lies: the one that is taken away is written next."""
    with disk_errors_in_words("saving the model"):
        write_json(run.labels_path, class_names)
        for path in (run.keras_path, run.engine_path, run.tested_keras_path, run.tested_engine_path):
            checksums.unseal(path)
        bins = run.engine_path.with_suffix(".bin"), run.tested_engine_path.with_suffix(".bin")
        for pair in ((run.keras_path, run.tested_keras_path), bins, (run.engine_path, run.tested_engine_path)):
            disk.replace(*pair)
        checksums.seal(run.tested_keras_path)
        run.seal_model(run.tested_engine_path)


def forget_tested(run: Run) -> None:
    """Remove what `keep_tested` of an earlier attempt left, where the tested model is the one that is taken away."""
    for path in (run.tested_keras_path, run.tested_engine_path, run.tested_engine_path.with_suffix(".bin")):
        checksums.unseal(path)
        disk.remove(path)


def _tell_step(run: Run, done: int) -> None:
    run.job.event_log().write(PROGRESS, done=done, total=SAVING_STEPS, seconds_left=None)


def some_pixels(photos: list[LabelledPhoto], image_size: int, at_most: int, settings: PictureSettings) -> np.ndarray:
    """Photos of all classes, from all over the list: RGB 0..255, float32 (n, image_size, image_size, 3).

    Raises:
        RunError: They are all gone.
    """
    pixels = [pixels for _, pixels in readable(even_sample(photos, at_most), image_size, settings=settings)]
    if not pixels:  # removed since they were learned from
        raise RunError("The photos are gone, so the saved model could not be checked. Train again.")
    return np.stack(pixels).astype(np.float32)


def saved_evaluation(run: Run, subsets: Subsets) -> Evaluation:
    """What the saved model says on the engine of the photos of each subset.

    Raises:
        RunError: A photo can no longer be read.
        StopRequested: The user discards the run.
    """
    run.job.event_log().write(PHASE, name="test", words="Testing on photos it has not seen")
    on_progress, by_subset = Progress(run.job.event_log(), run.job.check_discard), subsets.by_subset()
    began, engine = time.monotonic(), Engine(run.engine_path, settings=run.pictures(), of=run.title)
    photos = [photo for own in by_subset.values() for photo in own]
    rows = []
    for done, (photo, answer) in enumerate(zip(photos, engine.stream(p.source for p in photos), strict=True), 1):
        if isinstance(answer, PhotoError):
            raise RunError(LOST.format(photo.name, answer))
        rows.append(answer[PROBABILITIES])
        on_progress(done, len(photos), time.monotonic() - began)
    ends = np.cumsum([len(own) for own in by_subset.values()])[:-1]
    answers = dict(zip(by_subset, np.split(np.stack(rows), ends), strict=True))
    return Evaluation(TEST_PART, by_subset, answers)


def take_weights(run: Run, base: keras.Model) -> list[np.ndarray] | None:
    """Give a base the weights of the model that a run goes on from.

    Args:
        run: One made by `core.training.continuing.create_continued`, or any other.
        base: Of the same architecture.

    Returns:
        The weights of that model's head; None when the run begins anew.

    Raises:
        RunError: The model is missing, damaged or another one.
    """
    if not run.config().start_from:
        return None
    checksums.refuse_changed(run.start_path, "The model that this run goes on from", GO_ON)
    try:
        # Written here: strangers' are built anew.
        saved = asked_once(keras.saving.load_model(run.start_path, compile=False))
        for layer in base.layers:
            if layer.weights:
                layer.set_weights(saved.get_layer(layer.name).get_weights())
        return saved.get_layer("head").get_weights()
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError("The model that this run goes on from is missing or damaged, so it can't go on.") from error


def write_tensorboard(run: Run) -> None:
    """Write the losses and accuracies of all epochs, a folder for each subset, so that their curves lie on each other.

    For those who know TensorBoard; it need not be installed to write them.
    """
    # As tf.summary.scalar marks its values; that function itself needs TensorBoard.
    scalar = tf.compat.v1.SummaryMetadata(
        plugin_data=tf.compat.v1.SummaryMetadata.PluginData(plugin_name="scalars"), data_class="DATA_CLASS_SCALAR"
    )
    for subset, fields in TOLD.items():
        with tf.summary.create_file_writer(str(run.tensorboard_path / subset)).as_default():
            for epoch in run.epochs():
                for name, field in zip(("loss", "accuracy"), fields, strict=True):
                    tf.summary.write(name, tf.constant(getattr(epoch, field)), step=epoch.number, metadata=scalar)


def _parity(model: keras.Model, run: Run, photos: list[LabelledPhoto]) -> EngineParity:
    engine = Engine(run.engine_path, settings=run.pictures())
    pixels = some_pixels(photos, engine.image_size, PARITY_PHOTOS, run.pictures())
    ours, _ = engine.run(list(pixels.astype(np.uint8)), PROBABILITIES)
    at_once = PARITY_PIXELS / (engine.image_size**2 * len(asked_views(run.config().ask_mirror)))
    parts = np.array_split(pixels, math.ceil(len(pixels) / at_once))
    theirs = np.concatenate([model.predict_on_batch(part) for part in parts])
    answered = theirs[np.arange(len(theirs)), ours.argmax(1)]
    return EngineParity(
        photos=len(pixels),
        max_abs_difference=float(np.abs(ours - theirs).max()),
        same_top1=float((ours.argmax(1) == theirs.argmax(1)).mean()),
        same_but_for_ties=float((answered >= theirs.max(1) - NEAR_TIE).mean()),
    )
