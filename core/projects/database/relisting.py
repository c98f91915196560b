"""After a repair the list is brought in line with the project's folders: what lies there is listed, each file once.

A photo that was moved to another class since the list was written is known by its content, and its folder tells its
class. Nothing is moved here and nothing removed, and after a kill it can be run again.
"""

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from core.base.events import FINISHED, PHASE
from core.base.files import disk_errors_in_words, file_sha256, write_bytes
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.photos.decoding import PhotoError
from core.photos.inspection import PhotoFacts, inspect_all
from core.photos.pictures import PLAIN
from core.projects.database.reshelving import Kin, is_reshelved, put_version, reshelve
from core.projects.import_storing import ImportSummary
from core.projects.picture_settings import pictures_of, settle
from core.projects.project import NO_CLASS, WITHOUT_CLASS, Photo, Project
from core.projects.project_split import compare_photos

PLACES = ("photos", "set-aside")
SET_ASIDE_BEFORE = "set aside before the list of photos was repaired"
BATCH = 100  # photos between two commits
Inspected = tuple[str, PhotoFacts | PhotoError]


@dataclass(frozen=True)
class _Known:
    """What tells of files that no row names.

    Args:
        lost: Rows whose file is not where they say, by content.
        kin: Which contents are one photo's.
        parts: The subset that a photo had in runs, by content.
    """

    lost: dict[str, list[Photo]]
    kin: Kin
    parts: Mapping[str, str]

    def row_of(self, sha256: str) -> Photo | None:
        """The row of the photo that has this content, each once; None where there is none."""
        if self.lost.get(sha256):
            return self.lost[sha256].pop()
        return self.kin.take(self.lost, sha256)


def needs_relisting(project: Project) -> bool:
    """Whether files lie in the project's folders that its list lacks, or it knows too little of photos that it has."""
    return bool(next(iter(_unlisted(project)), None) or _unseen(project)) or not is_reshelved(project)


def relist(project: Project, job: Job, workers: int, parts: Mapping[str, str]) -> ImportSummary:
    """List what lies in the project's folders and is not in its list; look at photos of which nothing is known.

    Args:
        parts: The subset that a photo had in runs, by SHA-256: photos that tested must not teach later.

    Raises:
        StopRequested: The user stopped it; what was listed stays.
        StorageError: The disk is full; likewise.
    """
    began, log, summary = time.monotonic(), job.event_log(), ImportSummary()
    log.write(PHASE, name="importing", words="Listing the photos in the folders")
    files = list(_unlisted(project))
    progress, done = Progress(log, every_s=0, rate=True), 0
    known = _Known(_without_file(project), Kin(project), parts)
    for batch in _batches(project, files, workers):
        job.check_stop()
        with disk_errors_in_words("listing the photos"):
            _list_batch(project, batch, known, summary)
        done += len(batch)
        progress(done, len(files))
    reshelve(project)
    summary.read_anew = _look_at(project, job, _unseen(project), workers) + settle(project, job, workers)
    compare_photos(project, job)
    summary.classes, summary.seconds = len(project.class_counts()), round(time.monotonic() - began, 2)
    log.write(FINISHED, **asdict(summary))
    return summary


def _unlisted(project: Project) -> Iterator[str]:
    """The files that no row names, relative to the project, in order; what is hidden is none of ours."""
    listed = project.listed_files()
    for place in PLACES:
        for folder, _, names in sorted(os.walk(project.folder / place)):
            path = Path(folder).relative_to(project.folder)
            if len(path.parts) == 2 and not path.name.startswith("."):
                files = (f"{path.as_posix()}/{name}" for name in sorted(names) if not name.startswith("."))
                yield from (file for file in files if file.lower() not in listed)


def _without_file(project: Project) -> dict[str, list[Photo]]:
    """The rows whose file is not where they say, by content."""
    found: dict[str, list[Photo]] = {}
    for photo in project.photos_where("1"):
        if not project.path(photo).is_file():
            found.setdefault(photo.sha256, []).append(photo)
    return found


