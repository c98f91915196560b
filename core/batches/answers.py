"""The table of a batch: a row per photo, written while the photos are answered, and read a page at a time.

It is a database and no list, so that memory stays flat for a hundred thousand photos, what a killed worker wrote can be
read, and another threshold for "not sure" asks no model.
"""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.base import disk
from core.base.errors import DamagedError, InputError
from core.base.names import name_order
from core.photos.decoding import PhotoError
from core.projects.database.connection import opened
from core.projects.database.errors import in_words
from core.runs.answer_table import Answer
from core.runs.predictor import Prediction
from core.sources.layouts import Incoming

SCHEMA = """
create table photos (
    id integer primary key,         -- in the order they came, from 1
    name text not null,             -- what it is called among what was brought
    file blob not null,             -- its path as the system spells it, relative to the batch where it lies in it
    answered integer not null,      -- 0 or 1; a photo that can't be used is answered too
    label text not null default '', -- the most probable class
    probability real,               -- of that class, 0..1
    typicality real,                -- 0..1, null where the run can't tell
    never_known integer not null default 0, -- 1 when it is not sure whatever the threshold
    probabilities blob,             -- float32 little-endian, by class
    error text not null default ''  -- why there is no answer
);
create index photos_to_do on photos (answered, id);
create index photos_by_label on photos (label, id);
create table thumbnails (photo integer primary key references photos (id), jpeg blob not null);
create table seen (photo integer primary key references photos (id), sha256 text not null, phash blob not null);
create table notes (photo integer primary key references photos (id), note text not null);
create table about (name text primary key, value text not null);
"""
WAIT_S = 5.0  # for another that writes
PAGE = 500  # rows in memory at a time
THUMBNAIL_SIDE = 240  # pixels: sharp enough at half of that
NOT_SURE = "(never_known = 1 or ifnull(typicality <= :threshold, 0))"
ANSWERED = "answered = 1 and error = ''"
UNREADABLE, UNSURE = "unreadable", "unsure"  # kinds of answers to look at, beside the classes
AS_THEY_CAME, LEAST_SURE, LEAST_LIKE_YOURS = "as they came", "least sure first", "least like your photos first"
ORDERS = {
    AS_THEY_CAME: "id",
    LEAST_SURE: "probability, id",
    LEAST_LIKE_YOURS: "typicality is null, typicality, id",
}


@dataclass(frozen=True)
class BatchRow:
    """A photo of a batch with its answer; see SCHEMA.

    Args:
        answer: Of the run, or why there is none; None while it was not asked.
    """

    id: int
    name: str
    path: Path
    answer: Answer | None


@dataclass(frozen=True)
class Counts:
    """How many photos there are of a batch.

    Args:
        n: In all.
        answered: Read so far.
        unreadable: Of these, without an answer.
        unsure: Of these, with an answer that is not sure.
        by_class: Of the rest, by class.
    """

    n: int
    answered: int
    unreadable: int
    unsure: int
    by_class: dict[str, int]


