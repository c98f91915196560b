"""What the worker can do, by name: each work reads what its folder asks for and leaves its answer there, whole."""

import importlib
import os
from collections.abc import Callable
from pathlib import Path

from core.advice.folder import AdviceFolder
from core.background_test.folder import BackgroundTestFolder
from core.background_test.testing import photos_to_test, run_background_test
from core.base.events import FINISHED, PHASE
from core.batches.answering import answer_batch, sort_batch
from core.batches.folder import BatchFolder
from core.engine.places import Places
from core.exports.folder import ExportFolder
from core.exports.formats import export_named
from core.feedback.folder import feedback_of
from core.jobs.job import Job
from core.jobs.progress import Progress, megabytes, photo_progress
from core.label_issues.folder import LabelIssuesFolder
from core.models.catalogue import base_model
from core.models.config import TrainConfig
from core.models.weights import download_weights, weights_folder
from core.packing.folder import OPEN, PACK, TransferFolder
from core.packing.pack import pack
from core.packing.unpack import unpack
from core.photo_map.folder import PhotoMapFolder
from core.photos.labelled_photo import FEEDBACK
from core.projects.edits import repair
from core.projects.imports import ImportFolder, run_import
from core.projects.photo_state import photo_state
from core.projects.project import open_project
from core.projects.project_split import split_photos
from core.projects.split import Shares
from core.projects.workspace import Workspace
from core.runs.photo_places import listed_photos, still_so, with_places_now
from core.runs.run import Run, run_photos
from core.search.folder import SearchFolder
from core.teachable_machine.answering import ask
from core.teachable_machine.folder import ExternalModelFolder, unanswered


def train_in_project(home: Path, folder: Path) -> None:
    """Train a run that lies in a project."""
    project, run = open_project(folder.parents[1]), Run(folder)
    repair(project)
    run.write_photos(with_places_now(project, run.photos()))
    training = importlib.import_module("core.training.training")  # imports need not wait for it
    training.train_run(run, Places(cache=project.cache_folder, engine=Workspace(home).engine_folder))


def import_into_project(home: Path, folder: Path) -> None:
    """Bring the photos of an import into its project."""
    project = open_project(folder.parents[1])
    repair(project)
    run_import(project, ImportFolder(folder), workers=os.cpu_count() or 2)
    feedback_of(project).tidy()


def advise_project(home: Path, folder: Path) -> None:
    """Measure what to train on a project's photos; the answer appears whole, in the end."""
    project = open_project(folder.parent)
    repair(project)
    config = TrainConfig()
    photos = split_photos(project, config.seed, Shares(config.validation_share, config.test_share))
    photos = [photo for photo in photos if photo.origin != FEEDBACK]  # bases are judged on what is measured here
    places, job = Places(cache=project.cache_folder, engine=Workspace(home).engine_folder), Job(folder)
    measured_on = photo_state(project)  # before: photos may change meanwhile
    advising = importlib.import_module("core.advice.measuring")
    AdviceFolder(folder).write(advising.advise(run_photos(project, photos), places, job), measured_on)
    job.event_log().write(FINISHED)


def search_in_project(home: Path, folder: Path) -> None:
    """Look for better settings of the head; what was tried so far is in the table after each try."""
    project, this = open_project(folder.parent), SearchFolder(folder)
    repair(project)
    seconds, plan = this.asked()
    photos = split_photos(project, plan.seed, Shares(plan.validation_share, plan.test_share))
    photos = [photo for photo in photos if photo.origin != FEEDBACK]  # in folds they would judge
    places, measured_on = Places(project.cache_folder, Workspace(home).engine_folder), photo_state(project)
    this.job.event_log().write(PHASE, name="start", words="Getting ready")  # Keras takes seconds to import
    searching = importlib.import_module("core.search.search")
    photos = run_photos(project, photos)
    searching.search(
        photos, plan, places, this.database_path, this.job, seconds, lambda table: this.write(table, measured_on)
    )
    this.job.event_log().write(FINISHED)


def background_test_in_project(home: Path, folder: Path) -> None:
    """Put a run's test photos on other backgrounds; what it answers then appears whole."""
    run, project, this = Run(folder.parent), open_project(folder.parents[2]), BackgroundTestFolder(folder)
    repair(project)
    this.job.event_log().write(PHASE, name="plate-test", words="Putting the photos on other backgrounds")
    progress = photo_progress(this.job, this.job.check_stop)
    this.write(run_background_test(run, still_so(project, photos_to_test(run)), progress))
    this.job.event_log().write(FINISHED)


