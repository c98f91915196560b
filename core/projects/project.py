"""One project on disk: the photos as they came, what is known of them, and the runs."""

import json
import os
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

from core.base import disk
from core.base.errors import EspalierError, InputError
from core.base.files import appearing_whole, disk_errors_in_words
from core.base.names import in_order
from core.photos.appearance import Appearance
from core.photos.labelled_photo import FEEDBACK
from core.photos.pictures import PictureFacts
from core.projects.database.backup import BACKUPS, DAY, back_up, refuse_damaged
from core.projects.database.connection import journal_of, opened
from core.projects.database.errors import damaged, database_errors_in_words
from core.projects.database.schema import SCHEMA_VERSION, TABLES, migrate, write_schema

PICTURES = "pictures"  # the setting that says how pictures are read; see `picture_settings`
PATIENCE_S = 30.0
HOLDING = ("photos", "set-aside", "runs", BACKUPS)  # folders that are empty in a project that is only half made
WITHOUT_CLASS = "without a class"  # the folder of such photos
NO_CLASS = "no class yet"  # why a photo takes no part that was brought without one; its label is ""


@dataclass(frozen=True)
class Photo:
    """One row of the photo table; see `schema.SCHEMA`."""

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
    made: str = ""


class Project:
    """A project's folder, with a `project.db` in it.

    Args:
        patience_s: How long it waits for another program that holds the list of photos.
    """

    def __init__(self, folder: Path, patience_s: float = PATIENCE_S) -> None:
        self.folder = folder
        self._patience_s = patience_s
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
            disk.make_folder(folder.parent)
            folder.mkdir()
            disk.sync_folder(folder.parent)
            for part in (project.photos_folder, project.set_aside_folder, project.thumbnails_folder):
                disk.make_folder(part)
            with appearing_whole(project.database_path) as beside, database_errors_in_words(folder):
                write_schema(beside, title)
        return project

    @contextmanager
    def database(self) -> Iterator[sqlite3.Connection]:
        """A connection whose changes are committed together at the end, or not at all on an error.

        Raises:
            DamagedError: The list of photos is damaged or gone.
            StorageError: The disk is full or can't be written, or another program holds the list.
        """
        with database_errors_in_words(self.folder), opened(self.database_path, self._patience_s) as db:
            yield db

    def check(self) -> int:
        """The version of its tables, once it is known that they can be read, by a quick look.

        Raises:
            DamagedError: The list of photos is damaged or gone.
            InputError: A newer version of the app wrote it.
            StorageError: It can't be read now.
        """
        with self.database() as db:
            version = db.execute("pragma user_version").fetchone()[0]
            if version > SCHEMA_VERSION:
                raise InputError(
                    f"Project {self.id} was made by a newer version of Espalier. Update the app to open it."
                )
            if version < 1:
                raise damaged(self.folder)
            for table in TABLES:
                db.execute(f"select 1 from {table} limit 1").fetchone()
        return version

    def check_wholly(self) -> None:
        """As `check`, by reading all: half a second for 100,000 photos."""
        self.check()
        with self.database() as db:
            refuse_damaged(db)

    def state_on_disk(self) -> tuple[int, ...]:
        """Equal while nothing was written to its list of photos: sizes and times of its files."""
        files = [path for path in (self.database_path, journal_of(self.database_path)) if path.is_file()]
        return tuple(number for path in files for number in (path.stat().st_size, path.stat().st_mtime_ns))

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
        """Its name on screen; the folder's name when it can't be read, so that lists still show it."""
        try:
            return self.setting("title", self.id)
        except EspalierError:
            return self.id

    def photos(self, label: str | None = None, limit: int | None = None, offset: int = 0) -> list[Photo]:
        """The usable photos, of one class or all, in the order they came: at most so many after so many."""
        condition, values = ("set_aside = ''", []) if label is None else ("set_aside = '' and label = ?", [label])
        return self.photos_where(condition, *values, limit=limit, offset=offset)

    def photos_set_aside(self) -> list[Photo]:
        """The photos that take no part, newest first."""
        return self.photos_where("set_aside != ''")[::-1]

    def photos_with_ids(self, photo_ids: Iterable[int]) -> list[Photo]:
        """These photos, set aside or not, in the order they came; ids that there are not are passed over."""
        wanted = json.dumps([int(photo_id) for photo_id in photo_ids])
        return self.photos_where("id in (select value from json_each(?))", wanted)

    def photos_where(
        self, condition: str, *values: str | int, limit: int | None = None, offset: int = 0
    ) -> list[Photo]:
        """The photos, set aside or not, for which a condition in SQL holds, in the order they came.

        Args:
            condition: With a question mark for each of `values`, which are never part of it.
            values: For the question marks.
            limit: At most so many.
            offset: Pass over so many.
        """
        query = f"select * from photos where {condition} order by id limit ? offset ?"
        with self.database() as db:
            return [Photo(*row) for row in db.execute(query, (*values, -1 if limit is None else limit, offset))]

    def class_counts(self) -> dict[str, int]:
        """Usable photos per class, in the order of their names."""
        return self._counts("select label, count(*) from photos where set_aside = '' group by label")

    def own_counts(self) -> dict[str, int]:
        """As `class_counts`, without photos from feedback: those on which a model can be evaluated."""
        query = "select label, count(*) from photos where set_aside = '' and origin != ? group by label"
        return self._counts(query, FEEDBACK)

    def _counts(self, query: str, *values: str) -> dict[str, int]:
        with self.database() as db:
            counts = dict(db.execute(query, values).fetchall())
        return {name: counts[name] for name in in_order(counts)}

    def photo_state(self) -> str:
        """Equal while the same photos, read alike, are in the same classes: what was measured on them still holds."""
        with self.database() as db:
            photos = db.execute("select count(*), max(id) from photos where set_aside = ''").fetchone()
            edits = db.execute("select count(*), max(id) from edits where undone = 0").fetchone()
        read = self.setting(PICTURES)
        return json.dumps([*photos, *edits, *([read] if read else [])])

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
            files = db.execute("select label, min(file) from photos group by label").fetchall()
        return {label: file.split("/")[1] for label, file in files}

    def listed_files(self) -> set[str]:
        """The places of all photos, relative to the project, in lower case."""
        with self.database() as db:
            return {file.lower() for (file,) in db.execute("select file from photos")}

    def add_rows(
        self,
        photos: list[Photo],
        appearances: Mapping[str, Appearance] | None = None,
        pictures: Mapping[str, PictureFacts] | None = None,
    ) -> None:
        """Add photos whose files are in place; their `id` and `added` are given here.

        Appearances are by `file`; a photo that could not be decoded has none. So is what is out of the ordinary in
        some, and only of those.
        """
        rows = [
            (p.label, p.file, p.name, p.sha256, p.bytes, p.width, p.height, p.split, p.set_aside, p.origin)
            for p in photos
        ]
        with self.database() as db:
            db.executemany(
                "insert into photos (label, file, name, sha256, bytes, width, height, split, set_aside, origin, added)"
                f" values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {time.time()})",
                rows,
            )
            _add_looks(db, appearances or {}, pictures or {})

    def add_looks(self, appearances: Mapping[str, Appearance], pictures: Mapping[str, PictureFacts]) -> None:
        """Add what photos look like that are listed already; as for `add_rows`."""
        with self.database() as db:
            _add_looks(db, appearances, pictures)


