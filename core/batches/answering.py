"""Answer a batch: photo after photo, each with a small picture for the page, kept as they come."""

import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path

from PIL import Image

from core.base.errors import InputError
from core.base.events import FINISHED, PHASE
from core.base.threads import in_threads
from core.batches.answers import BatchRow
from core.batches.folder import BatchFolder
from core.batches.sorted_zip import SortedPhoto, write_sorted_zip
from core.jobs.progress import Progress
from core.photos.decoding import PhotoError, open_photo, photo_bytes
from core.runs.answer_table import Answer
from core.runs.predictor import Prediction, Predictor
from core.runs.run import Run
from core.sources.unlabelled import find_photos

KEEP_EVERY_S = 1.0  # what a kill can cost
THUMBNAIL_SIDE, THUMBNAIL_QUALITY = 240, 80  # pixels: sharp enough at half of that


def answer_batch(batch: BatchFolder, run: Run) -> None:
    """Answer all photos of a batch that have no answer yet; run again after a kill or a stop, it goes on.

    Raises:
        RunError: The run isn't complete, or its model is missing or damaged.
        InputError: There is no photo, or the zip is damaged.
        StorageError: The disk is full; what was answered before stays.
        StopRequested: The user stopped it; what was answered before stays.
    """
    log = batch.job.event_log()
    log.write(PHASE, name="reading", words="Looking at what came")
    predictor = Predictor(run)
    passed_over = 0 if batch.answers.is_listed() else _list_photos(batch, predictor.class_names)
    log.write(PHASE, name="predict", words="Asking the model")
    before = batch.answers.counts(0.0)
    began, done = time.monotonic(), before.answered
    progress = Progress(log, every_s=0, before=before.answered, rate=True)
    answers = in_threads(partial(_ask, predictor), batch.answers.to_do(), predictor.threads)
    for answered in _every(answers, KEEP_EVERY_S):
        batch.answers.add([row for row, _ in answered], {row.id: jpeg for row, jpeg in answered if jpeg})
        done += len(answered)
        progress(done, before.n)
        batch.job.check_stop()
    log.write(FINISHED, passed_over=passed_over, seconds=round(time.monotonic() - began, 2))


def _list_photos(batch: BatchFolder, class_names: list[str]) -> int:
    """Find what there is to answer; how many files are named like no photo."""
    request = batch.request()
    on_progress = Progress(batch.job.event_log(), batch.job.check_stop)
    if request.path:
        shutil.rmtree(batch.unpacked, ignore_errors=True)  # what a killed worker left
        batch.unpacked.mkdir()
        found = find_photos(Path(request.path), batch.unpacked, on_progress)
    else:
        found = batch.uploaded(request)
    if not found.photos and not found.left_in_archive:
        raise InputError(f"No photos were found in {request.title}.")
    batch.answers.list_photos(class_names, found.photos, found.left_in_archive)
    return found.passed_over


def _ask(predictor: Predictor, row: BatchRow) -> tuple[BatchRow, bytes | None]:
    """A row with its answer, and a small JPEG where the photo can be read."""
    try:
        data = photo_bytes(row.path)
        answer = predictor.answer(data)
        if isinstance(answer, PhotoError):
            raise answer
        return _with_answer(row, answer), small_jpeg(data)
    except PhotoError as error:
        return replace(row, error=str(error)), None


def small_jpeg(data: bytes) -> bytes:
    """A photo as a small JPEG, upright, at most THUMBNAIL_SIDE on its longer side.

    Raises:
        PhotoError: It can't be used.
    """
    image = open_photo(data, draft_size=THUMBNAIL_SIDE)
    image.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BILINEAR)
    encoded = BytesIO()
    image.save(encoded, "JPEG", quality=THUMBNAIL_QUALITY)
    return encoded.getvalue()


def _with_answer(row: BatchRow, answer: Prediction) -> BatchRow:
    return replace(
        row,
        label=answer.label,
        probability=answer.probability,
        in_distribution_score=answer.in_distribution_score,
        never_known=answer.known(0.0) is False,
        probabilities=answer.probabilities,
    )


def answer_of(row: BatchRow) -> Answer:
    """The answer that a row keeps."""
    if row.error:
        return PhotoError(row.error)
    return Prediction(row.label, row.probability, row.probabilities, row.in_distribution_score)


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


def sort_batch(batch: BatchFolder) -> None:
    """Make the zip that was asked for.

    Raises:
        StorageError: The disk is full.
        StopRequested: The user stopped it; no zip is left.
    """
    this = batch.sorted
    log, threshold = this.job.event_log(), this.threshold() or 0.0
    total = batch.answers.counts(threshold).answered
    log.write(PHASE, name="sort", words="Copying the photos into the zip")
    progress = Progress(log, this.job.check_stop)
    photos = (SortedPhoto(row.name, row.path, answer_of(row)) for row in batch.answers.answered())
    write_sorted_zip(this.zip_path, batch.answers.class_names(), photos, threshold, lambda done: progress(done, total))
    log.write(FINISHED)
