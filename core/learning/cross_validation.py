"""Judge every photo by a head that has not seen it: for sets too small to keep a test part that says something.

Stratified, grouped k-fold cross-validation: the photos are divided into folds with the classes' shares in each and
near-copies together; a head per fold learns from the other folds, with the settings of the head that is kept, and
answers for its own. The answers of all folds together estimate how good a model from this recipe is (M. Stone,
"Cross-Validatory Choice and Assessment of Statistical Predictions", 1974).
"""

import time

import keras
import numpy as np
from sklearn.model_selection import StratifiedGroupKFold

from core.data.arrange import TRAIN, VALIDATION
from core.data.jobs import Job
from core.data.split import Shares, assign_splits
from core.learning.callbacks.stop_request import StopRequest
from core.learning.fitting import LabelledFeatures, learn, untrained_head
from core.records.config import FOLDS, TrainConfig
from core.records.events import PROGRESS


def out_of_fold(config: TrainConfig, rows: LabelledFeatures, groups: list[str], n_classes: int, job: Job) -> np.ndarray:
    """What heads that have seen neither a photo nor a near-copy of it say of that photo.

    Args:
        config: The settings of the run; its seed also divides the photos.
        rows: All n photos.
        groups: Of each photo, equal for near-copies; every class has at least two, or none could be held out.
        n_classes: Number of classes.
        job: Gets PROGRESS in folds; its stop file ends the work.

    Returns:
        Probabilities, float32 (n, n_classes).

    Raises:
        StopRequested: The user wants the run to end.
    """
    log, began = job.event_log(), time.monotonic()
    probabilities = np.zeros((len(groups), n_classes), np.float32)
    head = untrained_head(config, rows.features.shape[1], n_classes)
    head.optimizer.build(head.trainable_variables)
    start = [variable.numpy() for variable in _state(head)]
    n_folds = min(FOLDS, len(set(groups)))
    folds = StratifiedGroupKFold(n_folds, shuffle=True, random_state=config.seed)
    for done, (seen, unseen) in enumerate(folds.split(rows.features, rows.classes, groups), 1):
        # The first values put back instead of a new head: Keras takes longer to trace one than to train it.
        for variable, value in zip(_state(head), start, strict=True):
            variable.assign(value)
        train, validation = _divided(config, rows, groups, seen)
        learn(head, config, rows.take(train), rows.take(validation), [StopRequest(job)])
        job.check_stop()  # a head that was stopped half-way must not judge
        probabilities[unseen] = np.asarray(head(rows.features[unseen]))
        left = (time.monotonic() - began) / done * (n_folds - done)
        log.write(PROGRESS, done=done, total=n_folds, seconds_left=round(left, 1))
    return probabilities


def _state(head: keras.Model) -> list[keras.Variable]:
    """All that training changes: weights, the dropout's random state, and what Adam remembers."""
    return [*head.variables, *head.optimizer.variables]


def _divided(
    config: TrainConfig, rows: LabelledFeatures, groups: list[str], seen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of the photos that teach a fold's head, and of those that say when it stops.

    Both are of the fold's own photos, in the shares of the run. To stop where the kept head stopped would be simpler,
    but that was found with photos that the folds are still to judge.
    """
    ours = [groups[i] for i in seen]
    shares = Shares(validation=config.validation_share / (1 - config.test_share), test=0.0)
    labels = [str(rows.classes[i]) for i in seen]
    parts = np.array(assign_splits(labels, ours, ours, [""] * len(seen), config.seed, shares))
    train, validation = seen[parts == TRAIN], seen[parts == VALIDATION]
    return train, validation if len(validation) else train  # where groups are few and large, none is left to stop by
