"""The commands of `python -m core`: each returns its result as JSON values and as text."""

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from core.advice.measuring import advise as measure_and_advise
from core.advice.quadrants import QUADRANTS, plan_for
from core.base.errors import InputError, RunError
from core.base.events import EPOCH, PHASE
from core.base.hashing import sha256_of_all
from core.base.subsets import TEST
from core.base.words import counted, percent
from core.checks.findings import Finding, find, to_json
from core.checks.readiness import refuse_unready, setting_warnings
from core.engine.places import Places
from core.evaluation.leaks import leak_in_words
from core.evaluation.metrics import classification_metrics
from core.jobs.job import Job
from core.jobs.worker import work
from core.models.catalogue import base_model
from core.models.config import (
    CROSS_VALIDATION,
    CROSS_VALIDATION_WORDS,
    FEATURE_EXTRACTION,
    TEST_PART,
    TrainConfig,
    usual_config,
    with_head,
)
from core.photos.augmentation import canonical
from core.photos.decoding import PhotoError
from core.photos.labelled_photo import LabelledPhoto
from core.projects.workspace import Workspace
from core.runs.epochs import Epoch
from core.runs.predictor import Prediction, Predictor
from core.runs.report import EvaluationReport, Report, SetAside, photos_in_words, unevaluated_in_words
from core.runs.run import NOTE, Run, new_run_name
from core.sources.labelled import read_source
from core.sources.layouts import LabelledFile, count_by_class
from core.training.continuing import create_continued
from core.training.training import train_run

AUTO_STRATEGY = "auto"  # what advise says

Result = tuple[Any, str | None]  # the text is None where a command has printed all of it itself
Command = Callable[[argparse.Namespace], Result]


def check(arguments: argparse.Namespace) -> Result:
    """Findings on the photos of a folder or zip."""
    with tempfile.TemporaryDirectory() as staging:
        source = read_source(arguments.source, Path(staging))
        findings = find(source, threads=os.cpu_count() or 2)
    return to_json(source, findings), _findings_text(findings)


def _findings_text(findings: list[Finding]) -> str:
    if not findings:
        return "Nothing to mend was found."
    return "\n".join(f"{f.severity}: {f.why} {f.fix} ({counted(len(f.photos), 'photo')})" for f in findings)


def advise(arguments: argparse.Namespace) -> Result:
    """What to train on the photos of a folder or zip, measured on them."""
    workspace = Workspace(arguments.home)
    places = Places(cache=workspace.cache_folder, engine=workspace.engine_folder)
    with tempfile.TemporaryDirectory() as scratch:
        files = _read(arguments.source, Path(scratch) / "photos")
        contents = sha256_of_all([file.path for file in files])
        photos = [LabelledPhoto(str(f.path), f.label, f.split, c) for f, c in zip(files, contents, strict=True)]
        answer = measure_and_advise(photos, places, Job(Path(scratch), on_event=_say))
        names = dict(zip(contents, (file.name for file in files), strict=True))
    answer["examples"] = {kind: [names[c] for c in chosen] for kind, chosen in answer["examples"].items()}
    return answer, _advice_text(answer)


def _advice_text(answer: dict[str, Any]) -> str:
    quadrant, plan = QUADRANTS[answer["quadrant"]], answer["plan"]
    thawed = f", thawed from {plan['thaw_from']}" if plan["thaw_from"] else ""
    return "\n".join(
        [
            f"{quadrant.title}: {quadrant.why}",
            *answer["reasons"],
            *answer["learning_curve"]["words"],
            f"Plan: {plan['strategy']} of {base_model(plan['base']).title}{thawed}.",
        ]
    )


def train(arguments: argparse.Namespace) -> Result:
    """Train a run on a folder or zip; the report."""
    if (arguments.source is None) == (arguments.earlier is None):
        raise InputError("Name a folder or zip of photos, or a run to --continue, and not both.")
    workspace = Workspace(arguments.home)
    places = Places(cache=workspace.cache_folder, engine=workspace.engine_folder)
    folder = arguments.out or workspace.runs_folder / new_run_name()
    with tempfile.TemporaryDirectory() as staging:
        if arguments.earlier:
            run = create_continued(folder, Run(arguments.earlier), arguments.epochs)
        else:
            run = _new_run(arguments, folder, places, Path(staging))
        run = Run(run.folder, on_event=_say)
        if not work(run.job, lambda: train_run(run, places)):
            raise RunError(run.job.events()[-1].get("message", "The run was stopped."))
    report = run.report()
    if report is None:
        raise RunError(f"{run.title} left no report.")
    leak = leak_in_words(report.near_copies_across)
    return {**report.to_json(), "run": str(run.folder)}, _report_text(report, run, leak)