def export_from_project(home: Path, folder: Path) -> None:
    """Export a run's model in the format that the job's folder is named after; the zip appears when it is checked."""
    run, project, this = Run(folder.parents[1]), open_project(folder.parents[3]), ExportFolder(folder)
    repair(project)
    this.job.event_log().write(PHASE, name="export", words="Getting ready")  # Keras takes seconds to import
    exporting = importlib.import_module("core.exports.exporting")
    photos = still_so(project, listed_photos(run))
    this.write(exporting.export(run, photos, export_named(folder.name), this.zip_path, this.job))
    this.job.event_log().write(FINISHED)


def judge_labels_in_project(home: Path, folder: Path) -> None:
    """Look for wrong labels among a project's photos; the answer appears whole, in the end."""
    project, this = open_project(folder.parent), LabelIssuesFolder(folder)
    repair(project)
    places, measured_on = Places(project.cache_folder, Workspace(home).engine_folder), photo_state(project)
    judging = importlib.import_module("core.label_issues.finding")
    this.write(*judging.judge_labels(run_photos(project, project.photos()), places, this.job), measured_on)
    this.job.event_log().write(FINISHED)


def map_project(home: Path, folder: Path) -> None:
    """Draw the map of a project's photos; it appears whole, in the end."""
    project, this = open_project(folder.parent), PhotoMapFolder(folder)
    repair(project)
    places = Places(project.cache_folder, Workspace(home).engine_folder)
    drawing = importlib.import_module("core.photo_map.layout")
    this.write(drawing.draw_map(run_photos(project, project.photos()), places, this.job))
    this.job.event_log().write(FINISHED)


def answer_batch_in_project(home: Path, folder: Path) -> None:
    """Answer the photos of a batch with one of its project's runs."""
    batch, project = BatchFolder(folder), open_project(folder.parents[1])
    answer_batch(batch, Run(project.runs_folder / batch.request().run))


def sort_answered_photos(home: Path, folder: Path) -> None:
    """Make the zip of a batch's photos, sorted by their answers."""
    sort_batch(BatchFolder(folder.parent))


def download_base(home: Path, folder: Path) -> None:
    """Download the weights of the base model that the job's folder is named after."""
    base, job = base_model(folder.name), Job(folder)
    log = job.event_log()
    progress = Progress(log, shown=lambda done, total: (megabytes(done, total)[0], base.weights_mb))
    log.write(PHASE, name="download", words=f"Downloading {base.title}")
    download_weights(base, weights_folder({"ESPALIER_HOME": str(home)}), progress, job.check_stop)
    log.write(FINISHED)


def compare_external_model(home: Path, folder: Path) -> None:
    """Read a model from elsewhere, when it is new, and ask it about the photos that a run was judged on."""
    project, this, job = open_project(folder.parents[1]), ExternalModelFolder(folder), Job(folder)
    repair(project)
    name, archive = this.asked()
    try:
        if archive is not None:
            job.event_log().write(PHASE, name="start", words="Reading the model")  # Keras takes seconds to import
            importlib.import_module("core.teachable_machine.reading").read_teachable_machine(archive, this)
    finally:
        this.upload.unlink(missing_ok=True)
    job.event_log().write(PHASE, name="foreign", words="Asking it about the test photos")
    progress = photo_progress(job, job.check_stop)
    this.add_answers(ask(this, project, unanswered(this, project, Run(project.runs_folder / name)), progress))
    job.event_log().write(FINISHED)


def pack_project(home: Path, folder: Path) -> None:
    """Write a project into a zip in the job's folder."""
    going, job = TransferFolder(folder), Job(folder)
    going.clear()
    project = Workspace(home).open(going.asked()[0])
    job.event_log().write(PHASE, name=PACK, words="Packing")
    left = pack(project, going.archive, Progress(job.event_log(), job.check_stop, shown=megabytes)).left
    job.event_log().write(FINISHED, outcome=going.archive.name, left=left)


def open_packed_project(home: Path, folder: Path) -> None:
    """Open a project from a zip; one that was uploaded for it is removed, however this ends."""
    going, job = TransferFolder(folder), Job(folder)
    going.clear()
    job.event_log().write(PHASE, name=OPEN, words="Opening")
    try:
        project = unpack(
            Path(going.asked()[0]), Workspace(home), folder, Progress(job.event_log(), job.check_stop, shown=megabytes)
        )
        job.event_log().write(FINISHED, outcome=project.id)
    finally:
        going.upload.unlink(missing_ok=True)


WORKS: dict[str, Callable[[Path, Path], None]] = {
    "train": train_in_project,
    "import": import_into_project,
    "advise": advise_project,
    "download": download_base,
    "search": search_in_project,
    "plate-test": background_test_in_project,
    "export": export_from_project,
    "labels": judge_labels_in_project,
    "map": map_project,
    "foreign": compare_external_model,
    PACK: pack_project,
    OPEN: open_packed_project,
    "predict": answer_batch_in_project,
    "sort": sort_answered_photos,
}
