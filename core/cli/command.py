"""What the commands of `python -m core` share: what a command is, arguments of several, words for a person."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.events import EPOCH, PHASE, Event
from core.base.files import sha256_of_all
from core.base.words import percent
from core.models.config import CROSS_VALIDATION, CROSS_VALIDATION_WORDS
from core.photos.labelled_photo import LabelledPhoto
from core.runs.report import Epoch, EvaluationReport, Report, photos_in_words, unevaluated_in_words
from core.runs.run import NOTE, Run
from core.sources.labelled import Source, read_source
from core.sources.layouts import LabelledFile

Result = tuple[Any, str | None]  # JSON values and text; the text is None where a command has printed all by itself


@dataclass(frozen=True)
class Command:
    """One command: its name after `python -m core`, and what it does in words for --help.

    Args:
        run: Does it. Of what is parsed, `home` is the workspace's folder (Path) and `json` whether the result is
            printed so; the rest is what `add_arguments` declares.
        add_arguments: Declares its arguments; catalogues are read then and not before.
    """

    name: str
    words: str
    run: Callable[[argparse.Namespace], Result]
    add_arguments: Callable[[argparse.ArgumentParser], None]


def add_run(parser: argparse.ArgumentParser) -> None:
    """Declare the run's folder."""
    parser.add_argument("run", type=Path, metavar="RUN")


def add_source(parser: argparse.ArgumentParser) -> None:
    """Declare the folder or zip of labelled photos, and how it is read."""
    parser.add_argument("source", type=Path, metavar="FOLDER|ZIP")
    add_layout(parser)


def add_layout(parser: argparse.ArgumentParser) -> None:
    """Declare how folders, names and tables are read."""
    words = (
        "what tells the classes: folders, folders:2 (those of the second level), splits (folders in train and test "
        "folders), names (of the files), table:FILE or table:FILE:COLUMN (default: what is likely; asked if unsure)"
    )
    parser.add_argument("--layout", default="", metavar="LAYOUT", help=words)


def files_of(source: Path, staging: Path, arguments: argparse.Namespace) -> list[LabelledFile]:
    """The photos of a folder or zip, read as `--layout` says, which is told; a zip is unpacked into a new `staging`."""
    staging.mkdir()
    found = read_source(source, staging, layout=arguments.layout)
    tell_reading(found, arguments)
    return found.arrangement.files


def tell_reading(source: Source, arguments: argparse.Namespace) -> None:
    """Say in one line how the classes were read: on stderr where stdout is for JSON."""
    print(f"Read as {source.words}", file=sys.stderr if arguments.json else sys.stdout)


def photos_of(files: list[LabelledFile]) -> list[LabelledPhoto]:
    """The same as a run works with them, known by their content."""
    contents = sha256_of_all([file.path for file in files])
    return [LabelledPhoto(str(f.path.resolve()), f.label, f.split, c) for f, c in zip(files, contents, strict=True)]


def tell(event: Event) -> None:
    """Say on stderr what a job's event is about, if it is one for people."""
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


def report_in_words(report: Report | EvaluationReport, run: Run, leak: str = "") -> str:
    """How many photos are right, how that was found out, what near-copies make of it, and where the run is."""
    test = report.test
    lines = [
        f"{test.n_right} of {photos_in_words(test, report.estimate)} right ({percent(test.accuracy)}, {test.likely}).",
        CROSS_VALIDATION_WORDS if report.estimate == CROSS_VALIDATION else unevaluated_in_words(test),
        leak,
        f"The run is in {run.folder}",
    ]
    return "\n".join(filter(None, lines))
