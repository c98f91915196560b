"""The jobs that answer a batch, photo after photo, each kept with a small picture as they come, and that sort it."""

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from core.base import checksums, disk
from core.base.errors import InputError
from core.base.events import FINISHED, PHASE
from core.base.files import disk_errors_in_words
from core.base.threads import in_threads
from core.batches.answers import THUMBNAIL_SIDE, BatchRow
from core.batches.folder import BatchFolder, SortedZipFolder
from core.batches.sorted_zip import SortedPhoto, write_sorted_zip
from core.jobs.progress import Progress
from core.photos.apart.decoders import Decoders
from core.photos.decoding import PhotoError, photo_bytes
from core.photos.inspection import small_jpeg_and_hash
from core.projects.project import open_project
from core.runs.predictor import Predictor
from core.runs.run import Run
from core.sources.unlabelled import find_photos

KEEP_EVERY_S = 1.0  # what a kill can cost


def answer(home: Path, batch: BatchFolder) -> None:
    """Answer the photos of a batch with one of its project's runs."""
    project = open_project(batch.folder.parents[1])
    answer_batch(batch, Run(project.runs_folder / batch.request().run))


def answer_batch(batch: BatchFolder, run: Run) -> None:
    """Answer all photos of a batch that have no answer yet; run again after a kill or a stop, it goes on.

    Raises:
        RunError: The run isn't complete, or its model is missing or damaged.
        InputError: There is no photo, or the archive can't be read.
        StorageError: The disk is full; what was answered before stays.
        StopRequested: The user stopped it; what was answered before stays.
    """
    log = batch.job.event_log()
    log.write(PHASE, name="reading", words="Looking at what came")
    with Decoders() as decoders:
        _answer_all(batch, Predictor(run, decoders), decoders)


def _answer_all(batch: BatchFolder, predictor: Predictor, decoders: Decoders) -> None:
    log = batch.job.event_log()
    passed_over = 0 if batch.answers.is_listed() else _list_photos(batch, predictor.class_names)
    log.write(PHASE, name="predict", words="Asking the model")
    before = batch.answers.counts(0.0)
    began, done = time.monotonic(), before.answered
    progress = Progress(log, every_s=0, before=before.answered, rate=True)
    answers = in_threads(partial(_ask, predictor, decoders), batch.answers.to_do(), predictor.threads)
    for answered in _every(answers, KEEP_EVERY_S):
        batch.answers.add(
            [each.row for each in answered],
            {each.row.id: each.jpeg for each in answered if each.jpeg},
            {each.row.id: (each.sha256, each.phash) for each in answered if each.jpeg},
        )
        done += len(answered)
        progress(done, before.n)
        batch.job.check_stop()
    log.write(FINISHED, passed_over=passed_over, seconds=round(time.monotonic() - began, 2))


def _list_photos(batch: BatchFolder, class_names: list[str]) -> int:
    """Find what there is to answer; how many files are named like no photo."""
    request = batch.request()
    on_progress = Progress(batch.job.event_log(), batch.job.check_stop)
    if request.path:
        disk.remove_folder(batch.unpacked)  # what a killed worker left
        batch.unpacked.mkdir()
        found = find_photos(Path(request.path), batch.unpacked, on_progress, request.title)
        with disk_errors_in_words("unpacking the archive"):
            disk.sync_tree(batch.unpacked)  # the table names these files, and they are shown and sorted later
    else:
        found = batch.uploaded(request)
    if not found.photos and not found.left_in_archive:
        raise InputError(f"No photos were found in {request.title}.")
    batch.answers.list_photos(class_names, found.photos, found.left_in_archive)
    return found.passed_over


@dataclass(frozen=True)
class _Answered:
    """A row with its answer and, where the photo can be read, a small JPEG, SHA-256 and perceptual hash."""

    row: BatchRow
    jpeg: bytes = b""
    sha256: str = ""
    phash: bytes = b""


def _ask(predictor: Predictor, decoders: Decoders, row: BatchRow) -> _Answered:
    try:
        data = photo_bytes(row.path)
        answer = predictor.answer(data)
        if isinstance(answer, PhotoError):
            return _Answered(replace(row, answer=answer))
        jpeg, phash = decoders.call(small_jpeg_and_hash, data, THUMBNAIL_SIDE, predictor.pictures)
        return _Answered(replace(row, answer=answer), jpeg, hashlib.sha256(data).hexdigest(), phash)
    except PhotoError as error:
        return _Answered(replace(row, answer=error))


def _every(items: Iterator, seconds: float) -> Iterator[list]:
    """The items in lists, each of what came in so many seconds."""
    batch: list = []
    began = time.monotonic()
    for item in items:
        batch.append(item)
        if time.monotonic() - began >= seconds:
            yield batch
            batch, began = [], time.monotonic()
    if batch:
        yield batch


def sort(home: Path, this: SortedZipFolder) -> None:
    """Make the zip of a batch's photos, sorted by their answers.

    Raises:
        StorageError: The disk is full.
        StopRequested: The user stopped it; no zip is left.
    """
    answers = BatchFolder(this.folder.parent).answers
    log, threshold = this.job.event_log(), this.threshold() or 0.0
    total = answers.counts(threshold).answered
    log.write(PHASE, name="sort", words="Copying the photos into the zip")
    progress = Progress(log, this.job.check_stop)
    photos = (SortedPhoto(row.name, row.path, row.answer) for row in answers.answered())
    write_sorted_zip(this.zip_path, answers.class_names(), photos, threshold, lambda done: progress(done, total))
    checksums.seal(this.zip_path)
    log.write(FINISHED)
