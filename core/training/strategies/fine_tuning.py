"""Fine-tuning, top to bottom: a head first, then the base's last blocks with it, from the boundary.

Below the block from which on the base is thawed nothing changes, so what comes over that boundary is computed once for
each training photo and each of its views, and only the blocks above learn from it. Where the disk has no room for that,
Keras works through the frozen layers again in every epoch.
"""

import math
import os
from typing import Any

from core.base.errors import RunError, StopRequested
from core.base.events import PHASE
from core.base.subsets import TRAIN, VALIDATION
from core.engine.engine import Engine
from core.engine.feature_cache import RESERVE_BYTES, FeatureCache
from core.engine.places import Places
from core.engine.view_features import add_missing_views, missing_keys
from core.jobs.progress import photo_progress
from core.models.catalogue import base_model
from core.models.config import FINE_TUNE, TEST_PART, TrainConfig
from core.photos.views import ORIGINAL, views_of
from core.runs.epochs import best_epoch
from core.runs.report import FineTuning
from core.runs.run import Run
from core.training.strategies.frozen_base import FrozenFeatures, earlier_head, extract_features, fit_head_on, on_a_gpu
from core.training.strategies.outcome import Evaluation, Stopwatch, Trained

PATIENCE = 3  # epochs; each takes long, and the falling rate has found its best by then
STITCHED_PHOTOS = 4
SAME = 1e-3  # the halves and the whole do the same in float32, in another order


def train(run: Run, places: Places, watch: Stopwatch) -> Trained:
    """Train a head and then the last blocks, save the whole as one model, and judge that.

    Args:
        run: What to train, and where the model goes.
        places: Where features, activations and converted bases are kept.
        watch: Gets the laps.
    """
    config, log = run.config(), run.job.event_log()
    looked = extract_features(run, places)
    loaded, parts = looked.learning, looked.parts
    watch.lap("features")

    head = earlier_head(run, looked) or fit_head_on(run, looked, (ORIGINAL,))
    watch.lap("fit")

    halves = loaded.boundary.cut(loaded.base, _first_layer(config))
    activations = places.activations(base_model(config.base), f"before-{_first_layer(config)}", halves.width)
    cached = _has_room(run, looked, activations)
    try:
        if cached:
            _fill(run, places, looked, halves, activations)
        watch.lap("features")
        _learn(run, looked, halves, head, activations if cached else None)
    except StopRequested as stop:
        if not stop.keep:
            raise
        run.note("Stopped before the base model's blocks had learned: the model with the new head alone is kept.")
    details = _outcome(run, cached, loaded.boundary.stitched_difference(halves, head, _few_pixels(looked)))
    watch.lap("fit")

    log.write(PHASE, name="save", words="Saving the model and checking the saved copy")
    parity = loaded.saving.save_model(run, None, loaded.base, head, parts.classes, parts.photos)
    log.write(PHASE, name="test", words="Testing on photos it has not seen")
    answers = loaded.saving.saved_answers(run, parts.by_part(), photo_progress(run.job, run.job.check_discard))
    return Trained(parts, Evaluation(TEST_PART, parts.by_part(), answers), parity, details)


def _first_layer(config: TrainConfig) -> str:
    return next(block.first_layer for block in base_model(config.base).blocks if block.name == config.thaw_from)


def _has_room(run: Run, looked: FrozenFeatures, activations: FeatureCache) -> bool:
    """Whether the disk has room for the activations that are missing; if not, the user is told."""
    missing = sum(len(missing_keys(photos, views, activations)) for photos, views in _shown(run.config(), looked))
    if activations.has_room(missing):
        return True
    run.note(
        "The disk has no room for what the frozen layers say of the photos "
        f"({activations.bytes_of(missing) / 1e9:.1f} GB, and {RESERVE_BYTES / 1e9:.0f} GB must stay free). So these "
        "layers are asked again in every epoch: the model is the same, but it takes several times as long."
    )
    return False


def _shown(config: TrainConfig, looked: FrozenFeatures) -> list[tuple[list, tuple[str, ...]]]:
    """Which photos cross the boundary, and in which views: only training photos are augmented."""
    return [(looked.parts.of(TRAIN), views_of(config.augment)), (looked.parts.of(VALIDATION), (ORIGINAL,))]


def _fill(run: Run, places: Places, looked: FrozenFeatures, halves: Any, activations: FeatureCache) -> None:
    """Compute what is missing of what crosses the boundary."""
    config, loaded = run.config(), looked.learning
    row = base_model(config.base)

    def load_engine() -> Engine:
        if on_a_gpu(lambda: loaded):
            return loaded.keras_engine.KerasEngine(halves.lower, os.cpu_count() or 2)
        converted = places.converted_base(row).parent / f"before-{_first_layer(config)}" / "model.xml"
        if not converted.exists():
            loaded.boundary.convert_lower(halves, converted)
        return Engine(converted)

    words = f"Looking at the photos through the frozen part of {row.title}"
    run.job.event_log().write(PHASE, name="boundary", words=words)
    for photos, views in _shown(config, looked):
        add_missing_views(
            photos, views, activations, row.image_size, load_engine, photo_progress(run.job, run.job.check_stop)
        )


def _learn(run: Run, looked: FrozenFeatures, halves: Any, head: Any, activations: FeatureCache | None) -> None:
    """Train the thawed layers and the head; they have their best weights afterwards, if need be those from before."""
    config, loaded = run.config(), looked.learning
    run.job.event_log().write(PHASE, name="fine-tune", words="The base model's last blocks learn too")
    loaded.boundary.thaw(halves)
    before = run.epochs()
    course = loaded.network_fitting.Schedule(
        phase=FINE_TUNE,
        epochs=config.fine_tune_epochs,
        rate=config.fine_tune_rate,
        patience=min(PATIENCE, config.patience),
        earlier=len(before),
        start_loss=min((epoch.val_loss for epoch in before), default=math.inf),
    )
    shown = [
        loaded.batches.PhotoViews(photos, views, looked.parts.truth(photos)) for photos, views in _shown(config, looked)
    ]
    sizes_and_seeds = ((config.batch_size, config.seed), (config.batch_size, None))
    if activations is None:
        model = loaded.boundary.frozen_and_tail(halves, head)
        side = base_model(config.base).image_size
        batches = [
            loaded.batches.decoded_batches(s, side, *more) for s, more in zip(shown, sizes_and_seeds, strict=True)
        ]
    else:
        model = loaded.boundary.tail_model(halves, head)
        batches = [
            loaded.batches.cached_batches(s, activations, *more) for s, more in zip(shown, sizes_and_seeds, strict=True)
        ]
    loaded.network_fitting.learn_network(model, config, course, *batches, run.job)


def _few_pixels(looked: FrozenFeatures) -> Any:
    loaded = looked.learning
    return loaded.saving.some_pixels(looked.parts.photos, loaded.base.input_shape[1], STITCHED_PHOTOS)


def _outcome(run: Run, cached: bool, difference: float) -> FineTuning:
    """What the report says of the fine-tuning.

    Raises:
        RunError: The halves that were trained and the model that would be saved are not the same.
    """
    if difference > SAME:
        raise RunError("The parts that were trained make another model when put together. Please report this.")
    epochs = run.epochs()
    kept = next(epoch.phase for epoch in epochs if epoch.number == best_epoch(epochs))
    if kept != FINE_TUNE:
        run.note(
            "Training the base model's blocks too did not make it better on the validation photos, so the model with "
            "the new head alone is kept."
        )
    return FineTuning(run.config().thaw_from, "cached" if cached else "recomputed", kept, difference)
