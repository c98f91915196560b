"""What the commands of `python -m core` share: what a command is, arguments of several, words for a person."""

import argparse
import shlex
import sys
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.base.errors import InputError
from core.base.events import EPOCH, PHASE, Event
from core.base.files import sha256_of_all
from core.base.names import in_order
from core.base.words import percent
from core.evaluation.rare_classes import right_in_words
from core.models.catalogue import BESIDE, BUILT_IN, CATALOGUE, base_model
from core.models.config import CROSS_VALIDATION, CROSS_VALIDATION_WORDS, LARGEST_IMAGE_SIZE
from core.photos.labelled_photo import LabelledPhoto
from core.runs.choosing.in_use import run_meant
from core.runs.choosing.names import RunName
from core.runs.report import Epoch, Report, photos_in_words, unevaluated_in_words
from core.runs.run import NOTE, Run
from core.sources.labelled import Source, read_source, without_classes
from core.sources.layouts import LabelledFile

SOURCE_WORDS = "photos with their classes: a folder, or an archive (zip or tar, packed or not)"
Result = tuple[Any, str | None]  # JSON values and text; the text is None where a command has printed all by itself


@dataclass(frozen=True)
class Command:
    """One command: its name after `python -m core`, and what it does in words for --help.

    Args:
        run: Does it. Of what is parsed, `home` is the workspace's folder (Path) and `json` whether the result is
            printed so; the rest is what `add_arguments` declares.
        add_arguments: Declares its arguments; catalogues are read then and not before.
        uses_caches: Whether it works with what the workspace keeps, so that nobody may clear that away meanwhile.
        status: The exit status that goes with its JSON values.
    """

    name: str
    words: str
    run: Callable[[argparse.Namespace], Result]
    add_arguments: Callable[[argparse.ArgumentParser], None]
    uses_caches: bool = False
    status: Callable[[Any], int] = lambda result: 0


def add_run(parser: argparse.ArgumentParser) -> None:
    """Declare the run's folder; read it by `run_of`."""
    words = "a run's folder; of a project's folder, the model in use there: the one pinned, else the best by validation"
    parser.add_argument("run", type=Path, metavar="RUN", help=words)


def run_of(arguments: argparse.Namespace) -> Run:
    """The run that is meant; which one is told on stderr where a project was named.

    Raises:
        InputError: A project was named that has no finished run.
    """
    run = run_meant(arguments.run)
    if run.folder != arguments.run:
        print(f"The model in use is {RunName.of(run, run.report()).line}", file=sys.stderr)
    return run


def add_source(parser: argparse.ArgumentParser) -> None:
    """Declare the folder or archive of labelled photos, how it is read, and the classes that are left out of it."""
    parser.add_argument("source", type=Path, metavar="FOLDER|ZIP", help=SOURCE_WORDS)
    add_reading(parser)


def add_reading(parser: argparse.ArgumentParser) -> None:
    """Declare how folders, names and tables are read, and the classes that are left out."""
    words = (
        "what tells the classes: folders, folders:2 (those of the second level), splits (folders in train and test "
        "folders), names (of the files), table:FILE or table:FILE:COLUMN (default: what is likely; asked if unsure)"
    )
    parser.add_argument("--layout", default="", metavar="LAYOUT", help=words)
    left_out = "leave this class out; may be given several times"
    parser.add_argument("--without", action="append", default=[], metavar="CLASS", help=left_out)


def add_base(parser: argparse.ArgumentParser, default: str | None = None, besides: tuple[str, ...] = ()) -> None:
    """Declare the base model: one of the catalogue, several side by side, or a name of `besides`."""
    names = ", ".join([*(base.name for base in CATALOGUE), *besides])
    example = f"{CATALOGUE[0].name}{BESIDE}{CATALOGUE[1].name}"
    words = f"one of {names}; or two or three base models side by side, such as {example} (default: {BUILT_IN})"

    def canonical_base(text: str) -> str:
        try:
            return text if text in besides else base_model(text).name
        except InputError as error:
            raise argparse.ArgumentTypeError(str(error).rstrip(".")) from error

    parser.add_argument("--base", type=canonical_base, default=default, metavar="BASE", help=words)


