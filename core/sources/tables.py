"""Classes in a table: a column that names the photos and one that tells the class, or a column a class (one-hot)."""

import csv
import io
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePosixPath

import pandas as pd

from core.base.subsets import TEST, TRAIN, VALIDATION
from core.sources.layouts import looks_like_photo
from core.sources.split_folders import UNLABELLED, innermost_split, split_of

TABLE_SUFFIXES = frozenset((".csv", ".tsv", ".txt"))
MAX_TABLES = 40  # that are looked into, those nearest to the top first
MATCHED = 0.5  # share of a table's rows that are about photos that are there
EACH_ONE = 0.95  # share of the rows of a one-hot table with exactly one class
MOST_CLASSES = 2_000
FULL_LINES = 0.8  # share of a table's first lines with two cells or more
NOT_KNOWN = frozenset(("nan", "NaN"))  # what programs write for a class that is missing
CLASS_WORDS = (
    "label labels class classes class_name classname label_name category category_name target species breed "
    "diagnosis dx variety type disease y kind genus family tag tags klasse clase classe"
)
CLASS_HEADERS = frozenset(CLASS_WORDS.split())
SPLIT_HEADERS = frozenset(
    (
        "split",
        "subset",
        "set",
        "data_set",
        "dataset",
        "data_split",
        "usage",
        "fold",
        "partition",
        "phase",
    )
)
SEPARATORS = (",", "\t", ";", "|")


@dataclass(frozen=True)
class ClassColumn:
    """One way to read a table.

    Args:
        table: The table's name.
        column: The class column's header, or its number from 1 when there is no header; "" for one-hot tables.
        labels: Class by photo.
        splits: Subset by photo, where a column or the table's own name tells it.
        is_named: Whether the header says that it is the class.
    """

    table: str
    column: str
    labels: dict[str, str]
    splits: dict[str, str]
    is_named: bool


def tables_among(names: Iterable[str], photos: Iterable[str]) -> list[str]:
    """Which files may be tables of photos, those nearest to the top first.

    A text beside each photo, as tools for boxes write them, is none.
    """
    stems = {name.rpartition(".")[0] for name in photos}
    found = [
        name
        for name in names
        if PurePosixPath(name).suffix.lower() in TABLE_SUFFIXES
        and name.rpartition(".")[0] not in stems
        and "submission" not in PurePosixPath(name).name.lower()
    ]
    return sorted(found, key=lambda name: (name.count("/"), name))[:MAX_TABLES]


class PhotoKeys:
    """Which photo a cell of a table means: by its path or name, with or without its ending."""

    def __init__(self, photos: Iterable[str]) -> None:
        self._first: dict[str, str] = {}
        self._more: dict[str, list[str]] = {}  # lists for 100,000 photos would take seconds
        for photo in photos:
            name = photo.rpartition("/")[2].casefold()
            stem = name.rpartition(".")[0]
            number = stem.lstrip("0")
            shorter = number if stem.isdecimal() else ""  # a spreadsheet made 7 of 00007
            for key in {name, stem, shorter} - {""}:
                if self._first.setdefault(key, photo) is not photo:
                    self._more.setdefault(key, [self._first[key]]).append(photo)

    def matching(self, cells: Iterable[str], table: str) -> list[str]:
        """The photo that each cell means, "" for none or more than one; those below the table's folder come first."""
        folder, split = table.rpartition("/")[0], split_of(PurePosixPath(table).stem)
        return [self._one(cell, f"{folder}/" if folder else "", split) for cell in cells]

    def _one(self, cell: str, folder: str, split: str) -> str:
        path = cell.strip().replace("\\", "/").strip("/").casefold()
        found = self._called(path.rpartition("/")[2])
        while "/" in path and len(found) > 1:  # a path on somebody else's computer loses its first folders
            found = [p for p in found if _ends_with(p, path)] or found
            path = path.partition("/")[2]
        if len(found) > 1:
            found = [photo for photo in found if photo.startswith(folder)] or found
        if len(found) > 1 and split:
            found = [photo for photo in found if innermost_split(photo.split("/")[:-1]) == split]
        return found[0] if len(found) == 1 else ""

    def _called(self, key: str) -> list[str]:
        return self._more.get(key) or ([self._first[key]] if key in self._first else [])


def _ends_with(photo: str, path: str) -> bool:
    photo = f"/{photo.casefold()}"
    return photo.endswith(f"/{path}") or photo.rpartition(".")[0].endswith(f"/{path}")


def read_table(text: str) -> pd.DataFrame | None:
    """The cells of a table as texts, the header among them; None when the text is no table of two columns or more."""
    text = text.lstrip("\ufeff")
    lines = [line for line in text[:20_000].splitlines()[:20] if line.strip()]
    for separator in SEPARATORS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator))
        except csv.Error:
            continue
        # A line may be cut short by hand or by the 20,000 characters; in a text of words most have no separator.
        if widths and sum(n for width, n in widths.items() if width >= 2) >= FULL_LINES * widths.total():
            return _parsed(text, separator)
    if lines and all(len(line.split()) >= 2 for line in lines):
        return _parsed_by_spaces(text)
    return None


def _parsed(text: str, separator: str) -> pd.DataFrame | None:
    options = {"header": None, "dtype": str, "keep_default_na": False, "on_bad_lines": "skip"}
    try:
        return pd.read_csv(io.StringIO(text), sep=separator, skipinitialspace=True, **options).fillna("")
    except (ValueError, pd.errors.ParserError):  # such as a quote that is never closed
        return None


def _parsed_by_spaces(text: str) -> pd.DataFrame:
    """ "apple/my photo 1.jpg 0": the last word is the class, since names may hold spaces."""
    rows = [line.strip().rsplit(None, 1) for line in text.splitlines() if line.strip()]
    return pd.DataFrame([row for row in rows if len(row) == 2], dtype=str)


