"""Fine-tuning, top to bottom: a head first, then the base's last blocks with it, from the boundary.

Below the block from which on the base is thawed nothing changes, so what comes over that boundary is computed once for
each training photo and each of its views, and only the blocks above learn from it. Where the disk has no room for that,
Keras works through the frozen layers again in every epoch.
"""

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import keras
import numpy as np

from core.base.errors import RunError, StopRequested
from core.base.events import PHASE, SAVING
from core.base.subsets import TRAIN
from core.base.words import percent
from core.engine.conversion import convert
from core.engine.engine import FEATURES, Streaming
from core.engine.feature_cache import RESERVE_BYTES
from core.engine.features import Features, shared_engine
from core.engine.keras_engine import KerasEngine
from core.engine.places import Places
from core.jobs.progress import Progress
from core.models.config import FINE_TUNE, TrainConfig
from core.models.planned_epochs import patience_of
from core.photos.labelled_photo import LabelledPhoto
from core.photos.views import ORIGINAL, views_of
from core.runs.report import Epoch, FineTuning, best_epoch, best_score
from core.runs.run import Run
from core.training.fitting import LearningError
from core.training.network_fitting import Schedule, fit_network_for, learn_network
from core.training.rows import DecodedPhotos, Rows, StoredFeatures
from core.training.saving import keep_tested, save_model, saved_evaluation, some_pixels
from core.training.steps import with_steps_for
from core.training.strategies import boundary
from core.training.strategies.boundary import Cut
from core.training.strategies.extraction import on_a_gpu, telling
from core.training.strategies.final_model import Learned, answered_before, learn_final
from core.training.strategies.frozen_base import (
    FrozenFeatures,
    earlier_head,
    fit_head_again,
    fit_head_on,
    head_that_goes_on,
)
from core.training.strategies.strategy import Evaluation, Setup, Trained
from core.training.strategies.weight_mixing import ALL_LEARNED, learning_weights, mix, mix_by_validation

STITCHED_PHOTOS = 4
SAME = 1e-3  # the halves and the whole do the same in float32, in another order


def train(setup: Setup) -> Trained:
    """Train a head and then the last blocks, save the whole as one model, and evaluate that; then maybe once more."""
    run, subsets, watch, config = setup.run, setup.subsets, setup.watch, setup.run.config()
    frozen = FrozenFeatures(setup)
    watch.lap("features")

    head = earlier_head(frozen) or head_that_goes_on(frozen) or fit_head_on(frozen, (ORIGINAL,))
    watch.lap("fit")

    halves = boundary.cut(setup.base, first_layer(config))
    activations = activations_at(config, setup.places, halves.width, lambda: halves.lower)
    cached = _has_room(setup, activations)
    begun = _Begun(frozen, halves, activations, [each.get_weights() for each in halves.thawed], setup.epochs_before())
    share = ALL_LEARNED
    try:
        if cached:
            _fill(setup, activations)
        watch.lap("features")
        share = _learn(setup, halves, head, activations if cached else None)
    except StopRequested as stop:
        if not stop.keep:
            raise
        run.note("Stopped before the base model's blocks had learned: the model with the new head alone is kept.")
    pixels = some_pixels(subsets.photos, setup.base.input_shape[1], STITCHED_PHOTOS, run.pictures())
    details = _outcome(run, cached, share, boundary.stitched_difference(halves, head, pixels))
    watch.lap("fit")

    run.job.event_log().write(PHASE, name=SAVING, words="Saving the model and checking the saved copy")
    parity = save_model(run, None, setup.base, head, subsets.class_names, subsets.photos)
    evaluation = saved_evaluation(run, subsets)
    final = learn_final(setup, evaluation, lambda photos: _once_more(begun, evaluation, photos, share))
    if final:
        keep_tested(run, subsets.class_names)
        parity = save_model(run, None, setup.base, final.head, subsets.class_names, subsets.photos)
    return Trained(evaluation, parity, details, final=final and final.told)


def first_layer(config: TrainConfig) -> str:
    """The name of the base's first layer that learns."""
    return next(block.first_layer for block in config.base_row().blocks if block.name == config.thaw_from)


def activations_at(config: TrainConfig, places: Places, width: int, lower: Callable[[], keras.Model]) -> Features:
    """What crosses the config's boundary, so many values a photo, kept like features.

    Args:
        lower: Gives the half below the boundary; called only where rows are missing.
    """
    base, name = config.base_row(), f"before-{first_layer(config)}"

    def convert_lower(target: Path) -> None:
        with places.converting():
            convert(lower(), target, FEATURES)

    def load_engine() -> Streaming:
        if on_a_gpu():
            return KerasEngine(lower(), os.cpu_count() or 2, places.pictures)
        converted = places.converted_base(base).parent / name / "model.xml"
        return shared_engine(converted, convert_lower, places)

    cache = places.activations(base, name, width)
    return Features(cache, base.image_size, load_engine, places.pictures, places.tell)


def _has_room(setup: Setup, activations: Features) -> bool:
    """Whether the disk has room for the activations that are missing; if not, the user is told."""
    missing = sum(len(activations.missing(photos, views)) for photos, views, _ in setup.viewed())
    if activations.cache.has_room(missing):
        return True
    setup.run.note(
        "The disk has no room for what the frozen layers say of the photos "
        f"({activations.cache.bytes_of(missing) / 1e9:.1f} GB, and {RESERVE_BYTES / 1e9:.0f} GB must stay free). So "
        "these layers are asked again in every epoch: the model is the same, but it takes several times as long."
    )
    return False


