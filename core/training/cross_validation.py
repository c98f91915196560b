"""Judge every photo by a head that has not seen it: for sets too small to keep a test part that says something.

Stratified, grouped k-fold cross-validation: the photos are divided into folds with the classes' shares in each and
near-copies together; a head per fold learns from the other folds, with the settings of the head that is kept, and
answers for its own. The answers of all folds together estimate how good a model from this recipe is (M. Stone,
"Cross-Validatory Choice and Assessment of Statistical Predictions", 1974).
"""

from collections.abc import Callable, Iterator
from functools import partial

import keras
import numpy as np

from core.base.subsets import TRAIN, VALIDATION
from core.evaluation.folds import grouped_folds
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.models.config import FOLDS, TrainConfig
from core.models.heads import head_named
from core.projects.split import Shares, assign_subsets
from core.training.callbacks import StopRequest
from core.training.fitting import learn, solver_of, untrained_head
from core.training.rows import LabelledFeatures


def out_of_fold(
    config: TrainConfig,
    rows: LabelledFeatures,
    groups: list[str],
    n_classes: int,
    job: Job,
    judges: np.ndarray | None = None,
) -> np.ndarray:
    """What heads that have seen neither a photo nor a near-copy of it say of that photo.

    Args:
        config: The settings of the run; its seed also divides the photos.
        rows: All n photos as they are; then all of them in each further view that heads learn from.
        groups: Of each photo, equal for near-copies; every class has at least two, or none could be held out.
        job: Gets PROGRESS in folds; its stop file ends the work.
        judges: bool (n,), as for `folds_of`.

    Returns:
        Probabilities, float32 (n, n_classes); 0 for photos that only teach.

    Raises:
        StopRequested: The user wants the run to end.
    """
    progress = Progress(job.event_log(), every_s=0)
    probabilities = np.zeros((len(groups), n_classes), np.float32)
    learned = _learner(config, rows.width, n_classes, job)
    n = len(groups)
    folds = list(folds_of(config, rows.take(np.arange(n)), groups, judges))
    for done, (train, validation, unseen) in enumerate(folds, 1):
        shown = np.concatenate([train + first for first in range(0, len(rows.class_ids), n)])
        head = learned(rows.take(shown), rows.take(validation))
        job.check_stop()  # a head that was stopped half-way must not judge
        probabilities[unseen] = np.asarray(head(rows.features[unseen]))
        progress(done, len(folds))
    return probabilities


def folds_of(
    config: TrainConfig, rows: LabelledFeatures, groups: list[str], judges: np.ndarray | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Row numbers of each fold: of the photos that teach, of those that say when to stop, and of the unseen ones.

    Args:
        config: Its seed divides the photos, its shares those that a fold may see.
        rows: All n photos as they are.
        judges: bool (n,), which photos are judged, each once; the others, such as those from feedback, only teach, and
            not where a near-copy is unseen or says when to stop. Defaults to all.
    """
    own = np.arange(len(groups)) if judges is None else np.flatnonzero(judges)
    teaching = np.setdiff1d(np.arange(len(groups)), own)
    own_groups, class_ids = [groups[i] for i in own], rows.class_ids[own]
    # fewer where no class has as many photos
    fold = grouped_folds(class_ids, own_groups, config.seed, min(FOLDS, int(np.bincount(class_ids).max())))
    for number in np.unique(fold):
        seen, unseen = own[fold != number], own[fold == number]
        train, validation = _split_seen(config, rows, groups, seen)
        kept_from = {groups[i] for i in (*unseen, *(validation if validation is not train else ()))}
        more = np.array([i for i in teaching if groups[i] not in kept_from], np.int64)
        yield np.concatenate([train, more]), validation, unseen


def _learner(
    config: TrainConfig, width: int, n_classes: int, job: Job
) -> Callable[[LabelledFeatures, LabelledFeatures], keras.Model]:
    if head_named(config.head).solved_at_once:
        return partial(solver_of(config), config, n_classes=n_classes, on_attempt=lambda *_: False)
    head = untrained_head(config, width, n_classes)
    head.optimizer.build(head.trainable_variables)
    start = [variable.numpy() for variable in _state(head)]

    def learn_anew(train: LabelledFeatures, validation: LabelledFeatures) -> keras.Model:
        # The first values put back instead of a new head: Keras takes longer to trace one than to train it.
        for variable, value in zip(_state(head), start, strict=True):
            variable.assign(value)
        learn(head, config, train, validation, [StopRequest(job)])
        return head

    return learn_anew


def _state(head: keras.Model) -> list[keras.Variable]:
    """All that training changes: weights, the dropout's random state, and what the optimizer remembers."""
    return [*head.variables, *head.optimizer.variables]


def _split_seen(
    config: TrainConfig, rows: LabelledFeatures, groups: list[str], seen: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Row numbers of the photos that teach a fold's head, and of those that say when it stops.

    Both are of the fold's own photos, in the shares of the run. To stop where the kept head stopped would be simpler,
    but that was found with photos that the folds are still to judge.
    """
    seen_groups = [groups[i] for i in seen]
    shares = Shares(validation=config.validation_share / (1 - config.test_share), test=0.0)
    labels = [str(rows.class_ids[i]) for i in seen]
    subsets = np.array(assign_subsets(labels, seen_groups, seen_groups, [""] * len(seen), config.seed, shares))
    train, validation = seen[subsets == TRAIN], seen[subsets == VALIDATION]
    return train, validation if len(validation) else train  # where groups are few and large, none is left to stop by
