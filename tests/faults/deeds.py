"""What is done under faults: a row for each deed. To add a case, add a row."""

import io
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from core.base.events import FINISHED, QUEUED
from core.base.files import write_json
from core.feedback.entry import ModelAnswer
from core.feedback.folder import feedback_of
from core.jobs.job import Job
from core.jobs.kinds import IMPORT, OPEN, PACK
from core.jobs.worker import main as worker
from core.models.config import TrainConfig
from core.packing.folder import TransferFolder
from core.photos.kept_settings import to_keep
from core.photos.pictures import PictureSettings
from core.projects import edits
from core.projects.changes import versions
from core.projects.imports import FOLDER, PICTURES, UPLOAD, ZIP, ImportFolder, ImportRequest
from core.projects.project import Project
from core.projects.workspace import Workspace
from core.runs import trash
from core.runs.photo_places import run_photos
from core.runs.run import Run
from tests.core.reports import a_report
from tests.importing import bring, bring_folder

ATOMIC = "atomic"  # it was done or it was not
GROWING = "growing"  # photos come one after the other; those that came stay
THE_RUN = "2026-01-01 10.00.00 run"
ANSWER = ModelAnswer(THE_RUN, {"apple": 0.7, "pear": 0.3}, 0.5, True)


@dataclass(frozen=True)
class Deed:
    """One thing that a person does.

    Args:
        do: Does it, in the workspace whose folder it is given; done again after a fault, it brings what is missing.
        ready: Puts in place what it needs, before any fault.
        step: ATOMIC or GROWING.
        adds_again: Whether it would add the same once more, done where it was done before.
    """

    do: Callable[[Path], None]
    ready: Callable[[Path], object] = lambda home: None
    step: str = ATOMIC
    adds_again: bool = False


def photo(seed: int) -> bytes:
    """A drawn JPEG of 64 pixels; the same seed gives the same bytes, and no two are alike."""
    coarse = np.random.default_rng(seed).integers(0, 256, (4, 4, 3), np.uint8)
    encoded = io.BytesIO()
    Image.fromarray(coarse).resize((64, 64), Image.Resampling.BICUBIC).save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


def put_photos(folder: Path, counts: dict[str, int], seed: int) -> Path:
    """Class folders with drawn photos."""
    for label, n in counts.items():
        (folder / label).mkdir(parents=True)
        for _ in range(n):
            (folder / label / f"{label} {seed}.jpg").write_bytes(photo(seed))
            seed += 1
    return folder


def prepare(case: Path) -> None:
    """A case's folder: in `home` a project with photos, edits, a run and feedback, in `source` photos to come."""
    project = Workspace(case / "home").create("Fruit")
    bring_folder(project, put_photos(case / "first", {"apple": 4, "pear": 2, "plum": 2}, seed=0))
    shutil.rmtree(case / "first")
    shutil.rmtree(project.imports_folder)
    edits.set_aside(project, [2])
    edits.move(project, [4], "pear")
    put_run(project)
    feedback_of(project).add("said.jpg", photo(900), ANSWER, "apple")
    put_photos(case / "source", {"apple": 1, "pear": 1, "fig": 2}, seed=100)
    (case / "source" / "fig" / "broken.jpg").write_bytes(photo(300)[:200] + b"no picture")


def put_run(project: Project) -> None:
    """A finished run that nobody trained."""
    photos = run_photos(project, project.photos())
    run = Run.create(project.runs_folder / THE_RUN, TrainConfig(), photos)
    classes = ["apple", "pear", "plum"]
    write_json(run.labels_path, classes)
    run.engine_path.write_text("in place of a model")
    write_json(run.report_path, a_report(classes).to_json())
    run.job.event_log().write(FINISHED)


def fruit(home: Path) -> Project:
    """The project of the case, in the list or in the trash."""
    workspace = Workspace(home)
    return [*workspace.projects(), *workspace.trash()][0]


def the_run(home: Path) -> Run:
    """Its run, in the list or in the trash."""
    project = fruit(home)
    return [*trash.trashed_runs(project), Run(project.runs_folder / THE_RUN)][0]


