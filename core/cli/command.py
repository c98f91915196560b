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
from core.evaluation.rare_classes import right_in_words
from core.models.config import CROSS_VALIDATION, CROSS_VALIDATION_WORDS
from core.photos.labelled_photo import LabelledPhoto
from core.runs.report import Epoch, Report, photos_in_words, unevaluated_in_words
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
    """Declare the folder or archive of photos."""
    parser.add_argument("source", type=Path, metavar="FOLDER|ZIP")


def files_of(source: Path, staging: Path) -> list[LabelledFile]:
    """The photos of a folder or archive; an archive is unpacked into `staging`, which is made here."""
    staging.mkdir()
    return source_of(source, staging).arrangement.files


def source_of(source: Path, staging: Path) -> Source:
    """What is in a folder or archive, with what there is to say on its names said on stderr; `staging` is empty."""
    found = read_source(source, staging)
    for note in found.notes:
        print(note, file=sys.stderr)
    return found


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


def report_in_words(report: Report, run: Run, leak: str = "") -> str:
    """How many photos are right, how that was found out, what near-copies make of it, and where the run is."""
    test = report.test
    lines = [
        right_in_words(test, photos_in_words(test, report.estimate)),
        CROSS_VALIDATION_WORDS if report.estimate == CROSS_VALIDATION else unevaluated_in_words(test),
        leak,
        f"The run is in {run.folder}",
    ]
    return "\n".join(filter(None, lines))
