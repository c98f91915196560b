"""Tables for people: CSV as spreadsheets open it by a double click, the same by every way out of the app."""

import csv
import re
from collections.abc import Callable, Iterable
from typing import TextIO

ENCODING = "utf-8-sig"  # UTF-8 with its mark, without which Excel takes it for the system's code page
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the wide ones too
NUMBER = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")

Cell = str | int | float


def row_writer(file: TextIO) -> Callable[[Iterable[Cell]], None]:
    """Takes rows for a file opened with ENCODING and newline="": texts made harmless, numbers as they are."""
    writer = csv.writer(file)
    return lambda cells: writer.writerow([as_text(cell) if isinstance(cell, str) else cell for cell in cells])


def as_text(text: str) -> str:
    """A text with an apostrophe before it where a spreadsheet would take it for a formula (OWASP, "CSV Injection").

    A text that is a number, such as the class "-5", can do nothing and stays as it is.
    """
    return f"'{text}" if text.startswith(FORMULA_STARTS) and not NUMBER.fullmatch(text) else text