def _add_looks(
    db: sqlite3.Connection, appearances: Mapping[str, Appearance], pictures: Mapping[str, PictureFacts]
) -> None:
    known = [(file, a.phash, a.taken, a.brightness, a.sharpness, a.colours) for file, a in appearances.items()]
    db.executemany(
        "insert into looks (photo, phash, taken, brightness, sharpness, colours)"
        " values ((select id from photos where file = ?), ?, ?, ?, ?, ?)",
        known,
    )
    db.executemany(
        f"insert or replace into pictures values ((select id from photos where file = ?), {', '.join('?' * 9)})",
        [(file, *astuple(facts)) for file, facts in pictures.items()],
    )


def open_project(folder: Path, patience_s: float = PATIENCE_S) -> Project:
    """A project that exists.

    An older version's tables become today's, once they are backed up as they were.

    Args:
        patience_s: As for `Project`.

    Raises:
        InputError: There is none, or a newer version of the app wrote it.
        DamagedError: Its list of photos is damaged or gone.
        StorageError: It can't be read now, or an older version's can't be backed up.
    """
    project = Project(folder, patience_s)
    if not is_project(folder):
        raise InputError(f"There is no project called {folder.name}. It may have been moved to the trash.")
    if project.check() < SCHEMA_VERSION:
        back_up(folder, project.database, time.strftime(DAY))
        with project.database() as db:
            migrate(db)
    return project


def is_project(folder: Path) -> bool:
    """Whether a folder is a project's, also one whose list of photos is gone or can't be read; not a half-made one."""
    if os.path.lexists(folder / "project.db"):
        return True
    try:
        return any(any((folder / part).iterdir()) for part in HOLDING if (folder / part).is_dir())
    except OSError:  # a protected folder
        return True
