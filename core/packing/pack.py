"""A project to go: all of it in one zip, which `unpack.py` opens on another computer.

The zip holds what the app can't make anew: photos, thumbnails, the database, advice, labels, map, search, feedback,
models from elsewhere, runs, also those in the trash. What stays behind: caches and exports, which can be made again;
imports and batches, which name folders of the computer they were made on; what belongs to a running process; runs that
still go on.
"""

import json
import shutil
import sqlite3
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from core.base.errors import InputError, StorageError
from core.base.files import appearing_whole, disk_errors_in_words, zip_entry
from core.jobs.active import active_jobs
from core.jobs.kinds import KINDS
from core.packing.rows import is_safe_part
from core.photos.decoding import SUFFIXES
from core.projects.changes.moves import alone
from core.projects.changes.shelf import VERSIONS, Version, as_it_was, former_with, note_of
from core.projects.database.errors import database_errors_in_words
from core.projects.database.schema import SCHEMA_VERSION
from core.projects.project import Photo, Project
from core.runs.run import list_runs
from core.runs.trash import trashed_runs
from core.sources.archive_files.limits import FREE_SPACE_KEPT

FORMAT = 1
ABOUT, DATABASE = "espalier.json", "project.db"
PHOTO_FOLDERS = ("photos", "set-aside", VERSIONS, "thumbs")
RUNS, TRASH = "runs", "trash"  # runs lie in both
OTHER_FOLDERS = (TRASH, "feedback")  # what goes along besides photos and the folders of jobs
EVENTS = "events.jsonl"
OF_A_PROCESS = ("job.json", "request.json", "worker.log", "stop", "checkpoint.npz")
LEFT_SUFFIXES = (".db", ".lock")  # Optuna's study begins anew; rows of other databases could not be checked
COMPRESSED = (*SUFFIXES, ".keras", ".parquet", ".zip")  # already: stored as they are, three times as fast
MAX_FILES = 500_000
MAX_DEPTH = 8  # folders
CHUNK = 1 << 20
SCRATCH = "half-"  # begins the names of folders that a killed process leaves

OnProgress = Callable[[int, int], None]


@dataclass(frozen=True)
class Packed:
    """What was taken along: how many files, their bytes, and titles of runs that stayed since they still went on."""

    files: int
    bytes: int
    left: list[str]


@dataclass(frozen=True)
class _Member:
    """A file to take along, by its name in the zip; photos may move meanwhile."""

    name: str
    path: Path
    photo: Photo | None = None


def _job_folders() -> list[str]:
    """The project's folders that hold jobs, such as "runs", of those kinds that are taken along."""
    return sorted({kind.places.split("/")[0] for kind in KINDS.values() if kind.travels})


def belongs(name: str) -> bool:
    """Whether a file of a project, named relative to it with "/", is taken along."""
    parts = name.split("/")
    if name == DATABASE:
        return True
    if not 1 < len(parts) <= MAX_DEPTH or not all(is_safe_part(part) for part in parts):
        return False
    if parts[0] in PHOTO_FOLDERS:
        return True
    file = PurePosixPath(name)
    # In any case: to macOS and Windows JOB.JSON is job.json.
    is_left = file.name.casefold() in OF_A_PROCESS or file.suffix.casefold() in LEFT_SUFFIXES
    behind = is_left or _lies_in_a_folder_left([part.casefold() for part in parts])
    return parts[0] in (*_job_folders(), *OTHER_FOLDERS) and not behind


def _lies_in_a_folder_left(parts: list[str]) -> bool:
    """Whether a file lies in the folder of a job, also of a run in the trash, that is not taken along."""
    parts = [RUNS, *parts[1:]] if parts[0] == TRASH else parts
    left = [kind.places.split("/") for kind in KINDS.values() if kind.in_project and not kind.travels]
    return any(len(parts) >= len(place) and all(map(fnmatchcase, parts, place)) for place in left)


def pack(project: Project, target: Path, on_progress: OnProgress | None = None) -> Packed:
    """Write a project into a zip, while the app may go on working with it.

    Args:
        project: Which.
        target: The zip; it appears whole, in place of one that is there.
        on_progress: Called with (bytes done, bytes in all); may raise to stop.

    Raises:
        InputError: Its database is damaged, or photos are being moved.
        StorageError: There is no room for the zip, or it can't be written there.
    """
    with (
        disk_errors_in_words("packing the project"),
        appearing_whole(target) as beside,
        tempfile.TemporaryDirectory(prefix=SCRATCH, dir=target.parent, ignore_cleanup_errors=True) as folder,
    ):
        snapshot = Path(folder) / DATABASE
        with alone(project):  # so that no file is on its way
            _copy_database(project, snapshot)
        members = [_Member(DATABASE, snapshot), *_photo_files(project, snapshot), *_work_files(project)]
        still_active = [run.title for run in list_runs(project.runs_folder) if run.job.state().is_active]
        return _write(project, members, still_active, beside, on_progress or (lambda done, total: None))


