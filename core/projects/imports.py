"""Bring photos into a project: a job that copies, checks and lists them, and can be run again after a kill."""

import os
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Self

from core.base.errors import InputError
from core.base.events import FINISHED, PHASE
from core.base.files import disk_errors_in_words, file_sha256
from core.base.subsets import TRAIN
from core.demo.demo_set import write_demo
from core.jobs.folder import JobFolder
from core.jobs.progress import Progress
from core.photos.appearance import Appearance
from core.photos.decoding import PhotoError
from core.photos.file_kinds import TEXT
from core.photos.inspection import PhotoFacts, inspect_all
from core.photos.labelled_photo import FEEDBACK
from core.projects.project import Photo, Project
from core.projects.project_split import add_given_subsets, compare_photos
from core.projects.storage import Storage, copy, link_or_move
from core.sources.folders import looked_at
from core.sources.labelled import Source, read_files, read_source, refuse_nothing
from core.sources.layouts import Arrangement, Incoming, LabelledFile, is_junk
from core.sources.lost_classes import none_read

BATCH, BATCH_S = 100, 1.0  # photos per database commit, and seconds between two: what a kill can cost
MAX_UPLOAD_FILES = 100_000
FOLDER, ZIP, UPLOAD, DEMO = "folder", "zip", "upload", "demo"


@dataclass(frozen=True)
class ImportRequest:
    """What to bring in.

    The kind is "folder" (copied from where it lies), "zip" (of any archive), "upload" (files already in the import's
    folder), "demo", or "feedback" (as an upload, of photos that a model had answered).
    """

    kind: str
    path: str = ""  # the folder or archive; "" for the others
    label: str = ""  # put every photo into this class; "" = read the classes from the folders
    names: dict[str, str] | None = None  # for uploads, archives among them, and feedback: name by stored file name
    labels: dict[str, str] | None = None  # for feedback, class by stored file name
    layout: str = ""  # what tells the classes, as `--layout` says it; "" = what is likely


@dataclass
class ImportSummary:
    """What came of it: numbers of photos, and (name, reason) of what is not in the project or set aside."""

    added: int = 0
    already_there: int = 0
    set_aside: int = 0
    left_out: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # sentences on how the names of an archive were read
    classes: int = 0
    lost: list[str] = field(default_factory=list)  # what is wrong with each class of which no photo came in
    seconds: float = 0.0


class ImportFolder(JobFolder):
    """One import on disk: its request, the files that were uploaded for it, and its job."""

    PREPARING = "preparing the import"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.incoming = folder / "incoming"
        self.unpacked = folder / "unpacked"

    @classmethod
    def create(cls, project: Project) -> Self:
        """Make the folder for a new import."""
        return cls.below(project.imports_folder)

    def prepare(self) -> None:
        """Make the folder, and in it the one for uploads."""
        with disk_errors_in_words(self.PREPARING):
            self.incoming.mkdir(parents=True, exist_ok=True)

    def write_request(self, request: ImportRequest) -> None:
        """Say what this import shall do."""
        self.keep_request(asdict(request))

    def request(self) -> ImportRequest:
        """What it shall do."""
        return ImportRequest(**self.kept_request())


def run_import(project: Project, this: ImportFolder, workers: int) -> ImportSummary:
    """Do what the request says: find the photos, check each in one decoding, put it in place, list it.

    Originals of a "folder" import are only read. A photo that can't be used goes to set-aside with the reason.
    What is already in the project is passed over (see `_new_among`), so a killed import can be run again.

    Raises:
        InputError: There is nothing usable; the message says how to arrange photos.
        StorageError: The disk is full; what was added before stays.
        StopRequested: The user stopped it; what was added before stays.
    """
    try:
        return _run(project, this, workers)
    finally:  # also when the disk is full: what was unpacked would only keep it so
        shutil.rmtree(this.unpacked, ignore_errors=True)


def _run(project: Project, this: ImportFolder, workers: int) -> ImportSummary:
    began, log, request = time.monotonic(), this.job.event_log(), this.request()
    log.write(PHASE, name="reading", words="Looking at what came")
    source = _find_photos(this, request)
    files = source.arrangement.files
    if source.words:
        log.write(PHASE, name="read", words=f"Read as {source.words}")
    log.write(PHASE, name="importing", words="Checking and storing the photos")
    fresh = _new_among(files, project, by_class=bool(request.label or request.labels))
    add_given_subsets(project, {file.split for file in files})
    summary = ImportSummary(already_there=len(files) - len(fresh), classes=len(source.arrangement.class_names))
    _store(project, this, fresh, summary, workers)
    log.write(PHASE, name="comparing", words="Looking for near-copies among all photos")
    compare_photos(project)
    summary.lost = _lost(project, source, dict(summary.left_out))
    summary.left_out += _left_out(source)
    summary.notes = source.notes
    summary.seconds = round(time.monotonic() - began, 2)
    shutil.rmtree(this.incoming, ignore_errors=True)
    log.write(FINISHED, **asdict(summary))
    return summary


