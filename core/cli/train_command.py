"""`python -m core train`: a run on class folders, or one that goes on from an earlier one."""

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

from core.advice.measuring import advise
from core.advice.quadrants import QUADRANTS, plan_for
from core.base.errors import InputError, RunError
from core.base.subsets import TEST
from core.checks.readiness import refuse_unready, setting_warnings
from core.cli.command import Command, Result
from core.cli.labelled_photos import files_of, photos_of
from core.cli.terminal import report_in_words, tell
from core.cli.train_settings import AUTO_STRATEGY, add_settings, as_requested, train_settings
from core.engine.places import Places
from core.evaluation.leaks import leak_in_words
from core.jobs.job import Job
from core.jobs.worker import work
from core.models import catalogue
from core.models.config import BENCHMARK_CNN, FEATURE_EXTRACTION, STRATEGIES, TrainConfig
from core.photos.labelled_photo import LabelledPhoto
from core.projects.workspace import Workspace
from core.runs.run import Run, new_run_name
from core.sources.layouts import LabelledFile, count_by_class
from core.training.continuing import create_continued
from core.training.training import train_run


def train(arguments: argparse.Namespace) -> Result:
    """Train a run; its report."""
    if (arguments.source is None) == (arguments.earlier is None):
        raise InputError("Name a folder or zip of photos, or a run to --continue, and not both.")
    workspace = Workspace(arguments.home)
    places = Places(cache=workspace.cache_folder, engine=workspace.engine_folder)
    folder = arguments.out or workspace.runs_folder / new_run_name()
    with tempfile.TemporaryDirectory() as scratch:
        if arguments.earlier:
            run = create_continued(folder, Run(arguments.earlier), arguments.epochs)
        else:
            run = _new_run(arguments, folder, places, Path(scratch))
        run = Run(run.folder, on_event=tell)
        if not work(run.job, lambda: train_run(run, places)):
            raise RunError(run.job.events()[-1].get("message", "The run was stopped."))
    report = run.report()
    if report is None:
        raise RunError(f"{run.title} left no report.")
    words = report_in_words(report, run, leak_in_words(report.near_copies_across))
    return {**report.to_json(), "run": str(run.folder)}, words


def _new_run(arguments: argparse.Namespace, folder: Path, places: Places, scratch: Path) -> Run:
    """A run with the requested photos and settings; where the strategy is left open, with the advised ones."""
    config = train_settings(arguments)
    photos = photos_of(_training_files(arguments, scratch))
    if arguments.strategy == AUTO_STRATEGY:
        config = as_requested(_advised_plan(photos, places, scratch), arguments)
    for warning in setting_warnings(config, len(photos)):
        print(warning, file=sys.stderr)
    config = replace(config, test_given=any(photo.split == TEST for photo in photos))
    return Run.create(folder, config, photos)


def _advised_plan(photos: list[LabelledPhoto], places: Places, scratch: Path) -> TrainConfig:
    advice = advise(photos, places, Job(scratch, on_event=tell))
    quadrant = QUADRANTS[advice.quadrant]
    print(f"{quadrant.title}: {quadrant.why}", file=sys.stderr)
    return plan_for(advice.quadrant, Counter(photo.label for photo in photos), advice.plan.base)


def _training_files(arguments: argparse.Namespace, scratch: Path) -> list[LabelledFile]:
    files = files_of(arguments.source, scratch / "photos")
    if arguments.test:
        here = [file for file in files if file.split != TEST]
        files = here + [replace(file, split=TEST) for file in files_of(arguments.test, scratch / "test")]
    refuse_unready(count_by_class(files))
    return files


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", type=Path, nargs="?", metavar="FOLDER|ZIP")
    go_on = "instead of photos: go on from a finished run, on its photos, for --epochs more"
    parser.add_argument("--continue", type=Path, metavar="RUN", dest="earlier", help=go_on)
    parser.add_argument("--test", type=Path, metavar="FOLDER|ZIP", help="test on these photos and on no others")
    out = "the run's folder (default: a new one in ESPALIER_HOME)"
    parser.add_argument("--out", type=Path, metavar="RUN", help=out)
    bases = [*(base.name for base in catalogue.CATALOGUE), BENCHMARK_CNN]
    parser.add_argument("--base", default=catalogue.BUILT_IN, choices=bases)
    strategy = f"auto: the base and strategy that advise measures (default: {FEATURE_EXTRACTION})"
    parser.add_argument("--strategy", default=FEATURE_EXTRACTION, choices=[AUTO_STRATEGY, *STRATEGIES], help=strategy)
    add_settings(parser)


TRAIN = Command("train", "train a classifier on class folders", train, _add_arguments)
