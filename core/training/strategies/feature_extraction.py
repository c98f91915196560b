"""Feature extraction, top to bottom: the base stays as it is, a head learns from what it says of each photo."""

import keras
import numpy as np

from core.base.errors import StopRequested
from core.base.events import PHASE, SAVING
from core.base.subsets import TEST, TRAIN
from core.evaluation.folds import estimate_for
from core.models.config import CROSS_VALIDATION, TEST_PART
from core.models.heads import head_named
from core.photos.labelled_photo import LabelledPhoto, groups_of
from core.photos.views import MIRRORED, asked_views, views_of
from core.runs.report import best_epoch
from core.training.cross_validation import out_of_fold
from core.training.fitting import answers_of
from core.training.saving import keep_tested, save_model, write_model
from core.training.strategies.final_model import Learned, answered_before, learn_final
from core.training.strategies.frozen_base import FrozenFeatures, fit_head_again, fit_head_on
from core.training.strategies.strategy import Evaluation, Setup, Trained


def train(setup: Setup) -> Trained:
    """Train a head, evaluate it, and save base and head as one model."""
    run, subsets, config = setup.run, setup.subsets, setup.run.config()
    frozen, views = FrozenFeatures(setup), views_of(config.augment)
    frozen.add_views(subsets.of(TRAIN), views)
    setup.watch.lap("features")

    head = fit_head_on(frozen, views)
    setup.watch.lap("fit")

    evaluation = _cross_validated(frozen) or _tested(frozen, head)
    final = learn_final(setup, evaluation, lambda photos: _once_more(frozen, evaluation, photos))

    run.job.event_log().write(PHASE, name=SAVING, words="Saving the model and checking the saved copy")
    whole_map = head_named(config.head).on_whole_map
    converted = setup.places.converted_base(config.base_row(), whole_map=whole_map)
    if final:
        write_model(run, converted, setup.base, head)
        keep_tested(run, subsets.class_names)
    # Asked about any photos, not the test's alone: of four, one near tie would already be a tenth too many.
    taken = final.head if final else head
    parity = save_model(run, converted, setup.base, taken, subsets.class_names, subsets.photos)
    return Trained(evaluation, parity, final=final and final.told)


def _once_more(frozen: FrozenFeatures, evaluation: Evaluation, photos: list[LabelledPhoto]) -> Learned:
    """A head that learns from these photos as the tested one had.

    How sure it is is corrected by the tested head's answers on the validation photos, or by those of the folds that
    have judged: folds for that alone took longer than all the rest and changed next to nothing (docs/log.md).
    """
    setup, config = frozen.setup, frozen.config
    number = best_epoch(setup.run.epochs(), config.monitor)
    head, steps = fit_head_again(frozen, photos, views_of(config.augment), number)
    return Learned(head, steps, answered_before(setup, evaluation))


def _cross_validated(frozen: FrozenFeatures) -> Evaluation | None:
    """All photos but those that only teach, each answered by a head that has not seen it; None when the test judges.

    Who asks to stop and keep has a model by now and wants it soon: then too the test must do.
    """
    config, photos, job = frozen.config, frozen.setup.subsets.photos, frozen.setup.run.job
    if estimate_for(photos, config.test_given) != CROSS_VALIDATION or not frozen.fits_memory(len(photos)):
        return None
    try:
        job.check_stop()
        job.event_log().write(PHASE, name="evaluate", words="Judging each photo by a model that has not seen it")
        views = views_of(config.augment)
        frozen.add_views(photos, views)  # in some fold each of them is a training photo
        judges = np.array([not photo.only_teaches for photo in photos])
        rows = frozen.labelled(photos, views)
        mirrored = frozen.features.read(photos, (MIRRORED,)) if config.ask_mirror else None
        answers = out_of_fold(config, rows, groups_of(photos), frozen.n_classes, job, judges, mirrored)
    except StopRequested as stop:
        if not stop.keep:
            raise
        return None
    own = [photo for photo in photos if not photo.only_teaches]
    return Evaluation(CROSS_VALIDATION, {TEST: own}, {TEST: answers[judges]})


def _tested(frozen: FrozenFeatures, head: keras.Model) -> Evaluation:
    """What the head says of all photos, of the test's too, which it has not seen."""
    frozen.setup.run.job.event_log().write(PHASE, name="evaluate", words="Testing on photos it has not seen")
    photos, asked = frozen.setup.subsets.by_subset(), asked_views(frozen.config.ask_mirror)

    def answers(own: list[LabelledPhoto]) -> np.ndarray:
        return np.mean([answers_of(head, frozen.rows(own, (view,))) for view in asked], axis=0)

    return Evaluation(TEST_PART, photos, {name: answers(own) for name, own in photos.items()})
