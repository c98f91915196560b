"""One project on disk: the photos as they came, what is known of them, and the runs."""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.base.database import database_errors_in_words
from core.base.errors import InputError
from core.base.files import appearing_whole, disk_errors_in_words
from core.base.subsets import TRAIN
from core.jobs.job import Job
from core.photos.appearance import Appearance
from core.photos.labelled_photo import FEEDBACK
from core.photos.near_copies import HASH_BYTES, group_near_copies
from core.projects.schema import SCHEMA_VERSION, migrate, write_schema
from core.projects.split import Shares, assign_splits, may_take_part
from core.projects.split_report import SplitReport, report_split

GIVEN_PARTS = "given_parts"  # setting: the parts for which a folder came with the photos


@dataclass(frozen=True)
class Photo:
    """One row of the photo table; see `project_schema.SCHEMA`."""

    id: int
    label: str
    file: str
    name: str
    sha256: str
    bytes: int
    width: int
    height: int
    split: str
    set_aside: str
    added: float
    kept: str = ""
    origin: str = ""


class Project:
    """A project's folder and database.

    Args:
        folder: Its folder, with a `project.db` in it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.database_path = folder / "project.db"
        self.photos_folder = folder / "photos"
        self.set_aside_folder = folder / "set-aside"
        self.thumbnails_folder = folder / "thumbs"
        self.cache_folder = folder / "cache"
        self.runs_folder = folder / "runs"
        self.imports_folder = folder / "imports"

    @classmethod
    def create(cls, folder: Path, title: str) -> "Project":
        """Make an empty project."""
        project = cls(folder)
        with disk_errors_in_words("making the project"):
            folder.mkdir(parents=True)
            for part in (project.photos_folder, project.set_aside_folder, project.thumbnails_folder):
                part.mkdir()
            with appearing_whole(project.database_path) as beside, database_errors_in_words(folder):
                write_schema(beside, title)
        return project

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are committed together at the end, or not at all on an error.

        Raises:
            InputError: The database is damaged.
            StorageError: The disk is full or can't be written.
        """
        with database_errors_in_words(self.folder):
            db = sqlite3.connect(self.database_path, timeout=30)
            try:
                db.execute("pragma journal_mode = wal")
                with db:
                    yield db
            finally:
                db.close()

    @property
    def id(self) -> str:
        """The folder's name: unique in the workspace, and constant while the title may change."""
        return self.folder.name

    def setting(self, name: str, default: str = "") -> str:
        """A setting of this project."""
        with self.database() as db:
            row = db.execute("select value from settings where name = ?", (name,)).fetchone()
        return row[0] if row else default

    def keep_setting(self, name: str, value: str) -> None:
        """Keep a setting."""
        with self.database() as db:
            db.execute("insert or replace into settings values (?, ?)", (name, value))

    @property
    def title(self) -> str:
        """Its name on screen; the folder's name when the database is damaged, so that lists still show it."""
        try:
            return self.setting("title", self.id)
        except InputError:
            return self.id

    def photos(self, label: str | None = None, limit: int | None = None, offset: int = 0) -> list[Photo]:
        """The usable photos, in the order they came.

        Args:
            label: Only this class.
            limit: At most so many.
            offset: Pass over so many; needs a limit.
        """
        query = "select * from photos where set_aside = ''"
        values: list[str | int] = []
        if label is not None:
            query, values = query + " and label = ?", [label]
        query += " order by id"
        if limit is not None:
            query, values = query + " limit ? offset ?", [*values, limit, offset]
        with self.database() as db:
            return [Photo(*row) for row in db.execute(query, values)]

    def photos_set_aside(self) -> list[Photo]:
        """The photos that take no part, newest first."""
        with self.database() as db:
            return [Photo(*row) for row in db.execute("select * from photos where set_aside != '' order by id desc")]

    def photos_with_ids(self, photo_ids: Iterable[int]) -> list[Photo]:
        """These photos, set aside or not, in the order they came; ids that there are not are passed over."""
        query = "select * from photos where id in (select value from json_each(?)) order by id"
        wanted = json.dumps([int(photo_id) for photo_id in photo_ids])
        with self.database() as db:
            return [Photo(*row) for row in db.execute(query, (wanted,))]

    def class_counts(self) -> dict[str, int]:
        """Usable photos per class, by name."""
        query = "select label, count(*) from photos where set_aside = '' group by label order by label"
        with self.database() as db:
            return dict(db.execute(query).fetchall())

    def own_counts(self) -> dict[str, int]:
        """As `class_counts`, without photos from feedback: those on which a model can be judged."""
        query = "select label, count(*) from photos where set_aside = '' and origin != ? group by label order by label"
        with self.database() as db:
            return dict(db.execute(query, (FEEDBACK,)).fetchall())

    def path(self, photo: Photo) -> Path:
        """The photo's original file."""
        return self.folder / photo.file

    def thumbnail(self, photo: Photo) -> Path:
        """The photo's small JPEG; there is none for what could not be decoded."""
        return self.thumbnail_of(photo.sha256)

    def thumbnail_of(self, sha256: str) -> Path:
        """The small JPEG of the photo with this content; what is no digest, in a stranger's table, names no file."""
        name = sha256 if set(sha256) <= set("0123456789abcdef") else "none"
        return self.thumbnails_folder / name[:2] / f"{name}.jpg"

    def class_folders(self) -> dict[str, str]:
        """The name of the folder that each class has, by class."""
        with self.database() as db:
            return {
                label: file.split("/")[1]
                for label, file in db.execute("select label, min(file) from photos group by label")
            }

    def listed_files(self) -> set[str]:
        """The places of all photos, relative to the project, in lower case."""
        with self.database() as db:
            return {file.lower() for (file,) in db.execute("select file from photos")}

    def import_jobs(self) -> list[Job]:
        """The jobs that bring photos in, finished ones too."""
        return [Job(folder) for folder in self.imports_folder.iterdir()] if self.imports_folder.is_dir() else []

    def add_rows(self, photos: list[Photo], looks: Mapping[str, Appearance] | None = None) -> None:
        """Add photos whose files are in place; their `id` and `added` are given here.

        Args:
            photos: The rows.
            looks: What they look like, by `file`; a photo that could not be decoded has none.
        """
        rows = [
            (p.label, p.file, p.name, p.sha256, p.bytes, p.width, p.height, p.split, p.set_aside, p.origin)
            for p in photos
        ]
        known = [
            (file, look.phash, look.taken, look.brightness, look.sharpness, look.colours)
            for file, look in (looks or {}).items()
        ]
        with self.database() as db:
            db.executemany(
                "insert into photos (label, file, name, sha256, bytes, width, height, split, set_aside, origin, added)"
                f" values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {time.time()})",
                rows,
            )
            db.executemany(
                "insert into looks (photo, phash, taken, brightness, sharpness, colours)"
                " values ((select id from photos where file = ?), ?, ?, ?, ?, ?)",
                known,
            )

    def given_parts(self) -> set[str]:
        """The parts, "validation" and "test", for which a folder came with the photos."""
        return set(self.setting(GIVEN_PARTS).split())

    def compare_photos(self) -> None:
        """Find near-copies, bursts and equal files among all photos, those set aside too, and keep the groups.

        100,000 photos take about 15 s, so an import does it at its end; nothing but new photos changes the groups.
        """
        query = "select id, sha256, phash, taken from photos join looks on photo = id order by id"
        with self.database() as db:
            rows = db.execute(query).fetchall()
        first = {sha256: photo for photo, sha256, _, _ in reversed(rows)}
        distinct = [row for row in rows if first[row[1]] == row[0]]
        # a hash of an older kind has another length, and counts as unknown
        known = b"".join(row[2] if len(row[2]) == HASH_BYTES else bytes(HASH_BYTES) for row in distinct)
        hashes = np.frombuffer(known, np.uint8).reshape(-1, HASH_BYTES)
        taken = np.array([np.nan if seconds is None else seconds for _, _, _, seconds in distinct])
        groups = group_near_copies(hashes, taken).tolist()
        group_of = {row[1]: distinct[group][1] for row, group in zip(distinct, groups, strict=True)}
        with self.database() as db:
            db.executemany("update looks set near = ? where photo = ?", [(group_of[row[1]], row[0]) for row in rows])

    def near_copies(self, photos: list[Photo]) -> list[str]:
        """For each photo the name of its group: near-copies, bursts and equal files share one."""
        with self.database() as db:
            groups = dict(db.execute("select photo, near from looks"))
        if None in groups.values():  # an import was stopped before it compared them
            self.compare_photos()
            return self.near_copies(photos)
        return [groups.get(photo.id, photo.sha256) for photo in photos]

    def split_photos(self, seed: int, shares: Shares) -> list[Photo]:
        """The photos that take part, each in its part; parts once given are kept, so new photos never move old ones.

        Photos from feedback are in the training part alone. One that is a near-copy of a validation or test photo is
        left out: learned from, it would tell the answer.
        """
        photos = self.photos()
        groups = self.near_copies(photos)
        parts = self._parts(photos, groups, seed, shares)
        with self.database() as db:
            changed = [(part, p.id) for part, p in zip(parts, photos, strict=True) if part != p.split]
            db.executemany("update photos set split = ? where id = ?", changed)
        return self._taking_part(photos, groups, parts)

    def split_report(self, seed: int, shares: Shares) -> SplitReport:
        """What `split_photos` would do, without doing it, and what chance would have done in its place."""
        photos = self.photos()
        groups = self.near_copies(photos)
        taking_part = self._taking_part(photos, groups, self._parts(photos, groups, seed, shares))
        labels, parts = ([getattr(photo, name) for photo in taking_part] for name in ("label", "split"))
        return report_split(labels, self.near_copies(taking_part), parts, seed, shares)

    def left_out(self) -> list[Photo]:
        """The photos from feedback that take no part, since each is a near-copy of a validation or test photo."""
        photos = self.photos()
        taking_part = self._taking_part(photos, self.near_copies(photos), [photo.split for photo in photos])
        known = {photo.id for photo in taking_part}
        return [photo for photo in photos if photo.id not in known]

    def _taking_part(self, photos: list[Photo], groups: list[str], parts: list[str]) -> list[Photo]:
        may = may_take_part(parts, groups, [photo.origin == FEEDBACK for photo in photos])
        return [replace(photo, split=part) for photo, part, yes in zip(photos, parts, may, strict=True) if yes]

    def _parts(self, photos: list[Photo], groups: list[str], seed: int, shares: Shares) -> list[str]:
        """A part for each photo; those from feedback only teach, and have no say in where others go."""
        own = [(photo, group) for photo, group in zip(photos, groups, strict=True) if photo.origin != FEEDBACK]
        given = iter(
            assign_splits(
                [photo.label for photo, _ in own],
                [photo.sha256 for photo, _ in own],
                [group for _, group in own],
                [photo.split for photo, _ in own],
                seed,
                shares.without(self.given_parts()),
            )
        )
        return [TRAIN if photo.origin == FEEDBACK else next(given) for photo in photos]


def open_project(folder: Path) -> Project:
    """A project that exists.

    Raises:
        InputError: There is none, its database is damaged, or a newer version of the app wrote it.
    """
    project = Project(folder)
    if not project.database_path.is_file():
        raise InputError(f"There is no project called {folder.name}. It may have been moved to the trash.")
    with project.database() as db:
        version = db.execute("pragma user_version").fetchone()[0]
    if version > SCHEMA_VERSION:
        raise InputError(f"Project {folder.name} was made by a newer version of Espalier. Update the app to open it.")
    if version < SCHEMA_VERSION:
        with project.database() as db:
            migrate(db)
    return project
