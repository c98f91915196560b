"""Jobs that take a blink, each with what it needs to begin."""

import hashlib
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from core.base.events import QUEUED
from core.base.files import disk_errors_in_words
from core.feedback.folder import feedback_of
from core.jobs.job import Job
from core.jobs.kinds import DOWNLOAD, IMPORT, OPEN, PACK
from core.jobs.worker import main as worker
from core.models import download_job
from core.models.catalogue import base_model
from core.packing.folder import TransferFolder
from core.photos.kept_settings import to_keep
from core.photos.pictures import PictureSettings
from core.projects.imports import FOLDER, PICTURES, UPLOAD, ZIP, ImportFolder, ImportRequest
from tests.faults.case import fruit
from tests.importing import bring


def job_ready(folder: Path, kind: str) -> None:
    """A job that waits for its worker."""
    Job(folder).event_log().write(QUEUED)
    Job(folder).note_worker(kind)


def work(where: str, home: Path) -> None:
    """What the worker of a job does whose folder lies there."""
    worker(home, home / where)


IMPORT_PLACE = "projects/Fruit/imports/00000000000000000001"
PACK_PLACE, OPEN_PLACE = "going/pack Fruit", "going/open 00000000000000000001"
DOWNLOADED = "mobilenetv2"
DOWNLOAD_PLACE = f"downloads/{DOWNLOADED}"
WEIGHTS = b"weights" * 100_000


def import_ready(request: Callable[[Path, ImportFolder], ImportRequest], home: Path) -> None:
    """An import that waits for its worker."""
    this = ImportFolder(home / IMPORT_PLACE)
    this.prepare()
    this.write_request(request(home, this))
    job_ready(this.folder, IMPORT.name)


def of_folder(home: Path, this: ImportFolder) -> ImportRequest:
    return ImportRequest(FOLDER, str(home.parent / "source"))


def of_zip(home: Path, this: ImportFolder) -> ImportRequest:
    source, archive = home.parent / "source", home.parent / "source.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for path in sorted(source.rglob("*.jpg")):
            opened.write(path, path.relative_to(source))
    return ImportRequest(ZIP, str(archive))


def of_upload(home: Path, this: ImportFolder) -> ImportRequest:
    names = {}
    for number, path in enumerate(sorted((home.parent / "source").rglob("*.jpg"))):
        shutil.copyfile(path, this.incoming / f"{number:06d}.jpg")
        names[f"{number:06d}.jpg"] = path.name
    return ImportRequest(UPLOAD, label="fig", names=names)


def of_question(home: Path, this: ImportFolder) -> ImportRequest:
    return ImportRequest(ZIP, of_zip(home, this).path, asks=True)


def asked_and_answered(home: Path) -> None:
    this = ImportFolder(home / IMPORT_PLACE)
    if this.request().asks and this.question() is None:
        work(IMPORT_PLACE, home)
        if this.question() is None:  # a fault kept it from asking, which the job says
            return
    if question := this.question():
        this.answer(question.readings[0].layout, {})
        with disk_errors_in_words("starting the work"):  # as whoever submits it
            job_ready(this.folder, IMPORT.name)
    work(IMPORT_PLACE, home)


def of_pictures(home: Path, this: ImportFolder) -> ImportRequest:
    """Two deep pictures are there, and the profiles are no longer to be heeded."""
    deep = home.parent / "deep" / "apple"
    deep.mkdir(parents=True)
    for number, highest in enumerate((900, 3000)):
        pixels = np.random.default_rng(number).integers(0, highest, (64, 64), np.uint16)
        Image.fromarray(pixels).save(deep / f"{number}.png")
    bring(fruit(home), ImportRequest(FOLDER, str(deep.parent)), ImportFolder.create(fruit(home)))
    return ImportRequest(PICTURES, pictures=to_keep(PictureSettings(profiles=False)))


def of_feedback(home: Path) -> None:
    feedback = feedback_of(fruit(home))
    this = feedback.put_into_project(feedback.waiting())
    this.folder.rename(home / IMPORT_PLACE)
    job_ready(home / IMPORT_PLACE, IMPORT.name)


def pack_ready(home: Path) -> None:
    this = TransferFolder(home / PACK_PLACE)
    this.prepare()
    this.write_request("Fruit", "Fruit")
    job_ready(this.folder, PACK.name)


def open_ready(home: Path) -> None:
    """The project was packed, and is opened beside itself."""
    pack_ready(home)
    worker(home, home / PACK_PLACE)
    archive = shutil.move(home / PACK_PLACE / "Fruit.zip", home.parent / "packed.zip")
    shutil.rmtree(home / PACK_PLACE)
    this = TransferFolder(home / OPEN_PLACE)
    this.prepare()
    this.write_request(str(archive), "Fruit")
    job_ready(this.folder, OPEN.name)


def download_ready(home: Path) -> None:
    (home.parent / "server").write_bytes(WEIGHTS)
    (home / DOWNLOAD_PLACE).mkdir(parents=True)
    job_ready(home / DOWNLOAD_PLACE, DOWNLOAD.name)


def downloaded(home: Path) -> None:
    """From a file in place of a server, of which the catalogue holds the checksum."""
    row, url = base_model(DOWNLOADED), (home.parent / "server").as_uri()
    digest = hashlib.sha256(WEIGHTS).hexdigest()
    weights = replace(row.weights, url=url, hash=digest, bytes=len(WEIGHTS), cached_as=row.weights.file)
    download_job.base_model = {DOWNLOADED: replace(row, weights=weights)}.get
    work(DOWNLOAD_PLACE, home)
