"""From scratch, top to bottom: every layer of a network learns, starting from the base's weights or random ones."""

from dataclasses import dataclass, replace

import keras
import numpy as np

from core.base.events import PHASE, SAVING
from core.base.subsets import TRAIN
from core.models.config import FROM_BASE, FROM_SCRATCH
from core.models.head_building import build_head, input_width, whole_model
from core.photos.labelled_photo import LabelledPhoto
from core.photos.views import views_of
from core.runs.report import FromScratch, best_epoch, best_score
from core.training.fitting import LearningError
from core.training.network_fitting import Schedule, fit_network_for, learn_network
from core.training.rows import DecodedPhotos
from core.training.saving import keep_tested, save_model, saved_evaluation, take_weights
from core.training.steps import with_steps_for
from core.training.strategies.boundary import learn_but_statistics
from core.training.strategies.final_model import Learned, answered_before, learn_final
from core.training.strategies.strategy import Evaluation, Setup, Trained


def train(setup: Setup) -> Trained:
    """Train the whole network, save it, and evaluate it; then maybe once more."""
    run, subsets, base, config = setup.run, setup.subsets, setup.base, setup.run.config()
    setup.watch.lap("features")

    run.job.event_log().write(PHASE, name="from-scratch", words="The whole network learns")
    base.trainable = True
    if config.initial == FROM_BASE:
        learn_but_statistics(base.layers)
    keras.utils.set_random_seed(config.seed)  # whatever this process drew before, the head begins alike
    head = build_head(config, input_width(config, base), len(subsets.class_names))
    weights = take_weights(run, base)
    if weights is not None:
        head.set_weights(weights)
    before = setup.epochs_before()  # of the run that this one goes on from
    schedule = Schedule(
        phase=FROM_SCRATCH,
        epochs=config.epochs,
        rate=config.learning_rate,
        patience=config.patience,
        earlier=len(before),
        start=best_score(before, config.monitor),
        checkpoints=setup.checkpoints,
    )
    side, pictures = base.input_shape[1], run.pictures()
    train, validation = (DecodedPhotos(*each, image_size=side, settings=pictures) for each in setup.viewed())
    network = whole_model(base, head)
    begun = _Begun(network, network.get_weights(), head, replace(schedule, checkpoints=None))
    learn_network(network, config, schedule, train, validation, run.job)
    setup.watch.lap("fit")

    run.job.event_log().write(PHASE, name=SAVING, words="Saving the model and checking the saved copy")
    parity = save_model(run, None, base, head, subsets.class_names, subsets.photos)
    evaluation = saved_evaluation(run, subsets)
    final = learn_final(setup, evaluation, lambda photos: _once_more(setup, evaluation, begun, photos))
    if final:
        keep_tested(run, subsets.class_names)
        parity = save_model(run, None, base, final.head, subsets.class_names, subsets.photos)
    return Trained(evaluation, parity, from_scratch=FromScratch(config.initial), final=final and final.told)


@dataclass(frozen=True)
class _Begun:
    """A network, whose last part is the head, the weights that it begins with, and how it learns."""

    network: keras.Model
    weights: list[np.ndarray]
    head: keras.Model
    schedule: Schedule


def _once_more(setup: Setup, evaluation: Evaluation, begun: _Begun, photos: list[LabelledPhoto]) -> Learned:
    """Train the network from these photos as it was before, at each step at the rate of then."""
    run, subsets, config = setup.run, setup.subsets, setup.run.config()
    n_epochs = best_epoch(run.epochs(), config.monitor) - begun.schedule.earlier
    if n_epochs < 1:
        raise LearningError("none of its epochs was better than the model that it goes on from")
    begun.network.set_weights(begun.weights)
    views = views_of(config.augment)
    config = with_steps_for(config, len(subsets.of(TRAIN)) * len(views))
    viewed = photos, views, subsets.class_ids(photos)
    rows = DecodedPhotos(*viewed, image_size=setup.base.input_shape[1], settings=run.pictures())
    fit_network_for(n_epochs, begun.network, config, begun.schedule, rows, run.job)
    return Learned(begun.head, n_epochs * config.steps_per_epoch, answered_before(setup, evaluation))
