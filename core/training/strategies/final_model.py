"""The final model: the same training once more, with the photos that said when to stop, and maybe those of the test.

What these photos had decided stays as it was found with the tested model: how many steps, which penalty. So nothing is
held out any more, and nothing can end it sooner. The figures stay the tested model's, since no photo is left to judge
this one by. It has seen more, so it is rarely worse (docs/benchmarks.md).
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np

from core.base.errors import StopRequested
from core.base.events import FINAL, PHASE
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.evaluation.calibration import fit_temperature
from core.evaluation.final_model import FinalModel
from core.models.config import CROSS_VALIDATION, NO_FINAL, WITH_ALL
from core.photos.labelled_photo import LabelledPhoto
from core.training.fitting import LearningError
from core.training.strategies.strategy import Evaluation, Setup

WORDS = {
    (TRAIN, VALIDATION): "Learning once more, with the validation photos too",
    (TRAIN, VALIDATION, TEST): "Learning once more, from all photos",
}
STOPPED = "Stopped before the final model had learned: the model that was tested is the one that you take away."
TROUBLE = "The final model could not learn because {}: the model that was tested is the one that you take away."


Answered = tuple[np.ndarray, np.ndarray]  # probabilities, float (n, n_classes), and true classes, int (n,)


@dataclass(frozen=True)
class Learned:
    """A training that was done once more.

    Args:
        head: What learned on top of the base.
        steps: The optimizer's.
        answered: What models that had not seen them say of photos: by these the final model's sureness is corrected.
    """

    head: keras.Model
    steps: int
    answered: Answered


@dataclass(frozen=True)
class Final:
    """A final model's head, and what the report says of the model."""

    head: keras.Model
    told: FinalModel


def learn_final(
    setup: Setup, evaluation: Evaluation, learn_again: Callable[[list[LabelledPhoto]], Learned]
) -> Final | None:
    """Train the final model, where one is wanted; None where the tested one is the model that is taken away.

    Whoever has asked to stop and keep wants the model that there is.

    Args:
        evaluation: Of the tested model.
        learn_again: Learns from these photos. Raises StopRequested where the user asks for it, and LearningError.

    Raises:
        StopRequested: The user discards the run.
    """
    run, config = setup.run, setup.run.config()
    if config.final == NO_FINAL:
        return None
    # Where folds have judged, every photo was judged already, and none need be held back.
    all_teach = config.final == WITH_ALL or evaluation.estimate == CROSS_VALIDATION
    subsets = (TRAIN, VALIDATION, TEST) if all_teach else (TRAIN, VALIDATION)
    photos, began = [photo for photo in setup.subsets.photos if photo.split in subsets], time.monotonic()
    try:
        run.job.check_stop()
        run.job.event_log().write(PHASE, name=FINAL, words=WORDS[subsets])
        learned = learn_again(photos)
    except StopRequested as stop:
        if not stop.keep:
            raise
        run.note(STOPPED)
        return None
    except LearningError as error:
        run.note(TROUBLE.format(error))
        return None
    temperature, seconds = fit_temperature(*learned.answered), round(time.monotonic() - began, 3)
    n = 0 if temperature is None else len(learned.answered[1])
    told = FinalModel(list(subsets), len(photos), learned.steps, temperature or 1.0, n, seconds)
    return Final(learned.head, told)


def answered_before(setup: Setup, evaluation: Evaluation) -> Answered:
    """What the tested model said of photos that it had not learned from, or by cross-validation models like it."""
    part = TEST if evaluation.estimate == CROSS_VALIDATION else VALIDATION
    return evaluation.probabilities[part], setup.subsets.class_ids(evaluation.photos[part])