def class_columns(table: str, text: str, keys: PhotoKeys) -> list[ClassColumn]:
    """Every way to read a table, none if it isn't about the photos; columns that are called a class come first."""
    cells = read_table(text)
    if cells is None or cells.empty:
        return []
    best, matched = _photo_column(table, cells, keys)
    if best is None:
        return []
    has_header = not matched[0] and not looks_like_photo(str(cells.iat[0, best]))
    headers = [str(cell).strip() if has_header else str(n + 1) for n, cell in enumerate(cells.iloc[0])]
    rows = [n for n, photo in enumerate(matched) if photo]
    photos = [matched[n] for n in rows]
    columns = {n: list(map(_known, cells.iloc[rows, n])) for n in range(cells.shape[1]) if n != best}
    splits = _splits(table, columns, photos)
    one_hot = _one_hot(table, headers, columns, photos, splits) if has_header else None
    if one_hot:
        return [one_hot]
    found = [
        ClassColumn(table, headers[n], _labels(photos, values), splits, _is_named(headers[n], CLASS_HEADERS))
        for n, values in columns.items()
        if not _is_named(headers[n], SPLIT_HEADERS) and _may_be_classes(values)
    ]
    return sorted(_without_twins(found), key=lambda column: not column.is_named)


def _known(cell: object) -> str:
    text = str(cell).strip()
    return "" if text in NOT_KNOWN else text


def _photo_column(table: str, cells: pd.DataFrame, keys: PhotoKeys) -> tuple[int | None, list[str]]:
    """The column that names photos, and what each of its cells means; a column that names few of them is none."""
    best, most, matched = None, 0, []
    for n in range(cells.shape[1]):
        sample = keys.matching(cells.iloc[:200, n], table)
        if not any(sample):
            continue
        photos = keys.matching(cells.iloc[:, n], table)
        found = len(set(photos) - {""})
        if found > most and found >= MATCHED * max(1, len(photos) - 1):
            best, most, matched = n, found, photos
    return best, matched


def _labels(photos: list[str], values: list[str]) -> dict[str, str]:
    """Class by photo; a photo that two rows give different classes has none."""
    labels: dict[str, str] = {}
    for photo, value in zip(photos, values, strict=True):
        labels[photo] = value if labels.get(photo, value) == value else ""
    return {photo: value for photo, value in labels.items() if value}


def _is_named(header: str, names: frozenset[str]) -> bool:
    return header.casefold().strip().replace(" ", "_").replace("-", "_") in names


def _may_be_classes(values: list[str]) -> bool:
    """Whether a column may tell classes: at least two, each with several photos, and no measured numbers."""
    counts = Counter(value for value in values if value)
    if not 2 <= len(counts) <= min(MOST_CLASSES, max(2, len(values) // 2)):
        return False
    if any(split_of(value) for value in counts):
        return False
    return not any(_is_fraction(value) for value in counts)


def _is_fraction(value: str) -> bool:
    try:
        return not float(value).is_integer()
    except (ValueError, OverflowError):
        return False


def _without_twins(columns: list[ClassColumn]) -> list[ClassColumn]:
    """Of columns that divide the photos alike, such as a class and its number, the one with words."""
    kept: list[ClassColumn] = []
    for column in sorted(columns, key=lambda c: (all(map(_is_number, c.labels.values())), not c.is_named)):
        if not any(same_classes(column.labels, other.labels) for other in kept):
            kept.append(column)
        elif column.is_named:
            kept = [_named(k) if same_classes(column.labels, k.labels) else k for k in kept]
    return kept


def _named(column: ClassColumn) -> ClassColumn:
    return ClassColumn(column.table, column.column, column.labels, column.splits, True)


def _is_number(value: str) -> bool:
    return value.lstrip("-").isdecimal()


def same_classes(one: dict[str, str], other: dict[str, str]) -> bool:
    """Whether two divide those photos alike that both know, whatever they call the classes."""
    pairs = {(one[photo], other[photo]) for photo in one.keys() & other.keys()}
    return bool(pairs) and len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def _splits(table: str, columns: dict[int, list[str]], photos: list[str]) -> dict[str, str]:
    """Subset by photo, of a column that is called so and names nothing else, or of the table's own name."""
    for values in columns.values():
        named = {value: split_of(value) for value in set(values) if value}
        if named and all(named.values()) and UNLABELLED not in named.values():
            return {photo: named[value] for photo, value in zip(photos, values, strict=True) if value}
    own = split_of(PurePosixPath(table).stem)
    return dict.fromkeys(photos, own) if own in (TRAIN, VALIDATION, TEST) else {}


def _one_hot(
    table: str, headers: list[str], columns: dict[int, list[str]], photos: list[str], splits: dict[str, str]
) -> ClassColumn | None:
    """A table with a column for each class, in which each photo has a one in exactly one of them."""
    numbers = {n: [_one(value) for value in values] for n, values in columns.items() if headers[n]}
    hot = {n: ones for n, ones in numbers.items() if None not in ones and any(ones)}
    if len(hot) < 2 or any(split_of(headers[n]) for n in hot):
        return None
    classes = [[n for n in hot if hot[n][row]] for row in range(len(photos))]
    if sum(len(each) == 1 for each in classes) < EACH_ONE * len(classes):
        return None
    values = [headers[each[0]] if len(each) == 1 else "" for each in classes]
    return ClassColumn(table, "", _labels(photos, values), splits, True)


def _one(value: str) -> bool | None:
    return {"0": False, "0.0": False, "1": True, "1.0": True, "false": False, "true": True}.get(value.casefold())