def _store(
    project: Project, this: ImportFolder, fresh: list[LabelledFile], summary: ImportSummary, workers: int
) -> None:
    """Put new files in place and list them, batch after batch; the summary tells how many, and what can't be opened."""
    kind, done = this.request().kind, summary.already_there
    total = done + len(fresh)
    places = Storage(project, {FOLDER: copy, UPLOAD: link_or_move, FEEDBACK: link_or_move}.get(kind, os.replace))
    progress = Progress(this.job.event_log(), every_s=0, before=done, rate=True)
    for batch in _batches(_inspected(fresh, workers)):
        this.job.check_stop()
        with disk_errors_in_words("storing the photos"):
            rows, appearances = _put_all(places, batch, summary.left_out)
        if kind == FEEDBACK:
            rows = [replace(photo, origin=FEEDBACK) for photo in rows]
        project.add_rows(rows, appearances)
        unusable = sum(photo.set_aside != "" for photo in rows)
        summary.set_aside += unusable
        summary.added += len(rows) - unusable
        done += len(batch)
        progress(done, total)


def _find_photos(this: ImportFolder, request: ImportRequest) -> Source:
    if request.kind == ZIP:
        this.unpacked.mkdir(exist_ok=True)
        archive = Path(request.path)
        name = (request.names or {}).get(archive.name, archive.name)
        progress = Progress(this.job.event_log(), this.job.check_stop)
        return read_source(archive, this.unpacked, progress, name, request.layout)
    if request.kind == FOLDER:
        return read_source(Path(request.path), this.unpacked, layout=request.layout)
    if request.kind == DEMO:
        write_demo(this.incoming)
        return read_source(this.incoming, this.unpacked)
    if request.kind == FEEDBACK:
        return _answered(this, request)
    return _uploaded(this, request)


def _answered(this: ImportFolder, request: ImportRequest) -> Source:
    """Photos from feedback, each in the class that the user gave; they teach, whatever else is decided."""
    files = [
        LabelledFile(this.incoming / stored, name, request.labels[stored], TRAIN)
        for stored, name in request.names.items()
        if (this.incoming / stored).exists()  # a rerun finds some moved
    ]
    return Source(Arrangement(files))


def _uploaded(this: ImportFolder, request: ImportRequest) -> Source:
    stored = {this.incoming / stored: name for stored, name in (request.names or {}).items()}
    incoming = looked_at(
        [Incoming(path, name) for path, name in stored.items() if path.exists()]
    )  # a rerun: some moved
    where = "what was chosen"
    if not request.label:
        return read_files(Source(), incoming, where, request.layout)
    # Every photo belongs to the one class, whatever its folder was called.
    named = [item for item in incoming if not is_junk(item.name)]
    files = [LabelledFile(i.path, PurePosixPath(i.name).name, request.label) for i in named if i.is_photo]
    source = Source(Arrangement(files, ignored={i.name: i.why_not or TEXT.reason for i in named if not i.is_photo}))
    refuse_nothing(source, where)
    return source


def _new_among(files: list[LabelledFile], project: Project, by_class: bool) -> list[LabelledFile]:
    """The files that are not in the project yet: known by name and SHA-256, and by class where that is asked for.

    A photo keeps the name it came with when the user moves it or renames its class. So a folder that is brought in
    again adds only what is new; but two files of one name, brought each for a class by hand, are two.
    """
    photos = [*project.photos(), *project.photos_set_aside()]
    known = {(photo.name, photo.sha256, *([photo.label] if by_class else [])) for photo in photos}
    names = {photo.name for photo in photos}

    def is_new(file: LabelledFile) -> bool:
        if file.name not in names:
            return True
        try:
            return (file.name, file_sha256(file.path), *([file.label] if by_class else [])) not in known
        except InputError:  # it can't be opened, which the inspection will say
            return True

    return [file for file in files if is_new(file)]


Inspected = tuple[LabelledFile, PhotoFacts | PhotoError]


def _inspected(files: list[LabelledFile], workers: int) -> Iterator[Inspected]:
    return zip(files, inspect_all([file.path for file in files], workers), strict=True)


def _batches(items: Iterable[Inspected]) -> Iterator[list[Inspected]]:
    """Up to BATCH at a time, fewer when they take long."""
    batch: list[Inspected] = []
    began = time.monotonic()
    for item in items:
        batch.append(item)
        if len(batch) == BATCH or time.monotonic() - began > BATCH_S:
            yield batch
            batch, began = [], time.monotonic()
    if batch:
        yield batch


def _put_all(
    places: Storage, batch: list[Inspected], unopened: list[tuple[str, str]]
) -> tuple[list[Photo], dict[str, Appearance]]:
    """Rows of a batch and appearances by place; a file that can't even be opened has neither and goes to `unopened`."""
    rows, appearances = [], {}
    for file, facts in batch:
        try:
            photo = places.put(file, facts)
        except InputError:
            unopened.append((file.name, str(facts) if isinstance(facts, PhotoError) else "the file can't be opened"))
            continue
        rows.append(photo)
        if isinstance(facts, PhotoFacts):
            appearances[photo.file] = facts.appearance
    return rows, appearances


def _left_out(source: Source) -> list[tuple[str, str]]:
    return [*source.not_taken(), *((name, "lies in no class folder") for name in source.arrangement.loose)]


def _lost(project: Project, source: Source, unopened: dict[str, str]) -> list[str]:
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


def imports(project: Project) -> list[ImportFolder]:
    """The project's imports, newest first."""
    return [ImportFolder(folder) for folder in sorted(project.imports_folder.glob("*"), reverse=True)]
