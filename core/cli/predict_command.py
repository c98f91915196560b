"""`python -m core predict`: a run's answers about photos, one after the other, however many there are."""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import tee
from pathlib import Path

from core.base.errors import InputError
from core.base.words import counted, percent
from core.cli.command import Command, Result, add_run, run_of
from core.photos.apart.decoders import Decoders
from core.photos.decoding import PhotoError
from core.runs.answer_table import Answer, growing_table
from core.runs.predictor import Predictor, as_row
from core.sources.archive_files.kinds import is_archive
from core.sources.unlabelled import find_photos


def predict(arguments: argparse.Namespace) -> Result:
    """One row per photo; a photo that can't be read is a row with its error, and the rest still get answers.

    Rows are printed and written as they come, so memory stays flat; nothing is left to print in the end.

    Raises:
        InputError: The table's name is a folder's.
        RunError: The run isn't complete, or its model is missing or damaged.
    """
    if arguments.csv and arguments.csv.is_dir():  # else it would be found out after all photos were answered
        raise InputError(f"{arguments.csv} is a folder. Name a file for the table.")
    with ExitStack() as stack:
        predictor = Predictor(run_of(arguments), stack.enter_context(Decoders()))
        staging = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        as_json = _JsonList()
        takers = [as_json.take if arguments.json else _print_line]
        if arguments.csv:
            takers.append(stack.enter_context(growing_table(arguments.csv, predictor.class_names)))
        requested, given = tee(_requested(arguments.paths, staging))
        answers = predictor.stream(source for _, source in given)
        for answer, (name, _) in zip(answers, requested, strict=True):
            for take in takers:
                take(name, answer)
        if arguments.json:
            as_json.end()
    return None, None


def _requested(paths: list[Path], staging: Path) -> Iterator[tuple[str, Path | PhotoError]]:
    """Name and file of each photo; an archive that can't be opened is a row too, so that the rest get their answers."""
    for number, path in enumerate(paths):
        unpacked = staging / str(number)
        unpacked.mkdir()
        try:
            found = find_photos(path, unpacked)
        except InputError as error:
            yield str(path), PhotoError(str(error))
            continue
        if found.passed_over:
            print(f"{path}: {counted(found.passed_over, 'file')} passed over, no photos by name.", file=sys.stderr)
        for note in found.notes:
            print(note, file=sys.stderr)
        in_archive = is_archive(path) and not path.is_dir()
        for photo in found.photos:
            yield f"{path}/{photo.name}" if in_archive else str(photo.path), photo.path
        for name, reason in found.left_in_archive:
            yield f"{path}/{name}", PhotoError(reason)


def _print_line(name: str, answer: Answer) -> None:
    print(f"{name}: {_in_words(answer)}")


def _in_words(answer: Answer) -> str:
    if isinstance(answer, PhotoError):
        return str(answer)
    words = f"{answer.label}, {percent(answer.probability)}"
    words = f"not known (closest: {words})" if answer.known() is False else words
    return f"{words} ({answer.note})" if answer.note else words


class _JsonList:
    """Prints a JSON list, an element at a time."""

    def __init__(self) -> None:
        self._before = "[\n"

    def take(self, name: str, answer: Answer) -> None:
        print(self._before + json.dumps(as_row(name, answer), indent=1, ensure_ascii=False), end="")
        self._before = ",\n"

    def end(self) -> None:
        print("[]" if self._before == "[\n" else "\n]")


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_run(parser)
    parser.add_argument("paths", type=Path, nargs="+", metavar="PATH", help="photos, folders, zips or tars")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="also write one row per photo")


PREDICT = Command("predict", "ask a trained run about photos", predict, _add_arguments)
