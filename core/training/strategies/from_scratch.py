"""From scratch, top to bottom: every layer of a network learns, starting from the base's weights or random ones."""

import keras

from core.base.events import PHASE, SAVING
from core.models.config import FROM_SCRATCH
from core.models.head_building import build_head, input_width, whole_model
from core.runs.report import FromScratch, best_score
from core.training.network_fitting import Schedule, learn_network
from core.training.rows import DecodedPhotos
from core.training.saving import save_model, saved_evaluation, take_weights
from core.training.strategies.strategy import Setup, Trained


def train(setup: Setup) -> Trained:
    """Train the whole network, save it, and evaluate it."""
    run, subsets, base, config = setup.run, setup.subsets, setup.base, setup.run.config()
    setup.watch.lap("features")

    run.job.event_log().write(PHASE, name="from-scratch", words="The whole network learns")
    base.trainable = True
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
    learn_network(whole_model(base, head), config, schedule, train, validation, run.job)
    setup.watch.lap("fit")

    run.job.event_log().write(PHASE, name=SAVING, words="Saving the model and checking the saved copy")
    parity = save_model(run, None, base, head, subsets.class_names, subsets.photos)
    return Trained(saved_evaluation(run, subsets), parity, from_scratch=FromScratch(config.initial))
