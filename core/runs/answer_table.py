"""Answers as rows of a CSV: one per photo, with a column per class, and why where there is no answer."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from core.base.files import appearing_whole, disk_errors_in_words
from core.base.spreadsheet import ENCODING, Cell, row_writer
from core.photos.decoding import PhotoError
from core.runs.predictor import USUAL_THRESHOLD, Prediction

Answer = Prediction | PhotoError
KNOWN = {True: "yes", False: "no", None: ""}  # empty where the run can't tell


def table_header(class_names: list[str]) -> list[str]:
    """The names of the columns."""
    return ["path", "label", "probability", "known", *(f"p {name}" for name in class_names), "error"]


def table_row(path: str, answer: Answer, class_names: list[str], threshold: float = USUAL_THRESHOLD) -> list[Cell]:
    """One photo's cells, in the order of `table_header`; `threshold` as of `Prediction.known`."""
    if isinstance(answer, PhotoError):
        return [path, "", "", "", *([""] * len(class_names)), str(answer)]
    shares = [round(answer.probabilities[name], 6) for name in class_names]
    known = KNOWN[answer.known(threshold)]
    return [path, answer.label, round(answer.probability, 6), known, *shares, ""]


@contextmanager
def growing_table(
    target: Path, class_names: list[str], threshold: float = USUAL_THRESHOLD
) -> Iterator[Callable[[str, Answer], None]]:
    """Takes a photo's path and answer as a row of a CSV, which appears when the block ends, whole or not at all.

    It is written as spreadsheets take it, by whichever way it is asked for.
    """
    # surrogateescape: a file name that is no UTF-8 is written as the bytes it has on disk.
    options = {"newline": "", "encoding": ENCODING, "errors": "surrogateescape"}
    with appearing_whole(target) as beside, beside.open("w", **options) as file:
        write = row_writer(file)
        write(table_header(class_names))
        yield lambda path, answer: write(table_row(path, answer, class_names, threshold))


def write_table(
    target: Path, class_names: list[str], answers: Iterable[tuple[str, Answer]], threshold: float = USUAL_THRESHOLD
) -> None:
    """Write the whole CSV, a row in memory at a time.

    Raises:
        StorageError: The disk is full or can't be written.
    """
    with disk_errors_in_words("writing the table"), growing_table(target, class_names, threshold) as take:
        for path, answer in answers:
            take(path, answer)
