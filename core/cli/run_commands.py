"""`python -m core evaluate`, `plate-test` and `export`: what a trained run is worth, and its model taken away."""

import argparse
import os
import sys
import tempfile
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from core.background_test.testing import photos_to_test, run_background_test
from core.background_test.verdict import WORDS, judge, numbers_in_words
from core.base.errors import InputError
from core.base.records import Record, key
from core.base.subsets import TEST
from core.base.threads import in_threads
from core.base.words import counted
from core.checks.readiness import refuse_unread
from core.cli.command import Command, Result, add_run, add_source, files_of, run_of, tell
from core.cli.photos_option import NAME_THEM, add_photos, photos_there
from core.evaluation.class_matching import (
    MatchedClasses,
    match_classes,
    unknown_in_words,
    written_otherwise_in_words,
)
from core.evaluation.learned_from import LearnedFrom, judged_in_words, learned_from, not_compared_in_words
from core.evaluation.metrics import Metrics, classification_metrics
from core.exports.folder import export
from core.exports.formats import (
    FLOAT32,
    ExportFormat,
    export_format_of,
    export_kinds,
    export_precisions,
    kinds_with_precisions,
)
from core.jobs.job import Job
from core.models.config import TEST_PART
from core.photos.apart.decoders import Decoders
from core.photos.decoding import PhotoError
from core.photos.inspection import content_and_hash, small_pixels
from core.photos.labelled_photo import LabelledPhoto
from core.runs.answer_table import Answer
from core.runs.learned import learned_photos, photos_learned
from core.runs.photo_places import came_from, listed_photos
from core.runs.predictor import Prediction, Predictor
from core.runs.report import SetAside, unevaluated_in_words
from core.runs.run import Run
from core.sources.layouts import LabelledFile, count_by_class


@dataclass(frozen=True, kw_only=True)
class EvaluationReport(Record):
    """What `evaluate` prints: the model of a run on other labelled photos; fields as in `Report`.

    Args:
        learned_from: Which of these photos it knew, and the score without them; None where that isn't known.
        written_otherwise: Class by the name of the folder that was taken for it, where they differ.
        unknown_classes: How many photos were left out, by the name of a folder that is none of its classes.
        missing_classes: Its classes of which no photo was judged.
    """

    schema: int = 1
    class_names: list[str] = field(metadata=key("classes"))
    estimate: str
    test: Metrics
    set_aside: list[SetAside]
    learned_from: LearnedFrom | None = None
    written_otherwise: dict[str, str] = field(default_factory=dict)
    unknown_classes: dict[str, int] = field(default_factory=dict)
    missing_classes: list[str] = field(default_factory=list)


def evaluate(arguments: argparse.Namespace) -> Result:
    """Test a run on other photos; of a folder with its own test subset, on that alone."""
    run = run_of(arguments)
    with Decoders() as decoders, tempfile.TemporaryDirectory() as scratch:
        predictor = Predictor(run, decoders)
        files = files_of(arguments.source, Path(scratch) / "photos", arguments)
        files = [file for file in files if file.split == TEST] or files
        matched = match_classes(count_by_class(files), predictor.class_names, _meant(arguments, predictor.class_names))
        if not matched.known:
            raise InputError(
                f"This model doesn't know the class {', '.join(matched.unknown)}. It knows "
                f"{', '.join(predictor.class_names)}: name the folders like that, or say --class FOLDER=CLASS."
            )
        files = [replace(file, label=matched.known[file.label]) for file in files if file.label in matched.known]
        answers = predictor.predict([file.path for file in files])
        elsewhere = (
            photos_there(run, photos_learned(run), arguments.photos, Path(scratch) / "run") if arguments.photos else []
        )
        report = _report(run, files, answers, matched, elsewhere)
    return report.to_json(), _in_words(report, run, matched)


def _meant(arguments: argparse.Namespace, class_names: list[str]) -> dict[str, str]:
    """The class that each folder means, as `--class` says it."""
    pairs = [given.partition("=") for given in arguments.meant]
    for folder, sign, name in pairs:
        if not sign or name.strip() not in class_names:
            raise InputError(
                f"--class says FOLDER=CLASS, with one of the classes {', '.join(class_names)}. "
                f"Received: {folder}{sign}{name}."
            )
    return {folder.strip(): name.strip() for folder, _, name in pairs}


def _report(
    run: Run,
    files: list[LabelledFile],
    answers: list[Answer],
    matched: MatchedClasses,
    elsewhere: list[LabelledPhoto],
) -> EvaluationReport:
    class_names = run.class_names()
    readable = [(file, answer) for file, answer in zip(files, answers, strict=True) if isinstance(answer, Prediction)]
    if not readable:
        raise InputError("None of these photos can be read.")
    unread = [(f.label, str(a)) for f, a in zip(files, answers, strict=True) if isinstance(a, PhotoError)]
    refuse_unread([file.label for file in files], unread)
    truth = np.array([class_names.index(file.label) for file, _ in readable])
    probabilities = np.array([list(answer.probabilities.values()) for _, answer in readable])
    test = classification_metrics(truth, probabilities, class_names)
    return EvaluationReport(
        class_names=class_names,
        estimate=TEST_PART,
        test=test,
        set_aside=[
            SetAside(file.name, str(answer))
            for file, answer in zip(files, answers, strict=True)
            if isinstance(answer, PhotoError)
        ],
        learned_from=_learned_from(run, [file.path for file, _ in readable], (truth, probabilities), elsewhere),
        written_otherwise=matched.written_otherwise,
        unknown_classes=matched.unknown,
        missing_classes=[name for name, row in test.per_class.items() if row.n == 0],
    )


