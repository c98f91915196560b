"""What someone brought, read by the names of all files and the texts of small tables, before anything is copied."""

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from core.base.errors import InputError
from core.base.subsets import TEST, TRAIN, VALIDATION
from core.sources.class_names_file import with_names_of_numbers
from core.sources.file_name_readings import file_name_reading
from core.sources.folder_readings import folder_readings
from core.sources.layouts import is_junk, looks_like_photo
from core.sources.reading import CLEAR, LIKELY, UNLIKELY, Label, Reading, Unlabelled
from core.sources.split_folders import innermost_split, is_numbered, split_of
from core.sources.tables import ClassColumn, PhotoKeys, class_columns, same_classes, tables_among
from core.sources.tree import Parts, clean, tree_of

ARRANGE_HELP = "Put the photos of each class into a folder named after it, such as apple/ and banana/."
FEW, NEARLY_ALL = 0.1, 0.9  # of the photos
MOST_LEVELS = 4  # of folders that are offered as classes
LEVEL = re.compile(r"folders:([1-9]\d?)")
TextOf = Callable[[str], str]


class LayoutQuestion(InputError):
    """Photos can be read in more ways than one, and the user has to say which."""

    def __init__(self, readings: list[Reading]) -> None:
        listed = [f"  --layout {reading.layout}   {reading.words}" for reading in readings]
        super().__init__("\n".join(["These photos can be read in more than one way. Say which is meant:", *listed]))
        self.readings = readings

    def to_json(self) -> dict[str, object]:
        """What can be chosen, for a program: `layout` (the value to give), `words` and `classes` of each reading."""
        listed = [{"layout": r.layout, "words": r.words, "classes": r.counts} for r in self.readings]
        return {"question": "These photos can be read in more than one way.", "readings": listed}


@dataclass
class Proposal:
    """All readings, the likeliest first, and names of files that are no photos; system files are not even listed."""

    readings: list[Reading] = field(default_factory=list)
    photos: dict[str, Parts] = field(default_factory=dict)  # the parts of each photo's name
    ignored: list[str] = field(default_factory=list)
    columns: list[ClassColumn] = field(default_factory=list)  # of tables, also those that no likely reading is by
    names_of_numbers: Callable[[Reading], Reading] = field(default=lambda reading: reading, repr=False)

    @property
    def likely(self) -> list[Reading]:
        """Those that may well be meant: with two or more the user has to be asked."""
        return [reading for reading in self.readings if reading.sure >= LIKELY]

    def chosen(self, layout: str = "") -> Reading:
        """The reading that is meant: the one with this `--layout`, or the only likely one.

        Raises:
            LayoutQuestion: None is asked for and several are likely, or a table of which several columns are.
            InputError: There are no photos, none in a class, or the layout that is asked for finds none.
        """
        if layout:
            return self._with_layout(layout.strip())
        if len(self.likely) > 1:
            raise LayoutQuestion(self.likely)
        if not self.readings:
            raise InputError(f"No class is found for any photo, by folders, names or a table. {ARRANGE_HELP}")
        return self.readings[0]

    def by_levels(self) -> list[Reading]:
        """Each level of folders as classes, where that is another reading than those found; for who wants another."""
        seen = [reading.counts for reading in self.readings]
        found = []
        for level in range(1, MOST_LEVELS + 1):
            reading = self._finished(by_level(self.photos, level))
            if len(reading.counts) > 1 and reading.counts not in seen:
                found.append(reading)
        return found

    def _with_layout(self, layout: str) -> Reading:
        found = [reading for reading in self.readings if reading.layout == layout]
        if not found and layout == "folders":  # also where some of them are parts of a split
            found = [reading for reading in self.readings if reading.layout == "splits"]
        if not found and layout != "folders":  # of a table with several columns only its name
            found = [reading for reading in self.readings if reading.layout.rpartition(":")[0] == layout]
        if len(found) > 1:
            raise LayoutQuestion(found)
        if found:
            return found[0]
        level = LEVEL.fullmatch(layout)
        reading = by_level(self.photos, int(level[1])) if level else self._by_table(layout)
        if reading and reading.labels:
            return self._finished(reading)
        others = ", ".join(reading.layout for reading in self.readings) or "none"
        raise InputError(f"No classes are found by --layout {layout}. What can be read here: {others}.")

    def _finished(self, reading: Reading) -> Reading:
        return self.names_of_numbers(_split_left_open(reading))

    def _by_table(self, layout: str) -> Reading | None:
        """By the column that is asked for, of this table and of others that have it."""
        for one in self.columns:
            table = f"table:{PurePosixPath(one.table).name}"
            if layout in (table, f"{table}:{one.column}"):
                same = [column for column in self.columns if column.column == one.column]
                return _table_reading(same, self.photos, alone=layout == table)
        return None


