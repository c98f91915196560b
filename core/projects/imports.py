"""Bring photos into a project: a job that copies, checks and lists them, and can be run again after a kill."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any, Self

from core.base import disk
from core.base.errors import InputError
from core.base.events import FINISHED, PHASE
from core.base.files import disk_errors_in_words, write_json
from core.base.records import Record, kept
from core.base.subsets import TRAIN
from core.demo.demo_set import write_demo
from core.jobs.folder import JobFolder
from core.jobs.job import State
from core.jobs.progress import Progress
from core.photos.file_kinds import TEXT
from core.photos.kept_settings import as_kept
from core.photos.labelled_photo import FEEDBACK
from core.photos.pictures import PictureSettings
from core.projects.database.relisting import relist
from core.projects.edits import checked_label
from core.projects.import_question import ImportQuestion, question_about
from core.projects.import_storing import ImportSummary, lost_in_import, new_among, store
from core.projects.photo_files import make_lost_thumbnails, mend
from core.projects.picture_settings import pictures_of, settle
from core.projects.project import Project
from core.projects.project_split import add_given_subsets, compare_photos
from core.projects.storage import Storage, copy, link_or_copy_anew
from core.sources.folders import looked_at
from core.sources.labelled import Brought, Source, as_named, gather, proposal_for, read_files, refuse_nothing
from core.sources.layouts import Arrangement, Incoming, LabelledFile, is_junk

MAX_UPLOAD_FILES = 100_000
FOLDER, ZIP, UPLOAD, DEMO, PICTURES, RELIST = "folder", "zip", "upload", "demo", "pictures", "relist"
ASKS = "asks"  # in the FINISHED event of an import that waits for an answer


@dataclass(frozen=True)
class ImportRequest(Record):
    """What to bring in.

    The kind is "folder" (copied from where it lies), "zip" (of any archive), "upload" (files already in the import's
    folder), "demo", "feedback" (as an upload, of photos that a model had answered), "pictures" (nothing is brought
    in: those here are read in another way), or "relist" (nor then: what lies here is listed again, after a repair).
    """

    kind: str
    path: str = ""  # the folder or archive; "" for the others
    label: str = ""  # put every photo into this class; "" = read the classes from the folders
    names: dict[str, str] | None = None  # for uploads, archives among them, and feedback: name by stored file name
    labels: dict[str, str] | None = None  # for feedback, class by stored file name
    asks: bool = False  # store nothing, but keep the question how to read what came
    names_of_classes: dict[str, str] | None = None  # what the user calls a class, "" to leave it out, by what was read
    pictures: dict[str, Any] | None = None  # for pictures, the settings, without the stretch, which is measured
    layout: str = ""  # what tells the classes, as `--layout` says it; "" = what is likely


class ImportFolder(JobFolder[ImportQuestion]):
    """One import on disk: its request, the files that were uploaded for it, its question and its job."""

    PREPARING = "preparing the import"
    RESULT = "question.json"
    RECORD = ImportQuestion

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.incoming = folder / "incoming"
        self.unpacked = folder / "unpacked"
        self.gathered = folder / "unpacked.json"  # what is in there
        self.samples = folder / "samples"

    @classmethod
    def create(cls, project: Project) -> Self:
        """Make the folder for a new import."""
        return cls.below(project.imports_folder)

    def prepare(self) -> None:
        """Make the folder, and in it the one for uploads."""
        with disk_errors_in_words(self.PREPARING):
            disk.make_folder(self.incoming)

    def write_request(self, request: ImportRequest) -> None:
        """Say what this import shall do, once what was uploaded for it is on the disk."""
        with disk_errors_in_words(self.PREPARING):
            disk.sync_files(self.incoming.glob("*"))
        self.keep_request(asdict(request))

    def request(self) -> ImportRequest:
        """What it shall do; InputError where that is missing or damaged."""
        if request := kept(self.request_path, ImportRequest.from_json):
            return request
        raise InputError("What was brought in here (request.json) can't be read any more. Bring it in again.")

    def answer(self, layout: str, names_of_classes: dict[str, str]) -> None:
        """Say which reading is meant and what its classes are called, "" for one that is left out.

        Raises:
            InputError: A name can't be one, no class is left, or nothing is asked any more.
        """
        names = {read: checked_label(name) if name else "" for read, name in names_of_classes.items()}
        question = self.question()
        if question is None:
            raise InputError("This was answered or taken back already, perhaps in another window.")
        classes = next((reading.classes for reading in question.readings if reading.layout == layout), {})
        if classes and not any(names.get(label, label) for label in classes):
            raise InputError("No class is left to bring in. Choose one at least.")
        self.write_request(replace(self.request(), asks=False, layout=layout, names_of_classes=names))

    def question(self) -> ImportQuestion | None:
        """How to read what came, while it waits for an answer."""
        if not self.result_path.exists():  # of most imports, whose events needn't be read
            return None
        if self.job.state() is not State.FINISHED:
            return None
        last = next((event for event in reversed(self.job.events()) if event["event"] == FINISHED), {})
        return self.read() if last.get(ASKS) else None

    def discard(self) -> None:
        """Take back an import of which nothing was stored: what was uploaded for it goes, originals stay."""
        disk.remove_folder(self.folder)


def run_import(
    project: Project, this: ImportFolder, workers: int, parts: Mapping[str, str] | None = None
) -> ImportSummary:
    """Do what the request says: find the photos, check each in one decoding, put it in place, list it.

    Originals of a "folder" import are only read. A photo that can't be used goes to set-aside with the reason.
    What is already in the project is passed over (see `new_among`), so a killed import can be run again. Where the
    request asks for it nothing is stored, but the question is kept how to read what came.

    `parts` is for "relist" alone: the subset that photos had in runs, by SHA-256.

    Raises:
        LayoutQuestion: What came can be read in several ways, and the request neither asks nor says which is meant.
        InputError: There is nothing usable; the message says how to arrange photos.
        StorageError, StopRequested: The disk is full, or the user stopped it; what was added before stays.
    """
    asks = False
    try:
        request = this.request()
        this.job.event_log().write(PHASE, name="reading", words="Looking at what came")
        if request.asks:
            _ask(this, request, workers, pictures_of(project))
            asks = True
            return ImportSummary()
        if request.kind == PICTURES:
            return _read_otherwise(project, this, request, workers)
        if request.kind == RELIST:
            return relist(project, this.job, workers, parts or {})
        return _run(project, this, request, workers)
    finally:  # also when the disk is full: what was unpacked would only keep it so
        if not asks:
            disk.remove_folder(this.unpacked)


def _ask(this: ImportFolder, request: ImportRequest, workers: int, settings: PictureSettings) -> None:
    """Keep the question how to read what came, and what was unpacked for it."""
    brought = _gathered(this, request)
    question = question_about(brought, proposal_for(brought), this.samples, workers, settings)
    this.job.check_stop()  # nothing above but unpacking looks for it
    if request.kind == ZIP:
        with disk_errors_in_words("unpacking the archive"):
            disk.sync_tree(this.unpacked)  # the answer may come after a power cut
            write_json(this.gathered, brought.to_json())
    this.write(question)
    this.job.event_log().write(FINISHED, **{ASKS: True})


def _run(project: Project, this: ImportFolder, request: ImportRequest, workers: int) -> ImportSummary:
    began, log = time.monotonic(), this.job.event_log()
    source = as_named(_find_photos(this, request), request.names_of_classes or {})
    files = [*source.arrangement.files, *source.arrangement.unlabelled]
    log.write(PHASE, name="importing", words="Checking and storing the photos")
    fresh, known = new_among(files, project, by_class=bool(request.label or request.labels))
    add_given_subsets(project, {file.split for file in files})
    mended = mend(project, this.job, known)
    n_known = max(0, len(files) - len(fresh) - mended)
    summary = ImportSummary(already_there=n_known, mended=mended, classes=len(source.arrangement.class_names))
    bring = {FOLDER: copy, UPLOAD: link_or_copy_anew, FEEDBACK: link_or_copy_anew}.get(request.kind, disk.move)
    places = Storage(project, bring, FEEDBACK if request.kind == FEEDBACK else "")
    store(project, this.job, fresh, places, summary, workers)
    summary.read_anew = settle(project, this.job, workers)
    make_lost_thumbnails(project, this.job, workers)
    compare_photos(project, this.job)
    summary.lost = lost_in_import(project, source, dict(summary.left_out))
    summary.left_out += _left_out(source)
    summary.notes, summary.words = source.notes, source.words
    summary.seconds = round(time.monotonic() - began, 2)
    for no_longer_needed in (this.incoming, this.samples):
        disk.remove_folder(no_longer_needed)
    log.write(FINISHED, **asdict(summary))
    return summary


def _read_otherwise(project: Project, this: ImportFolder, request: ImportRequest, workers: int) -> ImportSummary:
    """Read the pictures that are here as the request says."""
    began, log = time.monotonic(), this.job.event_log()
    try:
        wanted = as_kept(request.pictures or {})
    except ValueError as error:
        raise InputError("These picture settings can't be used. Choose them once more on the Photos page.") from error
    summary = ImportSummary(read_anew=settle(project, this.job, workers, wanted))
    summary.read_anew += make_lost_thumbnails(project, this.job, workers)
    if summary.read_anew:
        compare_photos(project, this.job)
    summary.seconds = round(time.monotonic() - began, 2)
    log.write(FINISHED, **asdict(summary))
    return summary


def _find_photos(this: ImportFolder, request: ImportRequest) -> Source:
    if request.kind == FEEDBACK:
        return _answered(this, request)
    brought = _gathered(this, request)
    if request.label:
        return _of_one_class(brought, request.label)
    try:
        return read_files(brought, request.layout)
    except InputError as error:
        if request.names_of_classes is None:  # nobody was asked
            raise
        raise InputError(
            f"{brought.name} has changed since you were asked how to read it, and can't be read so any more. "
            "Bring it in again to see how it is read now."
        ) from error


def _gathered(this: ImportFolder, request: ImportRequest) -> Brought:
    if request.kind == ZIP:
        return _unpacked(this, request)
    if request.kind == FOLDER:
        return gather(Path(request.path), this.unpacked)
    if request.kind == DEMO:
        this.job.event_log().write(PHASE, name="drawing", words="Drawing the pictures")
        write_demo(this.incoming, on_progress=Progress(this.job.event_log(), this.job.check_stop))
        return gather(this.incoming, this.unpacked)
    stored = {this.incoming / stored: name for stored, name in (request.names or {}).items()}
    came = [Incoming(path, name) for path, name in stored.items() if path.exists()]  # a rerun finds some moved
    return Brought("what was chosen", looked_at(came))


def _unpacked(this: ImportFolder, request: ImportRequest) -> Brought:
    """What is in an archive; what was unpacked for the question is used once, since storing moves it away."""
    if this.gathered.exists() and this.unpacked.is_dir():
        brought = kept(this.gathered, Brought.from_json)
        disk.remove(this.gathered)
        disk.sync_folder(this.folder)  # before files leave: a list that a power cut brings back would miss them
        # Elsewhere lie those of a project of which this is a copy.
        if brought is not None and all(file.path.is_relative_to(this.unpacked) for file in brought.files):
            return brought
    disk.remove_folder(this.unpacked)
    this.unpacked.mkdir()
    archive = this.own(request.path)
    name = (request.names or {}).get(archive.name, archive.name)
    return gather(archive, this.unpacked, Progress(this.job.event_log(), this.job.check_stop), name)


def _answered(this: ImportFolder, request: ImportRequest) -> Source:
    """Photos from feedback, each in the class that the user gave; they teach, whatever else is decided."""
    files = [
        LabelledFile(this.incoming / stored, name, request.labels[stored], TRAIN)
        for stored, name in request.names.items()
        if (this.incoming / stored).exists()  # a rerun finds some moved
    ]
    return Source(Arrangement(files))


def _of_one_class(brought: Brought, label: str) -> Source:
    """Every photo belongs to the one class, whatever its folder was called."""
    named = [item for item in brought.files if not is_junk(item.name)]
    files = [LabelledFile(i.path, PurePosixPath(i.name).name, label) for i in named if i.is_photo]
    source = Source(Arrangement(files, ignored={i.name: i.why_not or TEXT.reason for i in named if not i.is_photo}))
    refuse_nothing(source, brought.name)
    return source


def _left_out(source: Source) -> list[tuple[str, str]]:
    return [*source.not_taken(), *((name, "lies in no class folder") for name in source.arrangement.loose)]


def imports(project: Project) -> list[ImportFolder]:
    """The project's imports, newest first."""
    return [ImportFolder(folder) for folder in sorted(project.imports_folder.glob("*"), reverse=True)]


def waiting_import(project: Project) -> ImportFolder | None:
    """The newest import that waits for an answer; photos from feedback may have come in after it."""
    return next((this for this in imports(project) if this.question()), None)