def _learned_from(
    run: Run, paths: list[Path], judged: tuple[np.ndarray, np.ndarray], elsewhere: list[LabelledPhoto]
) -> LearnedFrom | None:
    learned = learned_photos(run, look=True, elsewhere=elsewhere)
    if learned is None:
        return None
    look = partial(content_and_hash, settings=run.pictures())
    contents, hashes = zip(*in_threads(look, paths, os.cpu_count() or 2), strict=True)
    alike = learned.compare(list(contents), list(hashes), lambda i: small_pixels(paths[i], run.pictures()))
    return learned_from(alike, learned.not_compared, judged, run.class_names())


def _in_words(report: EvaluationReport, run: Run, matched: MatchedClasses) -> str:
    """What is right, on photos it had not seen first; and all that was left out, taken otherwise, or isn't known."""
    unreadable = counted(len(report.set_aside), "photo") if report.set_aside else ""
    lost = report.learned_from and report.learned_from.not_compared
    lines = [
        *judged_in_words(report.test, report.learned_from, "test photo"),
        not_compared_in_words(report.learned_from),
        f"They were in {came_from(run)}. {NAME_THEM}" if lost else "",
        unevaluated_in_words(report.test),
        written_otherwise_in_words(matched),
        unknown_in_words(matched),
        "To count one as a class it knows: --class FOLDER=CLASS." if matched.unknown else "",
        f"{unreadable} can't be used; --json lists them with the reasons." if unreadable else "",
        f"The run is in {run.folder}",
    ]
    return "\n".join(filter(None, lines))


def _add_evaluating(parser: argparse.ArgumentParser) -> None:
    add_run(parser)
    add_source(parser)
    words = "the photos in this folder are of this class of the run; may be given several times"
    parser.add_argument("--class", action="append", default=[], dest="meant", metavar="FOLDER=CLASS", help=words)
    add_photos(parser)


def test_background(arguments: argparse.Namespace) -> Result:
    """Put a run's test photos on other backgrounds; the verdict with all answers, and in words."""
    run = run_of(arguments)
    with tempfile.TemporaryDirectory() as scratch:
        photos = photos_there(run, photos_to_test(run), arguments.photos, Path(scratch) / "photos")
        result = run_background_test(run, photos, _say)
    verdict = judge(result.rows)
    words = f"{numbers_in_words(verdict)}\n{WORDS[verdict.kind].replace('**', '')}"
    return {**result.to_json(), "verdict": asdict(verdict)}, words


def _say(done: int, total: int, seconds: float) -> None:
    if done == 1:
        print(f"Putting middles of photos on other photos' edges, {total:,} pictures ...", file=sys.stderr)


def _add_testing(parser: argparse.ArgumentParser) -> None:
    add_run(parser)
    add_photos(parser)


def export_run(arguments: argparse.Namespace) -> Result:
    """Write the zip when it answers as the app does; what was compared, and the same in words."""
    run, target = run_of(arguments), arguments.out
    export_format = export_format_of(arguments.format, arguments.precision)
    if target.is_dir():
        raise InputError(f"{target} is a folder. Name the zip to write, such as {target / 'model.zip'}.")
    if not target.parent.is_dir():
        raise InputError(f"There is no folder {target.parent}, so nothing can be written there. Make it first.")
    if not run.report_path.exists():  # before Keras, which takes seconds to import
        raise InputError(f"{run.title} is not a finished run. Train it to the end first.")
    with tempfile.TemporaryDirectory() as scratch:
        photos = _photos_to_export(run, export_format, arguments.photos, Path(scratch) / "photos")
        result = export(run, photos, export_format, target, Job(Path(scratch), on_event=tell))
    return {**result.to_json(), "out": str(target)}, f"{result.words}\nThe zip is {target}"


def _photos_to_export(run: Run, export_format: ExportFormat, source: Path | None, staging: Path) -> list[LabelledPhoto]:
    """The run's photos that are there; where they are only to compare on, none do too, which is said on stderr."""
    listed = listed_photos(run)
    if source is None and not export_format.zip.proved:
        return listed  # nothing will open them
    try:
        return photos_there(run, listed, source, staging)
    except InputError as error:
        if source is not None or export_format.calibrated:
            raise
        print(f"{error} So the export is compared on drawn pictures.", file=sys.stderr)
        return []


def _add_exporting(parser: argparse.ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("--format", required=True, choices=export_kinds())
    precision = f"for {kinds_with_precisions()} (default: {FLOAT32})"
    parser.add_argument("--precision", default=FLOAT32, choices=export_precisions(), help=precision)
    parser.add_argument("--out", required=True, type=Path, metavar="ZIP", help="an existing file is replaced")
    add_photos(parser)


EVALUATE = Command("evaluate", "test a trained run on other labelled photos", evaluate, _add_evaluating)
BACKGROUND_TEST = Command("plate-test", "see whether answers depend on the background", test_background, _add_testing)
EXPORT = Command("export", "write a run's model as a zip that stands alone", export_run, _add_exporting)