def propose(
    names: Iterable[str], text_of: TextOf | None = None, is_photo: Callable[[str], bool] = looks_like_photo
) -> Proposal:
    """Read what was brought.

    Args:
        names: Of all files, with `/` between folders, such as "fruit/apple/1.jpg".
        text_of: The text of a small file by its name, "" when it can't be read or is too large.
        is_photo: Whether the file of this name is a photo.
    """
    text_of = text_of or (lambda name: "")
    names = [name for name in names if not is_junk(name)]
    photos = {name: parts for name in names if is_photo(name) and (parts := _parts(name))}
    others = [name for name in dict.fromkeys(names) if name not in photos]
    if not photos:
        return Proposal(ignored=others)
    folders = folder_readings(tree_of(photos))
    columns = _columns(others, photos, text_of)
    readings = [_with_table_for_the_rest(reading, columns) for reading in folders]
    if not any(_agrees(columns, reading) for reading in folders):
        readings += _table_readings(columns, photos)
    if (by_names := file_name_reading(photos)) is not None:
        readings.append(by_names)
    readings = _weighed([reading for reading in readings if reading.labels], len(photos))

    def named(reading: Reading) -> Reading:
        return with_names_of_numbers(reading, others, text_of)

    return Proposal([named(_split_left_open(reading)) for reading in readings], photos, others, columns, named)


def _parts(name: str) -> Parts:
    return tuple(part for part in name.split("/") if part not in ("", "."))


def by_level(photos: dict[str, Parts], level: int) -> Reading:
    """The folders at one level, counted from 1 at the top, as classes, whatever they are called."""
    reading = Reading(f"folders:{level}", f"by folders of level {level}", sure=UNLIKELY)
    for name, parts in photos.items():
        label = clean(parts[level - 1]) if len(parts) > level else ""
        if label:
            reading.labels[name] = Label(label, _folder_split(parts[:level]), level - 1)
        else:
            reading.loose.append(name)
    return reading


def _columns(others: list[str], photos: dict[str, Parts], text_of: TextOf) -> list[ClassColumn]:
    tables = tables_among(others, photos)
    if not tables:
        return []
    keys = PhotoKeys(photos)
    return [column for table in tables for column in class_columns(table, text_of(table), keys)]


def _agrees(columns: list[ClassColumn], reading: Reading) -> bool:
    """Whether a table says the same as the folders, by other names or not: then the folders are read."""
    labels = {name: label.name for name, label in reading.labels.items()}
    several = len(set(labels.values())) > 1
    return several and any(same_classes(column.labels, labels) for column in columns)


def _with_table_for_the_rest(reading: Reading, columns: list[ClassColumn]) -> Reading:
    """Photos without a class get the one that a table says, if it names classes of the folders only."""
    classes = set(reading.counts)
    for column in columns:
        rest = {photo: label for photo, label in column.labels.items() if photo in reading.unlabelled}
        if not rest or not {clean(label) for label in rest.values()} <= classes:
            continue
        for photo, label in rest.items():
            place = reading.unlabelled.pop(photo)
            reading.labels[photo] = Label(clean(label), place.split)
        reading.by += f" and by {PurePosixPath(column.table).name}"
    return reading


