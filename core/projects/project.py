"""One project on disk: the photos as they came, what is known of them, and the runs."""

import json
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path

from core.base.errors import InputError
from core.base.files import appearing_whole, disk_errors_in_words
from core.base.names import in_order
from core.photos.appearance import Appearance
from core.photos.labelled_photo import FEEDBACK
from core.photos.pictures import PictureFacts
from core.projects.database.schema import SCHEMA_VERSION, database_errors_in_words, migrate, write_schema

PICTURES = "pictures"  # the setting that says how pictures are read; see `picture_settings`
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


class Project:
    """A project's folder, with a `project.db` in it."""

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
        known = [
            (file, appearance.phash, appearance.taken, appearance.brightness, appearance.sharpness, appearance.colours)
            for file, appearance in (appearances or {}).items()
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
            db.executemany(
                f"insert into pictures values ((select id from photos where file = ?), {', '.join('?' * 9)})",
                [(file, *astuple(facts)) for file, facts in (pictures or {}).items()],
            )


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
