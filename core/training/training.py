"""One run, top to bottom: train by its strategy, evaluate what the model answers, write the report."""

import numpy as np

from core.base.events import FINISHED
from core.base.files import disk_errors_in_words, write_json
from core.base.subsets import TEST, VALIDATION
from core.engine.places import Places
from core.evaluation.calibration import Calibration, fit_calibration, temperature_of, with_temperature
from core.evaluation.leaks import near_copies_across
from core.evaluation.metrics import classification_metrics
from core.models.config import TEST_PART
from core.runs.predictions import write_predictions
from core.runs.report import Report, SetAside, best_epoch
from core.runs.run import Run
from core.training.detector_fitting import fit_run_detector
from core.training.loading import start_loading
from core.training.strategies.extraction import read_photos
from core.training.strategies.strategy import Evaluation, Setup, Stopwatch, Trained
from core.training.subsets import Subsets, subsets_of


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
    watch = Stopwatch()
    loading = start_loading(run.config())  # Keras, by a thread, while the engine goes through the photos
    subsets = subsets_of(run, read_photos(run, places, lambda: loading.result().base))
    loaded = loading.result()
    trained = loaded.train(Setup(run, places, subsets, loaded.base, watch))
    with disk_errors_in_words("saving the run"):
        evaluation = trained.evaluation
        write_predictions(run.predictions_path, evaluation.photos, evaluation.probabilities, subsets.class_names)
        run.job.check_discard()
        report = _report(run, subsets, trained, watch)
        if detector := fit_run_detector(run, subsets, places):
            detector.save(run.detector_path)
        # Here, where TensorFlow is loaded anyway: above, the engine would have to wait for it.
        from core.training.saving import write_tensorboard

        write_tensorboard(run)
        write_json(run.report_path, report.to_json())
    run.job.event_log().write(FINISHED, accuracy=report.test.accuracy, n=report.test.n)
    return report


def _report(run: Run, subsets: Subsets, trained: Trained, watch: Stopwatch) -> Report:
    config, evaluation, epochs = run.config(), trained.evaluation, run.epochs()
    calibration = _calibration(subsets, evaluation)
    # As the app will answer, wherever it answers: with the temperature.
    answered = with_temperature(evaluation.probabilities[TEST], temperature_of(calibration))
    class_ids = subsets.class_ids(evaluation.photos[TEST])
    return Report(
        class_names=subsets.class_names,
        base=config.base,
        strategy=config.strategy,
        head=config.head,
        seconds=watch.seconds(),
        epochs=epochs,
        best_epoch=best_epoch(epochs),
        photos={subset: len(photos) for subset, photos in subsets.by_subset().items()},
        set_aside=[SetAside(path, why) for path, why in subsets.unreadable.items()],
        notes=run.notes(),
        estimate=evaluation.estimate,
        test=classification_metrics(class_ids, answered, subsets.class_names),
        calibration=calibration,
        near_copies_across=near_copies_across(evaluation.photos, _right(subsets, evaluation)),
        engine_parity=trained.parity,
        fine_tuning=trained.fine_tuning,
        from_scratch=trained.from_scratch,
    )


def _right(subsets: Subsets, evaluation: Evaluation) -> np.ndarray:
    """Whether each evaluated photo was answered rightly: bool (n,)."""
    return evaluation.probabilities[TEST].argmax(1) == subsets.class_ids(evaluation.photos[TEST])


def _calibration(subsets: Subsets, evaluation: Evaluation) -> Calibration | None:
    """The report's `calibration`; None where no validation photos were evaluated, or none of them wrongly."""
    if evaluation.estimate != TEST_PART:
        return None
    photos, answers = evaluation.photos, evaluation.probabilities
    return fit_calibration(*((answers[each], subsets.class_ids(photos[each])) for each in (VALIDATION, TEST)))
