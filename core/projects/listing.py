"""A page of a project's photos: which ones, in which order, and how many there are in all.

Quick also with 60,000 photos: the database sorts where it can, else of all that match two short columns are read; whole
rows are read of one page (`python -m benchmarks.listing`).
"""

import json
import re
import sqlite3
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from core.base.errors import InputError
from core.base.names import in_order
from core.projects.project import Photo, Project

ADDED, TAKEN, NAME, CLASS, CONFIDENCE = "added", "taken", "name", "class", "confidence"
ORDERS = (ADDED, TAKEN, NAME, CLASS, CONFIDENCE)
DATES = (ADDED, TAKEN)
COLUMNS = {ADDED: "id", TAKEN: "taken", NAME: "name", CLASS: "label"}  # by what they are sorted
DIGITS, LONGEST_NUMBER = re.compile(r"\d+"), 20  # digits of a name that are compared as a number


@dataclass(frozen=True)
class Wanted:
    """Which photos, and in which order; of the conditions all that are given must hold.

    Args:
        label: The class; None for all, "" for photos without a class.
        name: Part of the name a photo came with, in capitals or not; "" for any.
        split: "train", "validation", "test", or "" for those in none yet; None for all.
        set_aside: False for those that take part, True for those that are set aside, None for both.
        ids: Only these, such as those of a finding; None for all.
        date: Which date `since` and `before` are about: ADDED (Unix seconds) or TAKEN (seconds of the camera's clock,
            as if it were UTC). Photos of which it isn't known match neither.
        since: From this second on.
        before: Up to but without this second.
        confidences: How sure a run was of its answer, 0..1, by the photo's id; see `photo_places.confidences`.
        at_least: Only photos with such a confidence.
        below: Only photos with a lower one.
        order: One of ORDERS; what isn't known of a photo comes last, equal ones in the order they came. ADDED is the
            order they came, CLASS and NAME are as people sort them: "2" before "10".
        descending: Whether the largest, newest, last in the alphabet comes first.
    """

    label: str | None = None
    name: str = ""
    split: str | None = None
    set_aside: bool | None = False
    ids: Collection[int] | None = None
    date: str = ADDED
    since: float | None = None
    before: float | None = None
    confidences: Mapping[int, float] | None = None
    at_least: float | None = None
    below: float | None = None
    order: str = ADDED
    descending: bool = False


@dataclass(frozen=True)
class Page:
    """Some of the photos that match.

    Args:
        photos: In the order that was asked for.
        taken: When the camera says that each was taken, by id, of those that say it.
        count: How many match in all.
    """

    photos: list[Photo]
    taken: dict[int, float]
    count: int


def page_of(project: Project, wanted: Wanted, limit: int, offset: int = 0) -> Page:
    """At most so many of the photos that match, after so many.

    Raises:
        InputError: An order or a date that there isn't, or an order by confidences that aren't given.
    """
    limit, offset = max(0, limit), max(0, offset)
    if _in_memory(wanted):
        ids = matching_ids(project, wanted)
        chosen, count = ids[offset : offset + limit], len(ids)
    else:
        chosen, count = _chosen(project, wanted, limit, offset)
    by_id = {photo.id: photo for photo in project.photos_with_ids(chosen)}
    with project.database() as db:
        query = "select photo, taken from looks where taken is not null and photo in (select value from json_each(?))"
        taken = dict(db.execute(query, (json.dumps(chosen),)).fetchall())
    return Page([by_id[key] for key in chosen if key in by_id], taken, count)


def matching_ids(project: Project, wanted: Wanted) -> list[int]:
    """The ids of all photos that match, in order: what a selection over several pages holds. Errors as of `page_of`."""
    if not _in_memory(wanted):
        return _chosen(project, wanted, -1, 0)[0]
    condition, values = _condition(wanted)
    column = "null" if wanted.order == CONFIDENCE else COLUMNS[wanted.order]
    with _database(project) as db:
        rows = db.execute(
            f"select id, {column} from {_tables(wanted)} where {condition} order by id", values
        ).fetchall()
    return _sorted(_sure_enough(rows, wanted), wanted)


def _in_memory(wanted: Wanted) -> bool:
    """Whether all that match are read and sorted here, by names as people sort them or by what no table holds."""
    if wanted.order not in ORDERS or wanted.date not in DATES:
        raise InputError(f"Photos can be sorted by {', '.join(ORDERS)}, and have the dates {' and '.join(DATES)}.")
    if wanted.confidences is None and (wanted.order == CONFIDENCE or _asks_how_sure(wanted)):
        raise InputError("How sure the model was is only known once it has answered. Train one, or choose a run.")
    return wanted.order in (NAME, CONFIDENCE) or _asks_how_sure(wanted)


