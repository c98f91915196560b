"""Feature extraction, top to bottom: the base stays as it is, a head learns from what it says of each photo."""

import numpy as np

from core.base.errors import StopRequested
from core.base.events import PHASE
from core.base.subsets import TEST, TRAIN
from core.engine.places import Places
from core.models.catalogue import base_model
from core.models.config import CROSS_VALIDATION, TEST_PART
from core.models.heads import head_named
from core.photos.labelled_photo import groups_of
from core.photos.views import views_of
from core.runs.run import Run, estimate_for
from core.training.strategies.frozen_base import FrozenFeatures, extract_features, extract_view_features, fit_head_on
from core.training.strategies.outcome import Evaluation, Stopwatch, Trained


def train(run: Run, places: Places, watch: Stopwatch) -> Trained:
    """Train a head, judge it, and save base and head as one model.

    Args:
        run: What to train, and where the model goes.
        places: Where features and converted bases are kept.
        watch: Gets the laps.
    """
    config, log = run.config(), run.job.event_log()
    looked = extract_features(run, places)
    extract_view_features(run, places, looked, looked.parts.of(TRAIN))
    watch.lap("features")

    head = fit_head_on(run, looked, views_of(config.augment))
    watch.lap("fit")

    loaded, judged = looked.learning, _cross_validated(run, places, looked)
    if judged is None:
        log.write(PHASE, name="evaluate", words="Testing on photos it has not seen")
        photos = looked.parts.by_part()
        answers = {part: loaded.fitting.answers_of(head, looked.rows(chosen)) for part, chosen in photos.items()}
        judged = Evaluation(TEST_PART, photos, answers)

    log.write(PHASE, name="save", words="Saving the model and checking the saved copy")
    converted = places.converted_base(base_model(config.base), whole_map=head_named(config.head).on_whole_map)
    # Asked about any photos, not the test's alone: of four, one near tie would already be a tenth too many.
    parity = loaded.saving.save_model(run, converted, loaded.base, head, looked.parts.classes, looked.parts.photos)
    return Trained(looked.parts, judged, parity)


def _cross_validated(run: Run, places: Places, looked: FrozenFeatures) -> Evaluation | None:
    """All photos but those that only teach, each judged by a head that has not seen it; None when the test part judges.

    Who asks to stop and keep has a model by now and wants it soon: then too the test part must do.
    """
    config, loaded, photos = run.config(), looked.learning, looked.parts.photos
    if estimate_for(photos, config.test_given) != CROSS_VALIDATION or not looked.fits_memory(len(photos)):
        return None
    try:
        run.job.check_stop()
        run.job.event_log().write(PHASE, name="evaluate", words="Judging each photo by a model that has not seen it")
        extract_view_features(run, places, looked, photos)  # in some fold each of them is a training photo
        rows, n_classes = looked.labelled(photos, views_of(config.augment)), len(looked.parts.classes)
        judges = np.array([not photo.only_teaches for photo in photos])
        answers = loaded.cross_validation.out_of_fold(config, rows, groups_of(photos), n_classes, run.job, judges)
    except StopRequested as stop:
        if not stop.keep:
            raise
        return None
    own = [photo for photo in photos if not photo.only_teaches]
    return Evaluation(CROSS_VALIDATION, {TEST: own}, {TEST: answers[judges]})
