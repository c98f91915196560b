"""The files of a project's photos against what its rows say of them: which are damaged, and how they are mended.

A file can be emptied by a power cut, changed by another program or removed by hand. One look at its length is cheap, so
every job that reads photos begins with it; whether the bytes are still the same is known only by reading them all.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from core.base import disk
from core.base.events import NOTE, PHASE
from core.base.files import content_of, disk_errors_in_words, move_into
from core.base.names import in_order
from core.base.threads import in_threads
from core.base.words import counted
from core.jobs.job import Job
from core.jobs.progress import Progress
from core.photos.inspection import PhotoFacts, inspect_all
from core.projects.changes.shelf import former_with
from core.projects.edits import repair
from core.projects.picture_settings import pictures_of
from core.projects.project import Photo, Project
from core.projects.storage import copy, put_thumbnail
from core.sources.layouts import LabelledFile

AT_A_TIME = 100  # photos that are mended, and synced together
CHANGED = "changed"  # the folder in set-aside of files that were not what their rows said
READERS = os.cpu_count() or 2
MOST_CLASSES = 5  # that a sentence names

Known = tuple[LabelledFile, str]  # a file that came, and its SHA-256


def is_whole(project: Project, photo: Photo) -> bool:
    """Whether a photo's file is there with the length of its row; nothing of it is read."""
    return _size(project.path(photo)) == photo.bytes


def damaged_photos(project: Project, set_aside_too: bool = False) -> list[Photo]:
    """The photos that take part, or all, whose file is missing, empty or of another length than its row says."""
    which = "true" if set_aside_too else "set_aside = ''"
    with project.database() as db:
        rows = db.execute(f"select id, file, bytes from photos where {which}").fetchall()
    return project.photos_with_ids(photo for photo, file, size in rows if _size(f"{project.folder}/{file}") != size)


def damage_in_words(damaged: list[Photo]) -> str:
    """How many files are damaged, of which classes, and what to do, in two sentences; "" for none."""
    if not damaged:
        return ""
    by_class = Counter(photo.label for photo in damaged)
    named = [f"{label} {by_class[label]:,}" for label in in_order(by_class)]
    more = f" and {counted(len(named) - MOST_CLASSES, 'other class', 'other classes')}" * (len(named) > MOST_CLASSES)
    n, (files, they, them) = (
        len(damaged),
        ("its file is", "it", "it") if len(damaged) == 1 else ("their files are", "they", "them"),
    )
    return (
        f"{counted(n, 'photo')} can't be used, as {files} missing, empty or changed: "
        f"{', '.join(named[:MOST_CLASSES])}{more}. Bring in the folder that {they} came from once more to mend {them}, "
        f"or set {them} aside."
    )


def ready_to_read(project: Project, job: Job) -> Project:
    """A project whose photos a job is about to read: a change that was cut short is put back, damage is told."""
    repair(project)
    if words := damage_in_words(damaged_photos(project)):
        job.event_log().write(NOTE, words=words)
    return project


def mend(project: Project, job: Job, known: list[Known]) -> int:
    """Copy files that came in again to the places of those photos with their content whose own file is damaged.

    Every photo's file that one of them could mend is read whole. What is moved out of the way is kept in set-aside.

    Returns:
        How many photos were mended.

    Raises:
        StopRequested: The user stopped it; what was mended before stays.
        StorageError: The disk is full or can't be written.
    """
    sources = {sha256: file.path for file, sha256 in known}
    photos = [photo for photo in project.photos_where("true") if photo.sha256 in sources]
    photos += former_with(project, sources)
    if not photos:
        return 0
    job.event_log().write(PHASE, name="mending", words="Checking the photos that are here already")
    progress, mended = Progress(job.event_log(), job.check_stop), 0
    contents = in_threads(lambda photo: content_of(project.path(photo)), photos, READERS)
    read, done = zip(photos, contents, strict=True), 0
    while some := list(islice(read, AT_A_TIME)):
        damaged = [photo for photo, content in some if content != photo.sha256]
        with disk_errors_in_words("mending the photos"):
            mended += _copy_again(project, damaged, sources)
        done += len(some)
        progress(done, len(photos))
    return mended


def _copy_again(project: Project, damaged: list[Photo], sources: dict[str, Path]) -> int:
    """Put photos in their places once more, all on disk in the end; a source that changes meanwhile mends nothing."""
    places = []
    for photo in damaged:
        place = project.path(photo)
        disk.make_folder(place.parent)
        if _size(place) > 0:  # someone may have changed it on purpose
            move_into(project.set_aside_folder / CHANGED, place)
        copy(sources[photo.sha256], place)
        if content_of(place) == photo.sha256:
            places.append(place)
            disk.remove(project.thumbnail(photo))  # it may be the damaged file itself, as another link
    disk.sync_files(places)
    return len(places)


def make_lost_thumbnails(project: Project, job: Job, workers: int) -> int:
    """Make small pictures anew that are missing or empty, as a power cut leaves them: how many."""
    by_content: dict[str, list[Photo]] = defaultdict(list)
    for photo in project.photos_where("width > 0"):
        if _size(project.thumbnail(photo)) <= 0 and is_whole(project, photo):
            by_content[photo.sha256].append(photo)
    photos = [equal[0] for equal in by_content.values()]
    if not photos:
        return 0
    job.event_log().write(PHASE, name="pictures", words=f"Making {counted(len(photos), 'small picture')} again")
    facts, made = inspect_all([project.path(photo) for photo in photos], workers, pictures_of(project)), 0
    progress = Progress(job.event_log(), job.check_stop)
    with disk_errors_in_words("making small pictures of the photos"):
        for done, (photo, seen) in enumerate(zip(photos, facts, strict=True), 1):
            if isinstance(seen, PhotoFacts) and seen.sha256 == photo.sha256:
                put_thumbnail(project, photo, seen.thumbnail)
                made += 1
            progress(done, len(photos))
    return made


def known_by_damage(project: Project, files: Iterable[LabelledFile], by_class: bool) -> dict[LabelledFile, str]:
    """Files, called whatever they are, that hold what a damaged photo held, with their SHA-256; none where none is.

    Args:
        by_class: Only those whose class is that of the damaged photo.
    """
    damaged = damaged_photos(project, set_aside_too=True)
    wanted = {(photo.sha256, photo.label if by_class else "") for photo in damaged}
    files = list(files) if damaged else []
    contents = in_threads(lambda file: content_of(file.path), files, READERS)
    found = zip(files, contents, strict=True)
    return {file: content for file, content in found if (content, file.label if by_class else "") in wanted}


def _size(path: Path | str) -> int:
    """A file's length in bytes; -1 where there is none."""
    try:
        return os.stat(path).st_size
    except OSError:
        return -1