def _chosen(project: Project, wanted: Wanted, limit: int, offset: int) -> tuple[list[int], int]:
    """The ids of a page, sorted by the database, and how many match."""
    condition, values = _condition(wanted)
    way = "desc" if wanted.descending else "asc"
    order = {ADDED: f"id {way}", TAKEN: f"taken is null, taken {way}, id", CLASS: f"place(label) {way}, id"}
    with _database(project) as db:
        places = {label: i for i, label in enumerate(in_order(_labels(db) if wanted.order == CLASS else ()))}
        db.create_function("place", 1, places.get, deterministic=True)
        query = f"select count(*) from {_tables(wanted, sorts=False)} where {condition}"
        (count,) = db.execute(query, values).fetchone()
        query = f"select id from {_tables(wanted)} where {condition} order by {order[wanted.order]} limit ? offset ?"
        return [key for (key,) in db.execute(query, (*values, limit, offset))], count


@contextmanager
def _database(project: Project) -> Iterator[sqlite3.Connection]:
    with project.database() as db:
        db.create_function("folded", 1, folded, deterministic=True)
        yield db


def _labels(db: sqlite3.Connection) -> list[str]:
    return [label for (label,) in db.execute("select distinct label from photos")]


def _tables(wanted: Wanted, sorts: bool = True) -> str:
    """The photos, with the dates that the table of photos doesn't hold where they are asked for, or sorted by."""
    dated = wanted.date == TAKEN and (wanted.since, wanted.before) != (None, None)
    if dated or (sorts and wanted.order == TAKEN):
        return "photos left join looks indexed by looks_by_taken on photo = id"  # else it would read all of them
    return "photos"


def folded(name: str) -> str:
    """A name as it is compared: in small letters, and "é" in one piece or two is the same."""
    return name.casefold() if name.isascii() else unicodedata.normalize("NFC", name).casefold()


def _condition(wanted: Wanted) -> tuple[str, list[str | float]]:
    """A condition in SQL, and the values for its question marks."""
    date = f"{wanted.date} "
    asked: list[tuple[str, str | float | None]] = [
        ("label = ?", wanted.label),
        ("split = ?", wanted.split),
        _named(wanted.name),
        ("id in (select value from json_each(?))", None if wanted.ids is None else json.dumps([*wanted.ids])),
        (f"{date}>= ?", wanted.since),
        (f"{date}< ?", wanted.before),
    ]
    given = [(condition, value) for condition, value in asked if value is not None]
    aside = {False: ["set_aside = ''"], True: ["set_aside != ''"], None: []}[wanted.set_aside]
    return " and ".join([*aside, *(condition for condition, _ in given)]) or "true", [value for _, value in given]


def _named(part: str) -> tuple[str, str | None]:
    """SQLite itself takes small for capital letters only in ASCII, and is quicker than a function of ours."""
    if part.isascii():
        escaped = re.sub(r"([%_\\])", r"\\\1", part)
        return "name like ? escape '\\'", f"%{escaped}%" if part else None
    return "instr(folded(name), ?)", folded(part)


def _asks_how_sure(wanted: Wanted) -> bool:
    return wanted.at_least is not None or wanted.below is not None


Row = tuple[int, str | float | None]  # a photo's id, and what it is sorted by


def _sure_enough(rows: list[Row], wanted: Wanted) -> list[Row]:
    """Those of which the confidence is as it is asked, and in place of what they are sorted by."""
    if wanted.order == CONFIDENCE:
        rows = [(key, wanted.confidences.get(key)) for key, _ in rows]
    if not _asks_how_sure(wanted):
        return rows
    least = -1.0 if wanted.at_least is None else wanted.at_least
    below = 2.0 if wanted.below is None else wanted.below
    return [row for row in rows if least <= wanted.confidences.get(row[0], -2.0) < below]


def _sorted(rows: list[Row], wanted: Wanted) -> list[int]:
    """The ids in order; those of equal ones stay in the order they came, whichever way the others go."""
    known = [row for row in rows if row[1] is not None]
    known.sort(key=_key(wanted, known), reverse=wanted.descending)
    return [key for key, _ in known] + [key for key, value in rows if value is None]


def _key(wanted: Wanted, rows: list[Row]) -> Callable[[Row], str | float]:
    if wanted.order == NAME:
        return lambda row: name_key(row[1])
    if wanted.order == CLASS:
        places = {label: i for i, label in enumerate(in_order(label for _, label in rows))}
        return lambda row: places[row[1]]
    return lambda row: row[1]


def name_key(name: str) -> str:
    """What sorts names as people do: "2.jpg" before "10.jpg", "Apple" beside "apple"."""
    return DIGITS.sub(lambda digits: digits[0].zfill(LONGEST_NUMBER), folded(name))