class BatchAnswers:
    """A batch's table on disk; paths in it are relative to the database's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def is_listed(self) -> bool:
        """Whether the photos are listed: all in one transaction, so a killed worker leaves none or all."""
        if not self.path.exists():
            return False
        with self._database() as db:
            return db.execute("select count(*) from sqlite_master where name = 'photos'").fetchone()[0] > 0

    def list_photos(
        self, class_names: list[str], photos: Iterable[Incoming], unreadable: Iterable[tuple[str, str]]
    ) -> None:
        """Begin the table: what is to be answered, and what can't be.

        Args:
            class_names: Of the run, in the order of its outputs.
            photos: To answer.
            unreadable: (name, reason) of what is no readable photo.
        """
        if not self.path.exists():
            disk.write(self.path, b"")  # SQLite makes none here
        with self._database() as db:
            db.execute("begin immediate")
            for statement in SCHEMA.split(";\n"):
                db.execute(statement)
            db.execute("insert into about values ('classes', ?)", (json.dumps(class_names),))
            rows = ((photo.name, os.fsencode(self._spelled(photo.path))) for photo in photos)
            db.executemany("insert into photos (name, file, answered) values (?, ?, 0)", rows)
            db.executemany("insert into photos (name, file, answered, error) values (?, x'', 1, ?)", unreadable)

    def class_names(self) -> list[str]:
        """Of the run that answers, in the order of its outputs."""
        with self._database() as db:
            return json.loads(db.execute("select value from about where name = 'classes'").fetchone()[0])

    def to_do(self) -> Iterator[BatchRow]:
        """What has no answer yet, in order."""
        return self._rows("answered = 0")

    def answered(self) -> Iterator[BatchRow]:
        """What has been answered or is unreadable, in order."""
        return self._rows("answered = 1")

    def names(self) -> list[tuple[int, str]]:
        """Number and name of the same."""
        with self._database() as db:
            return db.execute("select id, name from photos where answered = 1 order by id").fetchall()

    def add(
        self, rows: list[BatchRow], thumbnails: dict[int, bytes], seen: dict[int, tuple[str, bytes]] | None = None
    ) -> None:
        """Keep rows with their answers, and by row id small JPEGs, and SHA-256 with perceptual hash."""
        with self._database() as db:
            db.executemany(
                "update photos set answered = 1, label = ?, probability = ?, typicality = ?, never_known = ?,"
                " probabilities = ?, error = ? where id = ?",
                [(*_cells(row.answer), row.id) for row in rows],
            )
            db.executemany("insert or replace into thumbnails values (?, ?)", thumbnails.items())
            notes = [
                (row.id, row.answer.note) for row in rows if isinstance(row.answer, Prediction) and row.answer.note
            ]
            if notes and _has(db, "notes"):
                db.executemany("insert or replace into notes values (?, ?)", notes)
            if seen and _has(db, "seen"):  # a batch that an earlier version began has no such table
                values = [(number, content, phash) for number, (content, phash) in seen.items()]
                db.executemany("insert or replace into seen values (?, ?, ?)", values)

    def counts(self, threshold: float) -> Counts:
        """How many there are of each kind; up to the threshold, an in-distribution score 0..1, none is sure."""
        values = {"threshold": threshold}
        with self._database() as db:
            n, answered, unreadable = db.execute(
                "select count(*), ifnull(sum(answered), 0), ifnull(sum(error != ''), 0) from photos"
            ).fetchone()
            unsure = db.execute(f"select count(*) from photos where {ANSWERED} and {NOT_SURE}", values).fetchone()[0]
            by_class = db.execute(
                f"select label, count(*) from photos where {ANSWERED} and not {NOT_SURE} group by label", values
            ).fetchall()
        by_class = dict(sorted(by_class, key=lambda row: name_order(row[0])))
        return Counts(n, answered, unreadable, unsure, by_class)

    def has_in_distribution_scores(self) -> bool:
        """Whether the run that answered says how like its own photos a photo is."""
        with self._database() as db:
            return bool(db.execute("select exists (select 1 from photos where typicality is not null)").fetchone()[0])

    def page(self, kind: str, label: str, order: str, threshold: float, limit: int, offset: int) -> list[BatchRow]:
        """Some photos of one kind that have been read.

        Args:
            kind: UNREADABLE, UNSURE, or "" for any.
            label: Only sure answers of this class; "" for any. Goes with kind "".
            order: One of ORDERS.
            threshold: As in `counts`.
        """
        wanted = {
            UNREADABLE: "answered = 1 and error != ''",
            UNSURE: f"{ANSWERED} and {NOT_SURE}",
            "": f"{ANSWERED} and not {NOT_SURE} and label = :label" if label else "answered = 1",
        }[kind]
        values = {"threshold": threshold, "label": label, "limit": limit, "offset": offset}
        query = f"select * from photos where {wanted} order by error != '', {ORDERS[order]} limit :limit offset :offset"
        class_names = self.class_names()
        with self._database() as db:
            return self._made(db, db.execute(query, values).fetchall(), class_names)

    def rows(self, ids: list[int]) -> list[BatchRow]:
        """Those with these numbers, in their order; numbers that there are not are passed over."""
        query, class_names = "select * from photos where id in (select value from json_each(?))", self.class_names()
        with self._database() as db:
            made = self._made(db, db.execute(query, (json.dumps(ids),)).fetchall(), class_names)
        found = {row.id: row for row in made}
        return [found[number] for number in ids if number in found]

    def thumbnails(self, ids: list[int]) -> dict[int, bytes]:
        """Small JPEGs by row id, of those that have one."""
        query = "select photo, jpeg from thumbnails where photo in (select value from json_each(?))"
        with self._database() as db:
            return dict(db.execute(query, (json.dumps(ids),)).fetchall())

    def seen(self, ids: list[int] | None = None) -> dict[int, tuple[str, bytes]]:
        """SHA-256 and perceptual hash by row id, of all or of these; none of what an earlier version answered."""
        these = "" if ids is None else "where photo in (select value from json_each(?))"
        values = () if ids is None else (json.dumps(ids),)
        with self._database() as db:
            rows = db.execute(f"select * from seen {these}", values).fetchall() if _has(db, "seen") else []
        return {number: (content, phash) for number, content, phash in rows}

    def _rows(self, wanted: str) -> Iterator[BatchRow]:
        class_names, last = self.class_names(), 0
        query = f"select * from photos where {wanted} and id > ? order by id limit {PAGE}"
        while True:
            with self._database() as db:
                rows = self._made(db, db.execute(query, (last,)).fetchall(), class_names)
            if not rows:
                return
            yield from rows
            last = rows[-1].id

    def _made(self, db: sqlite3.Connection, rows: list[tuple], class_names: list[str]) -> list[BatchRow]:
        query = "select photo, note from notes where photo in (select value from json_each(?))"
        ids = json.dumps([row[0] for row in rows])
        notes = dict(db.execute(query, (ids,)).fetchall()) if _has(db, "notes") else {}
        return [self._row(row, class_names, notes.get(row[0], "")) for row in rows]

    def _row(self, row: tuple, class_names: list[str], note: str) -> BatchRow:
        number, name, file, answered, label, probability, score, _, packed, error = row
        answer: Answer | None = PhotoError(error) if error else None
        if answered and not error:
            by_class = dict(zip(class_names, np.frombuffer(packed, "<f4").tolist(), strict=False))
            answer = Prediction(label, probability, by_class, score, note)
        path = self.path.parent / os.fsdecode(file)  # an absolute path stays as it is
        return BatchRow(number, name, path, answer)

    def _spelled(self, path: Path) -> Path:
        folder = self.path.parent
        return path.relative_to(folder) if path.is_relative_to(folder) else path.absolute()

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        try:
            with opened(self.path, WAIT_S) as db:
                yield db
        except sqlite3.DatabaseError as error:
            told = in_words(self.path, error, "the table of these answers")
            if told is None:
                raise
            if isinstance(told, DamagedError):
                told = InputError("The table of these answers is damaged. Your photos are untouched: ask again.")
            raise told from error


def _has(db: sqlite3.Connection, table: str) -> bool:
    """Whether the batch has a table that those of earlier versions lack."""
    return bool(db.execute("select count(*) from sqlite_master where name = ?", (table,)).fetchone()[0])


def _cells(answer: Answer) -> tuple[str, float | None, float | None, bool, bytes | None, str]:
    """An answer's cells, from its label to its error."""
    if isinstance(answer, PhotoError):
        return "", None, None, False, None, str(answer)
    packed = np.array(list(answer.probabilities.values()), "<f4").tobytes()
    return answer.label, answer.probability, answer.in_distribution_score, answer.known(0.0) is False, packed, ""
