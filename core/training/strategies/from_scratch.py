"""From scratch, top to bottom: every layer of a network learns, starting from the base's weights or random ones."""

import math
import os
import time
from pathlib import Path

from core.base.events import PHASE
from core.base.subsets import TRAIN, VALIDATION
from core.base.threads import in_threads
from core.engine.places import Places
from core.jobs.progress import photo_progress
from core.models.config import FROM_SCRATCH, TEST_PART
from core.photos.decoding import PhotoError, pixels_or_error
from core.photos.views import ORIGINAL, views_of
from core.runs.report import FromScratch
from core.runs.run import Run
from core.training.keras_loading import load_learning
from core.training.strategies.outcome import Evaluation, Stopwatch, Trained
from core.training.subsets import into_subsets


def train(run: Run, places: Places, watch: Stopwatch) -> Trained:
    """Train the whole network, save it, and judge it.

    Args:
        run: What to train, and where the model goes.
        places: Not used: nothing that this learns can be kept for another run.
        watch: Gets the laps.
    """
    config, log = run.config(), run.job.event_log()
    log.write(PHASE, name="features", words="Looking whether the photos can be read")
    loaded = load_learning(config)
    base, image_size = loaded.base, loaded.base.input_shape[1]
    parts = into_subsets(run, config, _unreadable(run, image_size))
    watch.lap("features")

    log.write(PHASE, name="from-scratch", words="The whole network learns")
    base.trainable = True
    head = loaded.heads.build_head(config, loaded.heads.input_width(config, base), len(parts.classes))
    weights = loaded.restarting.take_weights(run, base)
    if weights is not None:
        head.set_weights(weights)
    model = loaded.heads.whole_model(base, head)
    train_part, validation = (
        loaded.batches.decoded_batches(
            loaded.batches.PhotoViews(parts.of(part), views, parts.truth(parts.of(part))),
            image_size,
            config.batch_size,
            seed,
        )
        for part, views, seed in ((TRAIN, views_of(config.augment), config.seed), (VALIDATION, (ORIGINAL,), None))
    )
    before = run.epochs()  # of the run that this one goes on from
    start_loss = min((epoch.val_loss for epoch in before), default=math.inf)
    rates = (config.epochs, config.learning_rate, config.patience)
    course = loaded.network_fitting.Schedule(FROM_SCRATCH, *rates, len(before), start_loss)
    loaded.network_fitting.learn_network(model, config, course, train_part, validation, run.job)
    watch.lap("fit")

    log.write(PHASE, name="save", words="Saving the model and checking the saved copy")
    parity = loaded.saving.save_model(run, None, base, head, parts.classes, parts.photos)
    log.write(PHASE, name="test", words="Testing on photos it has not seen")
    answers = loaded.saving.saved_answers(run, parts.by_part(), photo_progress(run.job, run.job.check_discard))
    evaluation = Evaluation(TEST_PART, parts.by_part(), answers)
    return Trained(parts, evaluation, parity, from_scratch=FromScratch(config.initial))


def _unreadable(run: Run, image_size: int) -> dict[str, str]:
    """The reason by path for photos that can't be used."""
    began, photos, on_progress = time.monotonic(), run.photos(), photo_progress(run.job, run.job.check_stop)
    refused = {}
    answers = in_threads(lambda p: pixels_or_error(Path(p.path), image_size), photos, os.cpu_count() or 2)
    for done, (photo, answer) in enumerate(zip(photos, answers, strict=True), 1):
        if isinstance(answer, PhotoError):
            refused[photo.path] = str(answer)
        on_progress(done, len(photos), time.monotonic() - began)
    return refused