def _table_readings(columns: list[ClassColumn], photos: dict[str, Parts]) -> list[Reading]:
    """A reading for each column that may be the class; tables with the same column are read together."""
    named = [column for column in columns if column.is_named]
    together: dict[str, list[ClassColumn]] = {}
    for column in named or columns:
        together.setdefault(column.column, []).append(column)
    alone = len(together) == 1
    return [_table_reading(same, photos, alone) for same in together.values()]


def _table_reading(columns: list[ClassColumn], photos: dict[str, Parts], alone: bool) -> Reading:
    first = columns[0]
    files = " and ".join(PurePosixPath(name).name for name in dict.fromkeys(column.table for column in columns))
    what = f"the column {first.column} of " if first.column and not first.column.isdecimal() else ""
    layout = f"table:{PurePosixPath(first.table).name}" + ("" if alone else f":{first.column}")
    reading = Reading(layout, f"by {what}{files}", sure=LIKELY)
    for column in columns:
        for photo, label in column.labels.items():
            split = column.splits.get(photo) or _folder_split(photos[photo])
            if clean(label):
                reading.labels[photo] = Label(clean(label), split)
    for photo in photos.keys() - reading.labels.keys():
        folder = "/".join(photos[photo][:-1]) or "what was brought"
        reading.unlabelled[photo] = Unlabelled(folder, _folder_split(photos[photo]))
    return reading


def _folder_split(parts: Parts) -> str:
    split = innermost_split(parts[:-1])
    return split if split in (TRAIN, VALIDATION, TEST) else ""


def _weighed(readings: list[Reading], n_photos: int) -> list[Reading]:
    """The readings with how sure each is beside the others, the surest first.

    Folders of several classes are what is meant, and a table beats the names of files. Where folders give one
    class only, or are called "day 1" and the like, something else that tells several classes may be meant instead.
    """
    folders = [r for r in readings if r.layout.startswith(("folders", "splits"))]
    tables = [r for r in readings if r.layout.startswith("table")]
    names = [r for r in readings if r.layout == "names"]
    strong = [r for r in folders if len(r.counts) > 1 and len(r.labels) > FEW * n_photos]
    weak = [r for r in strong if _may_be_no_classes(r)]
    good_tables = [r for r in tables if len(r.labels) > FEW * n_photos]
    if strong and not (weak and (good_tables or names)) and not (good_tables and _cover(good_tables, n_photos)):
        likely = strong
    elif strong:
        likely = [*strong, *(good_tables or names)]
    elif good_tables:
        likely = good_tables
    elif names:
        likely = [*(f for f in folders if len(f.labels) > FEW * n_photos and not _has_only_containers(f)), *names]
    else:
        likely = folders or tables
    if any(split_of(name) for reading in likely for name in reading.counts):  # "valid" may be a class: asked, not taken
        likely = [*folders, *(reading for reading in likely if all(reading is not one for one in folders))]
    sure = CLEAR if len(likely) == 1 else LIKELY
    return [
        *(replace(r, sure=sure) for r in likely),
        *(replace(r, sure=UNLIKELY) for r in readings if not any(r is one for one in likely)),
    ]


def _may_be_no_classes(reading: Reading) -> bool:
    return all(is_numbered(name) and not name.isdecimal() for name in reading.counts)


def _has_only_containers(reading: Reading) -> bool:
    return all(split_of(name) for name in reading.counts)


def _cover(tables: list[Reading], n_photos: int) -> bool:
    """Whether a table with a column that is called a class tells it of nearly all photos."""
    return any(len(table.labels) >= NEARLY_ALL * n_photos for table in tables)


def _split_left_open(reading: Reading) -> Reading:
    """The reading; where a subset lacks, it is taken from the training photos, whose split is left open for that."""
    if Counter(label.split for label in reading.labels.values()).keys() != {TRAIN, VALIDATION, TEST}:
        for name, label in reading.labels.items():
            if label.split == TRAIN:
                reading.labels[name] = replace(label, split="")
    return reading
