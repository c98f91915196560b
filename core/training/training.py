"""One run, top to bottom: train by its strategy, judge what the model answers, write the report."""

import importlib
from collections.abc import Callable

import numpy as np

from core.base.events import FINISHED
from core.base.files import disk_errors_in_words, write_json
from core.base.subsets import TEST, VALIDATION
from core.engine.places import Places
from core.evaluation.calibration import Calibration, fit_calibration, temperature_of, with_temperature
from core.evaluation.leaks import near_copies_across
from core.evaluation.metrics import classification_metrics
from core.models.config import FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH, TEST_PART
from core.runs.epochs import best_epoch
from core.runs.predictions import write_predictions
from core.runs.report import Report, SetAside
from core.runs.run import Run
from core.training.detector_fitting import fit_run_detector
from core.training.strategies import feature_extraction, fine_tuning, from_scratch
from core.training.strategies.outcome import Evaluation, Stopwatch, Trained
from core.training.subsets import Subsets

STRATEGIES: dict[str, Callable[[Run, Places, Stopwatch], Trained]] = {
    FEATURE_EXTRACTION: feature_extraction.train,
    FINE_TUNE: fine_tuning.train,
    FROM_SCRATCH: from_scratch.train,
}


def train_run(run: Run, places: Places) -> Report:
    """Train what the run's config says, and leave a complete run folder.

    Returns:
        The report.

    Raises:
        InputError: The photos can't be trained on.
        RunError: The training went wrong.
        StorageError: The disk is full.
        StopRequested: The user discarded the run, or stopped it before there was anything to keep.
    """
    watch, config = Stopwatch(), run.config()
    trained = STRATEGIES[config.strategy](run, places, watch)
    parts, judged = trained.parts, trained.judged
    with disk_errors_in_words("saving the run"):
        calibration = _calibration(parts, judged)
        # As the app will answer, wherever it answers: with the temperature.
        answered = with_temperature(judged.probabilities[TEST], temperature_of(calibration))
        test = classification_metrics(parts.truth(judged.photos[TEST]), answered, parts.classes)
        write_predictions(run.predictions_path, judged.photos, judged.probabilities, parts.classes)
        run.job.check_discard()
        epochs = run.epochs()
        report = Report(
            class_names=parts.classes,
            base=config.base,
            strategy=config.strategy,
            head=config.head,
            seconds=watch.seconds(),
            epochs=epochs,
            best_epoch=best_epoch(epochs),
            photos={subset: len(photos) for subset, photos in parts.by_part().items()},
            set_aside=[SetAside(path, why) for path, why in parts.refused.items()],
            notes=run.notes(),
            estimate=judged.estimate,
            test=test,
            calibration=calibration,
            near_copies_across=near_copies_across(judged.photos, _right(parts, judged)),
            engine_parity=trained.parity,
            fine_tuning=trained.fine_tuning,
            from_scratch=trained.from_scratch,
        )
        fit_run_detector(run, parts, places)
        # Imported here, where TensorFlow is loaded anyway: above, the engine would have to wait for it.
        importlib.import_module("core.training.tensorboard_log").write_tensorboard(run)
        write_json(run.report_path, report.to_json())
    run.job.event_log().write(FINISHED, accuracy=test.accuracy, n=test.n)
    return report


def _right(parts: Subsets, judged: Evaluation) -> np.ndarray:
    """Whether each judged photo was answered rightly: bool (n,)."""
    return judged.probabilities[TEST].argmax(1) == parts.truth(judged.photos[TEST])


def _calibration(parts: Subsets, judged: Evaluation) -> Calibration | None:
    """The report's `calibration`; None where no validation photos were judged, or none of them wrongly."""
    if judged.estimate != TEST_PART:
        return None
    return fit_calibration(
        *((judged.probabilities[part], parts.truth(judged.photos[part])) for part in (VALIDATION, TEST))
    )