def _unseen(project: Project) -> list[Photo]:
    """Photos that could be read, of which is not known what they look like."""
    unseen = project.photos_where("width > 0 and id not in (select photo from looks)")
    return [photo for photo in unseen if project.path(photo).is_file()]


def _batches(project: Project, files: list[str], workers: int) -> Iterator[list[Inspected]]:
    facts = inspect_all([project.folder / file for file in files], workers, pictures_of(project))
    inspected = zip(files, facts, strict=True)
    while batch := list(islice(inspected, BATCH)):
        yield batch


def _list_batch(project: Project, batch: list[Inspected], known: _Known, summary: ImportSummary) -> None:
    labels = {folder: label for label, folder in project.class_folders().items()}
    rows, seen, moved, versions = [], {}, [], []
    for file, facts in batch:
        place, folder, _ = file.split("/")
        label = labels.get(folder, "" if folder == WITHOUT_CLASS else folder)
        row = _row(project, file, label if place != "photos" else label or folder, facts)
        if before := known.row_of(row.sha256):
            aside = "" if place == "photos" else before.set_aside or row.set_aside
            moved.append((file, row.label, aside, before.id))
            if before.sha256 != row.sha256 and isinstance(facts, PhotoFacts):
                versions.append((before.id, facts, known.kin.making(row.sha256)))
                _put_thumbnail(project, row, facts)
            continue
        found = {"split": known.kin.part(known.parts, row.sha256), "made": known.kin.making(row.sha256)}
        rows.append(Photo(**{**asdict(row), **found}))
        if isinstance(facts, PhotoFacts):
            seen[file] = facts
            _put_thumbnail(project, rows[-1], facts)
    with project.database() as db:
        db.executemany("update photos set file = ?, label = ?, set_aside = ? where id = ?", moved)
        for version in versions:
            put_version(db, *version)
    odd = {file: facts.picture for file, facts in seen.items() if facts.picture != PLAIN}
    project.add_rows(rows, {file: facts.appearance for file, facts in seen.items()}, odd)
    with project.database() as db:
        db.executemany("update photos set made = ? where file = ?", [(row.made, row.file) for row in rows if row.made])
    summary.already_there += len(moved)
    summary.set_aside += sum(bool(row.set_aside) for row in rows)
    summary.added += sum(not row.set_aside for row in rows)


def _row(project: Project, file: str, label: str, facts: PhotoFacts | PhotoError) -> Photo:
    """The row of a file that has none, but for its subset."""
    place, _, name = file.split("/")
    path = project.folder / file
    failed = isinstance(facts, PhotoError)
    why = SET_ASIDE_BEFORE if label else NO_CLASS
    return Photo(
        id=0,
        label=label,
        file=file,
        name=name,
        sha256=file_sha256(path) if failed else facts.sha256,
        bytes=path.stat().st_size if failed else facts.bytes,
        width=0 if failed else facts.width,
        height=0 if failed else facts.height,
        split="",
        set_aside=str(facts) if failed else "" if place == "photos" else why,
        added=0.0,
    )


def _put_thumbnail(project: Project, photo: Photo, facts: PhotoFacts) -> None:
    path = project.thumbnail(photo)
    if not path.is_file():
        write_bytes(path, facts.thumbnail or project.path(photo).read_bytes())


def _look_at(project: Project, job: Job, photos: list[Photo], workers: int) -> int:
    """Keep what photos look like of which it isn't known; how many they are."""
    paths = [project.path(photo) for photo in photos]
    looked = zip(photos, inspect_all(paths, workers, pictures_of(project)), strict=True)
    while batch := list(islice(looked, BATCH)):
        job.check_stop()
        seen = [(photo, facts) for photo, facts in batch if isinstance(facts, PhotoFacts)]
        for photo, facts in seen:
            _put_thumbnail(project, photo, facts)
        odd = {photo.file: facts.picture for photo, facts in seen if facts.picture != PLAIN}
        project.add_looks({photo.file: facts.appearance for photo, facts in seen}, odd)
    return len(photos)