def add_image_size(parser: argparse.ArgumentParser) -> None:
    """Declare the size of the network's input."""
    words = f"height and width at which photos are seen, up to {LARGEST_IMAGE_SIZE} pixels (default: the base's own)"
    parser.add_argument("--image-size", type=int, metavar="PIXELS", help=words)


def source_of(source: Path, staging: Path, arguments: argparse.Namespace) -> Source:
    """What lies in a folder or archive, read as the arguments say; an archive is unpacked into a new `staging`.

    How it was read, and its names where that was a guess, is told on stderr, in a line each.

    Raises:
        LayoutQuestion: Several readings are likely, and the arguments name none.
        InputError: There is no photo in a class, or no class that shall be left out.
    """
    found = _read(source, staging, arguments)
    _refuse_unknown(found, arguments.without)
    _tell_reading(found)
    return without_classes(found, arguments.without)


def files_of(source: Path, staging: Path, arguments: argparse.Namespace, partial: bool = False) -> list[LabelledFile]:
    """As `source_of`, its photos; classes that shall be left out may lack if it is `partial`.

    Raises:
        InputError: As of that, or of a class that isn't left out no photo can be taken.
    """
    found = _read(source, staging, arguments)
    if not partial:
        _refuse_unknown(found, arguments.without)
    kept = without_classes(found, arguments.without)
    if kept.lost:
        raise InputError(f"{'; '.join(kept.lost.values())}. {how_to_go_on(kept.lost)}")
    _tell_reading(found)
    return kept.arrangement.files


def _read(source: Path, staging: Path, arguments: argparse.Namespace) -> Source:
    staging.mkdir()
    return read_source(source, staging, arguments.layout)


def _refuse_unknown(found: Source, without: Collection[str]) -> None:
    here = {*found.lost, *found.arrangement.class_names}
    if unknown := {name.strip() for name in without} - here:
        raise InputError(
            f"There is no class {', '.join(in_order(unknown))} to leave out, but {', '.join(in_order(here))}."
        )


def _tell_reading(found: Source) -> None:
    for words in (f"Read as {found.words}", *found.notes):
        print(words, file=sys.stderr)  # stdout is for what comes of it


def how_to_go_on(class_names: Iterable[str]) -> str:
    """What to do about classes that give no photo, with the options that leave them out."""
    options = " ".join(f"--without {shlex.quote(name)}" for name in class_names)
    return f"Mend that, or go on without: {options}"


def photos_of(files: list[LabelledFile]) -> list[LabelledPhoto]:
    """The same as a run works with them, known by their content."""
    contents = sha256_of_all([file.path for file in files])
    return [LabelledPhoto(str(f.path.resolve()), f.label, f.split, c) for f, c in zip(files, contents, strict=True)]


class LostPhotos:
    """Says on stderr which photos of a command are left out, as no process survived them; `words` has it for later."""

    def __init__(self, files: list[LabelledFile]) -> None:
        self._names = {str(file.path.resolve()): file.name for file in files}
        self.words: list[str] = []

    def __call__(self, photo: LabelledPhoto, why: str) -> None:
        self.words.append(f"{self._names[photo.path]} is left out: it {why}.")
        print(self.words[-1], file=sys.stderr)


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
    """How many photos are right, how that was found, what near-copies make of it, what learned, where the run is."""
    test = report.test
    lines = [
        right_in_words(test, photos_in_words(test, report.estimate)),
        CROSS_VALIDATION_WORDS if report.estimate == CROSS_VALIDATION else unevaluated_in_words(test),
        report.whose_figures,
        leak,
        report.device_in_words,
        f"The run is in {run.folder}",
    ]
    return "\n".join(filter(None, lines))
