"""Which classes are taken for which: the confusion matrix read aloud, also where it is too large to look at."""

import io
from dataclasses import dataclass

import numpy as np

from core.base.spreadsheet import ENCODING, row_writer


@dataclass(frozen=True)
class Confused:
    """One kind of mistake: `n` of the `of` photos of a class that were evaluated were taken for another."""

    truth: str
    answer: str
    n: int
    of: int


def most_confused(class_names: list[str], confusion: list[list[int]], at_most: int) -> list[Confused]:
    """The pairs of classes with the most mistakes, the largest share of the true class first among equals.

    Args:
        confusion: Photos by true class (row) and answer (column).
        at_most: So many pairs; fewer when there are fewer kinds of mistakes.
    """
    counts = np.array(confusion)
    totals = counts.sum(1)
    off = counts - np.diag(np.diag(counts))
    rows, columns = np.nonzero(off)
    order = sorted(zip(rows, columns, strict=True), key=lambda at: (-off[at], totals[at[0]], at))
    return [Confused(class_names[i], class_names[j], int(off[i, j]), int(totals[i])) for i, j in order[:at_most]]


def most_mistaken(confusion: list[list[int]], at_most: int) -> list[int]:
    """The indices of the classes with the most mistakes, from and to; all in their own order when so many fit."""
    counts = np.array(confusion)
    if len(counts) <= at_most:
        return list(range(len(counts)))
    mistakes = counts.sum(0) + counts.sum(1) - 2 * np.diag(counts)
    return np.argsort(-mistakes, kind="stable")[:at_most].tolist()


def confusion_csv(class_names: list[str], confusion: list[list[int]]) -> bytes:
    """The whole matrix as a spreadsheet takes it: UTF-8 with its mark, a row per true class, a column per answer."""
    text = io.StringIO(newline="")
    write = row_writer(text)
    write(["true class", *class_names])
    for name, row in zip(class_names, confusion, strict=True):
        write([name, *row])
    return text.getvalue().encode(ENCODING, "surrogateescape")