def _copy_database(project: Project, snapshot: Path) -> None:
    """As it is at one moment, with what still lies in its journal."""
    with database_errors_in_words(project.folder), closing(sqlite3.connect(snapshot)) as copy:
        with project.database() as db:
            db.backup(copy)
        copy.execute("pragma journal_mode = delete")


def _photo_files(project: Project, snapshot: Path) -> Iterator[_Member]:
    """The files that the rows name: what an import brings meanwhile is in neither."""
    with database_errors_in_words(project.folder), closing(sqlite3.connect(snapshot)) as db:
        photos = [Photo(*row) for row in db.execute("select * from photos order by id")]
        versions = [Version(*row) for row in db.execute("select * from versions order by file")]
    now = {photo.id: photo for photo in photos}
    versions = [each for each in versions if each.photo in now]
    former = [as_it_was(now[each.photo], each) for each in versions if each.sha256 != now[each.photo].sha256]
    yield from (_Member(photo.file, project.path(photo), photo) for photo in [*photos, *former])
    for note in (note_of(each) for each in versions if not each.original):
        yield _Member(note, project.folder / note)
    for sha256 in sorted({photo.sha256 for photo in [*photos, *former]}):
        path = project.thumbnail_of(sha256)
        yield _Member(path.relative_to(project.folder).as_posix(), path)


def _work_files(project: Project) -> Iterator[_Member]:
    active = {job.folder for _, job in active_jobs(project.folder)}
    folders = [project.folder / name for name in (*_job_folders(), *OTHER_FOLDERS) if name not in (RUNS, TRASH)]
    folders += [run.folder for run in list_runs(project.runs_folder) if run.folder not in active]
    folders += [run.folder for run in trashed_runs(project)]
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(project.folder).as_posix()
            goes_on = path.name == EVENTS and path.parent in active  # what it wrote says nothing elsewhere
            if path.is_file() and not path.is_symlink() and belongs(name) and not goes_on:
                yield _Member(name, path)


def _write(
    project: Project, members: list[_Member], still_active: list[str], target: Path, on_progress: OnProgress
) -> Packed:
    sizes = [member.path.stat().st_size if member.path.exists() else 0 for member in members]
    total, done, files = sum(sizes), 0, 0
    if len(members) > MAX_FILES:
        raise InputError(f"The project has {len(members):,} files; a zip takes {MAX_FILES:,} at most.")
    if total + FREE_SPACE_KEPT > shutil.disk_usage(target.parent).free:
        raise StorageError(
            f"The zip of this project takes up to {total / 1e9:.1f} GB, and this disk has less than that to spare. "
            "Free some space first."
        )
    with zipfile.ZipFile(target, "w") as archive:
        for member in members:
            source = _opened(project, member)
            if source is None:  # removed by hand; its row says where it would be
                continue
            with source, archive.open(_entry(member), "w", force_zip64=True) as entry:
                files += 1
                while chunk := source.read(CHUNK):
                    entry.write(chunk)
                    done += len(chunk)
                    on_progress(min(done, total), total)
        about = {"format": FORMAT, "schema": SCHEMA_VERSION, "title": project.title, "files": files, "bytes": done}
        archive.writestr(zip_entry(ABOUT), json.dumps(about, ensure_ascii=False))
    return Packed(files, done, still_active)


def _entry(member: _Member) -> zipfile.ZipInfo:
    info = zip_entry(member.name)
    info.external_attr = (stat.S_IFREG | 0o644) << 16
    stored = PurePosixPath(member.name).suffix.lower() in COMPRESSED
    info.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    return info


def _opened(project: Project, member: _Member) -> BinaryIO | None:
    """The file, also when the user has moved or rotated the photo since the rows were read; None when it is gone."""
    try:
        return member.path.open("rb")
    except FileNotFoundError:
        pass
    if member.photo is None:
        return None
    with alone(project):
        now = project.photos_with_ids([member.photo.id])
        for photo in [*now, *former_with(project, [member.photo.sha256])]:
            same = (photo.id, photo.sha256) == (member.photo.id, member.photo.sha256)
            if same and project.path(photo).is_file():
                return project.path(photo).open("rb")
    return None