def _fill(setup: Setup, activations: Features) -> None:
    """Compute what is missing of what crosses the boundary."""
    job, title = setup.run.job, setup.run.config().base_row().title
    job.event_log().write(PHASE, name="boundary", words=f"Looking at the photos through the frozen part of {title}")
    for photos, views, _ in setup.viewed():
        activations.add_known(photos, views, Progress(job.event_log(), job.check_stop))


def _learn(setup: Setup, halves: Cut, head: keras.Model, activations: Features | None) -> float:
    """Train the thawed layers and the head; they have their best weights afterwards, if need be those from before.

    Returns:
        The share of what was learned in these weights.
    """
    run, config = setup.run, setup.run.config()
    run.job.event_log().write(PHASE, name="fine-tune", words="The base model's last blocks learn too")
    boundary.thaw(halves)
    rows: list[Rows] = []
    if activations is None:
        model, side = boundary.frozen_and_tail(halves, head), setup.base.input_shape[1]
        rows += [DecodedPhotos(*each, image_size=side, settings=run.pictures()) for each in setup.viewed()]
    else:
        model, cache = boundary.tail_model(halves, head), activations.cache
        rows += [StoredFeatures(*each, cache=cache) for each in setup.viewed()]
    schedule = replace(thawing_schedule(config, setup.epochs_before()), checkpoints=setup.checkpoints)
    begun = learning_weights(model)
    learn_network(model, config, schedule, *rows, run.job)
    return mix_by_validation(model, begun, rows[1], config, run.job)


def thawing_schedule(config: TrainConfig, before: list[Epoch]) -> Schedule:
    """How long and how fast thawed blocks learn, after these epochs of the head."""
    return Schedule(
        phase=FINE_TUNE,
        epochs=config.fine_tune_epochs,
        rate=config.fine_tune_rate,
        patience=patience_of(config.fine_tune_epochs),
        earlier=len(before),
        start=best_score(before, config.monitor),
    )


@dataclass(frozen=True)
class _Begun:
    """What the thawed blocks begin with: their weights, and the run's epochs before they learn."""

    frozen: FrozenFeatures
    halves: Cut
    activations: Features
    weights: list[list[np.ndarray]]
    epochs: list[Epoch]


def _once_more(begun: _Begun, evaluation: Evaluation, photos: list[LabelledPhoto], share: float) -> Learned:
    """Learn from these photos as the tested model had: a head, then the thawed layers from where they had begun, mixed
    with what they began with by the same share.

    How sure it is is corrected as the tested model is: to fine-tune once more for each fold would take as many times
    as long as all before, and what was asked once, by photos that it had not seen, was a model trained alike.
    """
    setup, config = begun.frozen.setup, begun.frozen.config
    for layer, weights in zip(begun.halves.thawed, begun.weights, strict=True):
        layer.set_weights(weights)
    head, steps = earlier_head(begun.frozen), 0
    n_epochs = best_epoch(setup.run.epochs(), config.monitor) - len(begun.epochs)
    if head is None:
        number = best_epoch(begun.epochs, config.monitor)
        head, steps = fit_head_again(begun.frozen, photos, (ORIGINAL,), number)
    elif n_epochs < 1:
        raise LearningError("none of its epochs was better than the model that it goes on from")
    if n_epochs > 0:
        steps += _thaw_once_more(begun, head, photos, n_epochs, share)
    return Learned(head, steps, answered_before(setup, evaluation))


def _thaw_once_more(begun: _Begun, head: keras.Model, photos: list[LabelledPhoto], n_epochs: int, share: float) -> int:
    """Train the thawed layers and the head for as many steps as in so many epochs of the tested model's: these steps.

    At each step at the rate of then.
    """
    setup, config, activations = begun.frozen.setup, begun.frozen.config, begun.activations
    views, log = views_of(config.augment), setup.run.job.event_log()
    viewed = photos, views, setup.subsets.class_ids(photos)
    missing = len(activations.missing(photos, views))
    if activations.cache.has_room(missing):
        if missing:
            words = f"Looking at the other photos through the frozen part of {config.base_row().title}"
            with telling(setup.run, "boundary", words):
                activations.add_known(photos, views, Progress(log, setup.run.job.check_stop))
        model: keras.Model = boundary.tail_model(begun.halves, head)
        rows: Rows = StoredFeatures(*viewed, cache=activations.cache)
    else:
        model = boundary.frozen_and_tail(begun.halves, head)
        rows = DecodedPhotos(*viewed, image_size=setup.base.input_shape[1], settings=setup.run.pictures())
    config = with_steps_for(config, len(setup.subsets.of(TRAIN)) * len(views))
    schedule = thawing_schedule(config, begun.epochs)
    weights = learning_weights(model)
    fit_network_for(n_epochs, model, config, schedule, rows, setup.run.job)
    mix(model, weights, learning_weights(model), share)
    return n_epochs * config.steps_per_epoch


def _outcome(run: Run, cached: bool, share: float, difference: float) -> FineTuning:
    """What the report says of the fine-tuning.

    Raises:
        RunError: The halves that were trained and the model that would be saved are not the same.
    """
    if difference > SAME:
        raise RunError("The parts that were trained make another model when put together. Please report this.")
    epochs = run.epochs()
    best = best_epoch(epochs, run.config().monitor)
    kept = next(epoch.phase for epoch in epochs if epoch.number == best)
    if kept != FINE_TUNE:
        run.note(
            "Training the base model's blocks too did not make it better on the validation photos, so the model with "
            "the new head alone is kept."
        )
    elif share < ALL_LEARNED:
        run.note(
            f"On the validation photos the model is best with {percent(share)} of what the blocks learned and the rest "
            "as they were before, so these weights are kept."
        )
    return FineTuning(run.config().thaw_from, "cached" if cached else "recomputed", kept, difference, share)
