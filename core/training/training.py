"""One run, top to bottom: train by its strategy, evaluate what the model answers, write the report."""

import os
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from core.base import disk
from core.base.device import gpu_name, unused_gpu
from core.base.errors import StopRequested
from core.base.events import CONVERTING, FINISHED, LOADING, PHASE
from core.base.files import disk_errors_in_words
from core.base.records import keep
from core.base.subsets import TEST, VALIDATION
from core.engine.places import Places
from core.evaluation.calibration import Calibration, fit_calibration, temperature_of, with_temperature
from core.evaluation.leaks import near_copies_across
from core.evaluation.metrics import classification_metrics
from core.models.config import FEATURE_EXTRACTION, FINE_TUNE, FROM_SCRATCH, TEST_PART, TrainConfig
from core.runs.predictions import write_predictions
from core.runs.report import Report, SetAside, best_epoch
from core.runs.run import Run
from core.training.checkpoints import Checkpoints, forget_checkpoint
from core.training.continuing import state_to_go_on_from, terms_of
from core.training.detector_fitting import fit_run_detector
from core.training.device import learned_on
from core.training.strategies.extraction import read_photos, telling
from core.training.strategies.strategy import Evaluation, Setup, Stopwatch, Strategy, Trained
from core.training.subsets import Subsets, subsets_of

if TYPE_CHECKING:
    import keras

    Loaded = tuple[keras.Model, Strategy]

LOADING_WORDS = "Loading Keras, which does the learning"
CONVERTING_WORDS = "Converting the base model for this computer, once for all runs"


def train_run(run: Run, places: Places) -> Report:
    """Train what the run's config says, and leave a complete run folder with this report.

    Where an earlier worker died over it, it goes on from the epoch that was kept, else it begins anew.

    Raises:
        InputError: The photos can't be trained on, or are not those any more that it began with.
        RunError: The training went wrong, or something else that it began with has changed.
        StorageError: The disk is full.
        StopRequested: The user discarded the run, or stopped it before there was anything to keep.
    """
    try:
        return _train_run(run, places)
    except StopRequested:
        forget_checkpoint(run)
        raise


def _train_run(run: Run, places: Places) -> Report:
    # Its own settings of pictures, whatever the project has by now.
    converting = partial(telling, run, CONVERTING, CONVERTING_WORDS)
    places = replace(places, pictures=run.pictures(), tell=run.note, converting=converting)
    reached = state_to_go_on_from(run)
    watch = Stopwatch(reached and reached.seconds)
    pool = ThreadPoolExecutor(1)
    loading = pool.submit(_load, run.config())  # while the engine is already at work
    pool.shutdown(wait=False)
    subsets = subsets_of(run, read_photos(run, places, lambda: _awaited(run, loading)))
    if not loading.done():
        run.job.event_log().write(PHASE, name=LOADING, words=LOADING_WORDS)
    base, train = loading.result()
    device = learned_on()
    if words := unused_gpu(gpu_name(os.environ), device):
        run.note(words)
    checkpoints = Checkpoints(run, lambda: terms_of(run), watch.seconds_of_fit, reached)
    trained = train(Setup(run, places, subsets, base, watch, checkpoints))
    with disk_errors_in_words("saving the run"):
        evaluation = trained.evaluation
        write_predictions(run.predictions_path, evaluation.photos, evaluation.probabilities, subsets.class_names)
        run.job.check_discard()
        report = replace(_report(run, subsets, trained, watch), device=device)
        if detector := fit_run_detector(run, subsets, places, trained.final):
            detector.save(run.detector_path)
        # Here, where TensorFlow is loaded anyway: above, the engine would have to wait for it.
        from core.training.saving import forget_tested, write_tensorboard

        write_tensorboard(run)
        disk.sync_tree(run.tensorboard_path)
        if trained.final is None:
            forget_tested(run)
        keep(run.report_path, report.to_json())
    forget_checkpoint(run)
    run.job.event_log().write(FINISHED, accuracy=report.test.accuracy, n=report.test.n)
    return report


def _awaited(run: Run, loading: "Future[Loaded]") -> "keras.Model":
    """The base in Keras; while it must be waited for, that is told."""
    with nullcontext() if loading.done() else telling(run, LOADING, LOADING_WORDS):
        return loading.result()[0]


def _load(config: TrainConfig) -> "Loaded":
    """The base that a run begins with, and its strategy.

    The weights of a run that is gone on from come later, since what the base says of photos is shared with other runs.
    """
    # Here, since each of these brings Keras with it; afterwards importing them again costs nothing.
    from core.models.building import starting_base
    from core.training.strategies import feature_extraction, fine_tuning, from_scratch

    strategies: dict[str, Strategy] = {
        FEATURE_EXTRACTION: feature_extraction.train,
        FINE_TUNE: fine_tuning.train,
        FROM_SCRATCH: from_scratch.train,
    }
    return starting_base(config), strategies[config.strategy]


def _report(run: Run, subsets: Subsets, trained: Trained, watch: Stopwatch) -> Report:
    config, evaluation, epochs = run.config(), trained.evaluation, run.epochs()
    calibration = _calibration(subsets, evaluation)
    # As the app will answer, wherever it answers: with the temperature.
    answered = with_temperature(evaluation.probabilities[TEST], temperature_of(calibration))
    class_ids = subsets.class_ids(evaluation.photos[TEST])
    right = evaluation.probabilities[TEST].argmax(1) == class_ids
    return Report(
        class_names=subsets.class_names,
        base=config.base,
        strategy=config.strategy,
        head=config.head,
        seconds=watch.seconds(),
        epochs=epochs,
        best_epoch=best_epoch(epochs, config.monitor),
        photos={subset: len(photos) for subset, photos in subsets.by_subset().items()},
        set_aside=[SetAside(path, why) for path, why in subsets.unreadable.items()],
        notes=run.notes(),
        estimate=evaluation.estimate,
        test=classification_metrics(class_ids, answered, subsets.class_names),
        calibration=calibration,
        near_copies_across=near_copies_across(evaluation.photos, right),
        engine_parity=trained.parity,
        fine_tuning=trained.fine_tuning,
        from_scratch=trained.from_scratch,
        final=trained.final,
    )


def _calibration(subsets: Subsets, evaluation: Evaluation) -> Calibration | None:
    """The report's `calibration`; None where no validation photos were evaluated, or none of them wrongly."""
    if evaluation.estimate != TEST_PART:
        return None
    photos, answers = evaluation.photos, evaluation.probabilities
    return fit_calibration(*((answers[each], subsets.class_ids(photos[each])) for each in (VALIDATION, TEST)))