def job_ready(folder: Path, kind: str) -> None:
    """A job that waits for its worker."""
    Job(folder).event_log().write(QUEUED)
    Job(folder).note_worker(kind)


def work(where: str, home: Path) -> None:
    """What the worker of a job does whose folder lies there."""
    worker(home, home / where)


IMPORT_PLACE = "projects/Fruit/imports/00000000000000000001"
PACK_PLACE, OPEN_PLACE = "going/pack Fruit", "going/open 00000000000000000001"


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


def trash_project(home: Path) -> None:
    workspace = Workspace(home)
    for project in workspace.projects():
        workspace.move_to_trash(project)


def restore_project(home: Path) -> None:
    workspace = Workspace(home)
    for project in workspace.trash():
        workspace.restore(project)


def feedback_said(home: Path) -> None:
    feedback_of(fruit(home)).add("new.jpg", photo(901), ANSWER, "pear")


def feedback_taken_back(home: Path) -> None:
    feedback = feedback_of(fruit(home))
    for entry in feedback.waiting():
        feedback.take_back(entry.sha256)


def edit(how: str, *arguments: object) -> Deed:
    """A deed of `core.projects.edits`."""
    return Deed(partial(_edit, how, arguments))


def _edit(how: str, arguments: tuple, home: Path) -> None:
    getattr(edits, how)(fruit(home), *arguments)


def _version(how: str, arguments: tuple, home: Path) -> None:
    getattr(versions, how)(fruit(home), *arguments)


def _rotated(home: Path) -> None:
    _version("rotate", ([1, 3], 1), home)


def _run_trashed(home: Path) -> None:
    trash.move_to_trash(fruit(home), the_run(home))


def _run_restored(home: Path) -> None:
    trash.restore(fruit(home), the_run(home))


def _run_described(home: Path) -> None:
    the_run(home).describe("The good one", "from the market")


def _project_created(home: Path) -> None:
    Workspace(home).create("Nuts")


def _project_renamed(home: Path) -> None:
    Workspace(home).rename(fruit(home), "Fruit and nuts")


def brought(request: Callable[[Path, ImportFolder], ImportRequest]) -> Deed:
    return Deed(partial(work, IMPORT_PLACE), partial(import_ready, request), GROWING)


DEEDS = {
    "import a folder": brought(of_folder),
    "import a zip": brought(of_zip),
    "import an upload": brought(of_upload),
    "import asks first": brought(of_question),
    "import feedback": Deed(partial(work, IMPORT_PLACE), of_feedback, GROWING),
    "read pictures anew": brought(of_pictures),
    "set aside": edit("set_aside", [1, 3, 7]),
    "restore": edit("restore", [2]),
    "move": edit("move", [1, 3, 6], "quince"),
    "rename a class": edit("rename_class", "pear", "nashi"),
    "merge classes": edit("merge_classes", ["pear", "plum"], "apple"),
    "hold out": edit("hold_out", [6, 7], "test"),
    "keep a finding": edit("keep", [6, 7], "blurred"),
    "undo": edit("undo"),
    "rotate": Deed(partial(_version, "rotate", ([1, 3], 1))),
    "crop": Deed(partial(_version, "crop", (1, (4, 4, 50, 40)))),
    "undo a rotation": Deed(partial(_edit, "undo", ()), partial(_version, "rotate", ([1, 3], 1))),
    "restore an original": Deed(
        partial(_version, "restore_original", ([1],)), partial(_version, "rotate", ([1, 3], 3))
    ),
    "redo": Deed(partial(_edit, "redo", ()), partial(_edit, "undo", ())),
    "pack": Deed(partial(work, PACK_PLACE), pack_ready),
    "open": Deed(partial(work, OPEN_PLACE), open_ready, adds_again=True),
    "make a project": Deed(_project_created),
    "rename a project": Deed(_project_renamed),
    "project to the trash": Deed(trash_project),
    "project from the trash": Deed(restore_project, trash_project),
    "name a run": Deed(_run_described),
    "run to the trash": Deed(_run_trashed),
    "run from the trash": Deed(_run_restored, _run_trashed),
    "say of an answer": Deed(feedback_said),
    "take back what was said": Deed(feedback_taken_back),
}