def _new_run(arguments: argparse.Namespace, folder: Path, places: Places, staging: Path) -> Run:
    """A run with the photos and settings that were said; where the strategy is left open, with the advised ones."""
    config = train_settings(arguments)
    files = _training_files(arguments, staging)
    contents = sha256_of_all([file.path for file in files])
    photos = [LabelledPhoto(str(f.path.resolve()), f.label, f.split, c) for f, c in zip(files, contents, strict=True)]
    if arguments.strategy == AUTO_STRATEGY:
        config = _but_for(_advised_plan(photos, places, staging), arguments)
    for warning in setting_warnings(config, len(photos)):
        print(warning, file=sys.stderr)
    config = replace(config, test_given=any(file.split == TEST for file in files))
    return Run.create(folder, config, photos)


def _advised_plan(photos: list[LabelledPhoto], places: Places, staging: Path) -> TrainConfig:
    answer = measure_and_advise(photos, places, Job(staging, on_event=_say))
    quadrant = QUADRANTS[answer["quadrant"]]
    print(f"{quadrant.title}: {quadrant.why}", file=sys.stderr)
    return plan_for(answer["quadrant"], Counter(photo.label for photo in photos), answer["plan"]["base"])


def train_settings(arguments: argparse.Namespace) -> TrainConfig:
    """What the strategy usually has, but for what was said.

    Raises:
        InputError: A setting is out of its range, or doesn't go with the others.
    """
    strategy = FEATURE_EXTRACTION if arguments.strategy == AUTO_STRATEGY else arguments.strategy
    return _but_for(usual_config(strategy, arguments.base), arguments)


def _but_for(usual: TrainConfig, arguments: argparse.Namespace) -> TrainConfig:
    """These settings, but for what was said."""
    names = {field.name for field in fields(usual)} - {"base", "strategy"}
    said = {name: value for name, value in vars(arguments).items() if name in names and value is not None}
    if "augment" in said:
        said["augment"] = canonical(said["augment"])  # so that settings in another order are the same settings
    return replace(with_head(usual, said.get("head", usual.head)), **said).check()


def _training_files(arguments: argparse.Namespace, staging: Path) -> list[LabelledFile]:
    files = _read(arguments.source, staging / "photos")
    if arguments.test:
        here = [file for file in files if file.split != TEST]
        others = _read(arguments.test, staging / "test")
        files = here + [LabelledFile(file.path, file.name, file.label, TEST) for file in others]
    refuse_unready(count_by_class(files))
    return files


def _read(source: Path, staging: Path) -> list[LabelledFile]:
    staging.mkdir()
    return read_source(source, staging).arrangement.files


def _say(event: dict[str, Any]) -> None:
    """Progress for a person who waits at the terminal."""
    if event["event"] == PHASE:
        print(f"{event['words']} ...", file=sys.stderr)
    if event["event"] == NOTE:
        print(event["words"], file=sys.stderr)
    if event["event"] == EPOCH:
        epoch = Epoch.from_json(event)
        print(
            f"  epoch {epoch.number}: {percent(epoch.accuracy)} of the training photos right, "
            f"{percent(epoch.val_accuracy)} of the validation photos",
            file=sys.stderr,
        )


def _report_text(report: Report | EvaluationReport, run: Run, leak: str = "") -> str:
    test = report.test
    lines = [
        f"{test.n_right} of {photos_in_words(test, report.estimate)} right ({percent(test.accuracy)}, {test.likely}).",
        CROSS_VALIDATION_WORDS if report.estimate == CROSS_VALIDATION else unevaluated_in_words(test),
        leak,
        f"The run is in {run.folder}",
    ]
    return "\n".join(filter(None, lines))


def evaluate(arguments: argparse.Namespace) -> Result:
    """The report's metrics on other labelled photos; of a folder with its own test part, on that part alone."""
    run = Run(arguments.run)
    predictor = Predictor(run)
    with tempfile.TemporaryDirectory() as staging:
        files = read_source(arguments.source, Path(staging)).arrangement.files
        files = [file for file in files if file.split == TEST] or files
        unknown = sorted({file.label for file in files} - set(predictor.labels))
        if unknown:
            raise InputError(
                f"This model doesn't know the class {', '.join(unknown)}. It knows {', '.join(predictor.labels)}: "
                "name the folders like that."
            )
        answers = predictor.predict([file.path for file in files])
    good = [(file, answer) for file, answer in zip(files, answers, strict=True) if isinstance(answer, Prediction)]
    if not good:
        raise InputError("None of these photos can be read.")
    truth = np.array([predictor.labels.index(file.label) for file, _ in good])
    probabilities = np.array([list(answer.probabilities.values()) for _, answer in good])
    report = EvaluationReport(
        class_names=predictor.labels,
        estimate=TEST_PART,
        test=classification_metrics(truth, probabilities, predictor.labels),
        set_aside=[
            SetAside(file.name, str(answer))
            for file, answer in zip(files, answers, strict=True)
            if isinstance(answer, PhotoError)
        ],
    )
    return report.to_json(), _report_text(report, run)
