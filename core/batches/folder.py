"""A batch: many photos that a run is asked about in one go. A folder below the project's `batches`, kept here."""

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from core.base import checksums, disk
from core.base.errors import InputError
from core.base.files import disk_errors_in_words, move_into
from core.base.records import LEFT_OUT, Record, kept
from core.batches.answers import BatchAnswers
from core.jobs.folder import JobFolder
from core.jobs.numbers import number_of
from core.projects.project import Project
from core.sources.folders import looked_at
from core.sources.layouts import Incoming
from core.sources.unlabelled import FoundPhotos, chosen

BEGUN = "begun"  # in the request: Unix seconds
WAYS = (FILES, FOLDER, PATH) = ("files", "folder", "path")  # picked one by one; a folder or archive sent; where it lies
LATEST = 4e9  # the year 2096: a later one is damage, which no calendar may choke on


@dataclass(frozen=True)
class BatchRequest(Record):
    """What is asked.

    Args:
        run: The name of the run in the project.
        title: What the photos are called on screen, such as "holiday.zip".
        path: The folder or archive; "" for uploads, which lie in the batch's own folder.
        names: For uploads, name by stored file name.
        way: How they came, one of WAYS; "" in those of an earlier version, where `BatchFolder.way` says it.
    """

    run: str
    title: str
    path: str = ""
    names: dict[str, str] | None = None
    way: str = field(default="", metadata=LEFT_OUT)


class BatchFolder(JobFolder):
    """One batch on disk."""

    PREPARING = "preparing to ask"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.incoming = folder / "incoming"
        self.unpacked = folder / "unpacked"
        self.answers = BatchAnswers(folder / "answers.db")
        self.csv_path = folder / "answers.csv"
        self.sorted = SortedZipFolder(folder / "sorted")

    @classmethod
    def create(cls, project: Project) -> Self:
        """Make the folder of a new batch."""
        return cls.below(_batches(project))

    def prepare(self) -> None:
        """Make the folder, and in it the one for uploads."""
        with disk_errors_in_words(self.PREPARING):
            disk.make_folder(self.incoming)

    @property
    def begun(self) -> float:
        """When it was asked, in Unix seconds, 0.0 if that is unknown; the order of batches is that of their names."""
        request = self.kept_request()
        begun = request.get(BEGUN) if isinstance(request, dict) else None
        if isinstance(begun, int | float):
            return min(max(0.0, begun), LATEST)
        return 0.0 if number_of(self.folder) else int(self.folder.name.split(" ")[0]) / 1e9  # of an earlier version

    @property
    def title(self) -> str:
        """What the photos are called on screen."""
        try:
            return self.request().title
        except InputError:
            return "photos"

    @property
    def way(self) -> str:
        """How its photos came, one of WAYS."""
        try:
            request = self.request()
        except InputError:
            return FOLDER
        if request.way in WAYS:
            return request.way
        is_sent = request.names is not None or self.own(request.path).is_relative_to(self.folder)
        return FOLDER if is_sent else PATH

    @property
    def dated_title(self) -> str:
        """Its title with when it was begun, to the second: the browser knows a choice by its words."""
        return f"{self.title}, {time.strftime('%d %B, %H:%M:%S', time.localtime(self.begun))}"

    def uploaded(self, request: BatchRequest) -> FoundPhotos:
        """The photos among the uploads."""
        names = (request.names or {}).items()
        return chosen(looked_at([Incoming(self.incoming / stored, name) for stored, name in names]))

    def write_request(self, request: BatchRequest) -> None:
        """Say what is asked, once what was uploaded for it is on the disk."""
        with disk_errors_in_words(self.PREPARING):
            disk.sync_files(self.incoming.glob("*"))
        self.keep_request({**request.to_json(), BEGUN: time.time()})

    def request(self) -> BatchRequest:
        """What is asked; InputError where it can't be read."""
        request = kept(self.request_path, BatchRequest.from_json)
        if request is None:
            raise InputError("What was asked here can't be read any more. Ask again.")
        return request


class SortedZipFolder(JobFolder):
    """The zip with a batch's photos in class folders, made by a job of its own: a folder below the batch."""

    PREPARING = "preparing the zip"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.zip_path = folder / "sorted.zip"

    def write_request(self, threshold: float) -> None:
        """Ask for it, with the in-distribution score up to which a photo is not sure, 0..1; an older zip goes."""
        self.prepare()
        checksums.unseal(self.zip_path)
        disk.remove(self.zip_path)
        self.keep_request({"refused": threshold})

    def threshold(self) -> float | None:
        """What it was asked for with, None when it never was."""
        try:
            return float(self.asked_for(refused=float)[0])
        except InputError:
            return None


def batches(project: Project) -> list[BatchFolder]:
    """A project's batches, newest first."""
    return _batches_in(_batches(project))


def removed_batches(project: Project) -> list[BatchFolder]:
    """Those in its trash, newest first."""
    return _batches_in(_trash(project))


def remove(project: Project, batch: BatchFolder) -> None:
    """Move a batch to the project's trash; `bring_back` undoes it. InputError while it is still going on."""
    if any(job.state().is_active for job in (batch.job, batch.sorted.job)):
        raise InputError("These photos are still being worked on. Wait for it or stop it first.")
    with disk_errors_in_words("removing the answers"):
        move_into(_trash(project), batch.folder)


def bring_back(project: Project, batch: BatchFolder) -> BatchFolder:
    """Move a batch out of the trash again."""
    with disk_errors_in_words("bringing the answers back"):
        return BatchFolder(move_into(_batches(project), batch.folder))


def _batches_in(folder: Path) -> list[BatchFolder]:
    found = [BatchFolder(child) for child in folder.iterdir()] if folder.is_dir() else []
    return sorted(
        (batch for batch in found if batch.request_path.exists()), key=lambda batch: batch.folder.name, reverse=True
    )


def _batches(project: Project) -> Path:
    return project.folder / "batches"


def _trash(project: Project) -> Path:
    return project.folder / "trash" / "batches"
