"""Files that come in: which are new, each checked in one decoding, put in place and listed; and what came of it."""

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from core.base import disk
from core.base.errors import InputError
from core.base.files import content_of, disk_errors_in_words
from core.base.threads import in_threads
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.photos.decoding import PhotoError
from core.photos.inspection import PhotoFacts, inspect_all
from core.photos.pictures import PLAIN, PictureSettings
from core.projects.changes.shelf import formerly
from core.projects.photo_files import Known, known_by_damage
from core.projects.picture_settings import pictures_of
from core.projects.project import Photo, Project
from core.projects.storage import Storage
from core.sources.labelled import Source
from core.sources.layouts import LabelledFile
from core.sources.lost_classes import none_read

BATCH, BATCH_S = 100, 1.0  # photos per database commit, and seconds between two: what a kill can cost


@dataclass
class ImportSummary:
    """What came of it: numbers of photos, and (name, reason) of what is not in the project or set aside."""

    added: int = 0
    already_there: int = 0
    mended: int = 0  # photos that were here, but whose files were damaged
    set_aside: int = 0
    without_class: int = 0  # photos kept apart, out of all counts, until they are put into a class
    left_out: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # sentences on how the names of an archive were read
    classes: int = 0
    lost: list[str] = field(default_factory=list)  # what is wrong with each class of which no photo came in
    words: str = ""  # how classes and split were read, in one line
    read_anew: int = 0  # photos whose small pictures were made again, as the project's picture settings changed
    seconds: float = 0.0


def new_among(files: list[LabelledFile], project: Project, by_class: bool) -> tuple[list[LabelledFile], list[Known]]:
    """The files that are not in the project yet, and those that are, with their SHA-256.

    They are known by name and SHA-256, and by class where that is asked for. A photo keeps the name it came with when
    the user moves it or renames its class, and its original is known once it is rotated or cropped. So a folder that is
    brought in again adds only what is new; but two files of one name, brought each for a class by hand, are two. What
    holds the bytes of a photo whose own file is damaged is known by whatever name: it will mend that.
    """
    photos = [*project.photos(), *project.photos_set_aside(), *formerly(project)]
    listed = {(photo.name, photo.sha256, *([photo.label] if by_class else [])) for photo in photos}
    names = {photo.name for photo in photos}
    known = known_by_damage(project, files, by_class)
    named = [file for file in files if file.name in names and file not in known]
    # One that can't be opened has "" and is new, as the inspection will say.
    contents = in_threads(lambda file: content_of(file.path), named, os.cpu_count() or 2)
    for file, content in zip(named, contents, strict=True):
        if (file.name, content, *([file.label] if by_class else [])) in listed:
            known[file] = content
    return [file for file in files if file not in known], list(known.items())


def store(
    project: Project, job: Job, fresh: list[LabelledFile], places: Storage, summary: ImportSummary, workers: int
) -> None:
    """Put new files in place and list them, batch after batch; the summary tells how many, and what can't be opened.

    No photo is listed before its file is on the disk.
    """
    done = summary.already_there + summary.mended
    total = done + len(fresh)
    progress = Progress(job.event_log(), every_s=0, before=done, rate=True)
    for batch in _batches(_inspected(fresh, workers, pictures_of(project))):
        job.check_stop()
        with disk_errors_in_words("storing the photos"):
            rows, seen = _put_all(places, batch, summary.left_out)
            disk.sync_files(project.path(photo) for photo in rows)
        odd = {file: facts.picture for file, facts in seen.items() if facts.picture != PLAIN}
        project.add_rows(rows, {file: facts.appearance for file, facts in seen.items()}, odd)
        without_class = sum(photo.label == "" and photo.width > 0 for photo in rows)
        unusable = sum(photo.width == 0 for photo in rows)
        summary.without_class += without_class
        summary.set_aside += unusable
        summary.added += len(rows) - unusable - without_class
        done += len(batch)
        progress(done, total)


Inspected = tuple[LabelledFile, PhotoFacts | PhotoError]


def _inspected(files: list[LabelledFile], workers: int, settings: PictureSettings) -> Iterator[Inspected]:
    return zip(files, inspect_all([file.path for file in files], workers, settings), strict=True)


def _batches(items: Iterable[Inspected]) -> Iterator[list[Inspected]]:
    """Up to BATCH at a time, fewer when they take long."""
    batch: list[Inspected] = []
    began = 0.0
    for item in items:
        began = began if batch else time.monotonic()  # not before: the first waits for a process to start
        batch.append(item)
        if len(batch) == BATCH or time.monotonic() - began > BATCH_S:
            yield batch
            batch = []
    if batch:
        yield batch


def _put_all(
    places: Storage, batch: list[Inspected], unopened: list[tuple[str, str]]
) -> tuple[list[Photo], dict[str, PhotoFacts]]:
    """Rows of a batch and facts by place; a file that can't even be opened has neither and goes to `unopened`."""
    rows, seen = [], {}
    for file, facts in batch:
        try:
            photo = places.put(file, facts)
        except InputError:
            unopened.append((file.name, str(facts) if isinstance(facts, PhotoError) else "the file can't be opened"))
            continue
        rows.append(photo)
        if isinstance(facts, PhotoFacts):
            seen[photo.file] = facts
    return rows, seen


def lost_in_import(project: Project, source: Source, unopened: dict[str, str]) -> list[str]:
    """What is wrong with classes that came and of which the project has no photo; `unopened` are reasons by name."""
    counts = project.class_counts()
    reasons = {file.label: [] for file in source.arrangement.files if file.label not in counts}
    for file in source.arrangement.files if reasons else ():
        if file.label in reasons and file.name in unopened:
            reasons[file.label].append(unopened[file.name])
    for photo in project.photos_set_aside() if reasons else ():
        if photo.label in reasons and not photo.width:  # what the user set aside could be read
            reasons[photo.label].append(photo.set_aside)
    unread = [f"{label}: {none_read(len(why), len(why), why)}" for label, why in reasons.items() if why]
    return [*(why for label, why in source.lost.items() if label not in counts), *unread]
