"""Mix the weights that thawed blocks began with and those that they learned.

What was learned from few photos fits these too well, and the base's own weights know more pictures: a mean of both may
tell new photos apart better than either. M. Wortsman et al., "Robust fine-tuning of zero-shot models", 2022 (WiSE-FT);
here the validation photos say how much of each (docs/log.md).
"""

import keras
import numpy as np

from core.base.events import PHASE
from core.jobs.job import Job
from core.models.config import VAL_LOSS, TrainConfig
from core.training.callbacks import PLAIN
from core.training.network_fitting import fastest_convolutions
from core.training.rows import Rows, reading_in_words

ALL_LEARNED = 1.0
SHARES = (ALL_LEARNED, 0.75, 0.5, 0.25)  # of the learned weights; of equally good ones the first is kept


def learning_weights(model: keras.Model) -> list[np.ndarray]:
    """The weights that learn, as they are now."""
    return [variable.numpy() for variable in model.trainable_variables]


def mix(model: keras.Model, begun: list[np.ndarray], learned: list[np.ndarray], share: float) -> None:
    """Give a model a mean of two sets of its `learning_weights`: so much, 0..1, of those that were learned."""
    for variable, before, after in zip(model.trainable_variables, begun, learned, strict=True):
        variable.assign(after if share == ALL_LEARNED else before + share * (after - before))


def mix_by_validation(
    model: keras.Model, begun: list[np.ndarray], validation: Rows, config: TrainConfig, job: Job
) -> float:
    """Give a model the mean with which it is best on the validation photos.

    Args:
        model: From `fit_network`, with the weights that it learned.
        begun: The `learning_weights` that it had before.
        config: What "best" is goes by its `monitor`: log loss, or accuracy and then log loss.
        job: Gets a PHASE event.

    Returns:
        The share of what was learned, one of SHARES.

    Raises:
        StopRequested: The user discards the run.
    """
    learned = learning_weights(model)
    if all(map(np.array_equal, begun, learned)):  # the head that it began with was kept: all means are the same
        return ALL_LEARNED
    job.event_log().write(PHASE, name="mix", words="Trying how much of what was learned is best to keep")

    def worth(share: float) -> tuple[float, ...]:
        job.check_discard()
        mix(model, begun, learned, share)
        batches = validation.batches(config.batch_size, shuffle_seed=None)
        found = model.evaluate(batches, verbose=0, return_dict=True)
        return (found[PLAIN],) if config.monitor == VAL_LOSS else (-found["accuracy"], found[PLAIN])

    with fastest_convolutions(model), reading_in_words(validation):
        best = min(SHARES, key=worth)
    mix(model, begun, learned, best)
    return best
