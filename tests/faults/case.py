"""The project of a case: photos, edits, a run and feedback, and photos to come."""

import io
import shutil
from pathlib import Path

import numpy as np
from PIL import Image

from core.base.events import FINISHED
from core.base.files import write_json
from core.feedback.entry import ModelAnswer
from core.feedback.folder import feedback_of
from core.models.config import TrainConfig
from core.projects import edits
from core.projects.project import Project
from core.projects.workspace import Workspace
from core.runs import trash
from core.runs.photo_places import run_photos
from core.runs.run import Run
from tests.core.reports import a_report
from tests.importing import bring_folder

THE_RUN = "2026-01-01 10.00.00 run"
ANSWER = ModelAnswer(THE_RUN, {"apple": 0.7, "pear": 0.3}, 0.5, True)


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
