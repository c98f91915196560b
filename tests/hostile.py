"""A project in which everything is called so that Markdown, HTML or LaTeX in it would do harm, errors included."""

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

from PIL import Image

from core.advice.folder import advice_of
from core.base.events import FAILED, FINISHED, QUEUED
from core.batches.folder import FILES, BatchFolder, BatchRequest
from core.batches.job import answer_batch
from core.engine.places import Places
from core.exports.folder import export_of
from core.exports.formats import EXPORT_FORMATS
from core.feedback.entry import ModelAnswer
from core.feedback.folder import feedback_of
from core.label_issues.folder import labels_of
from core.photo_map.folder import map_of
from core.projects.imports import ZIP, ImportFolder, ImportRequest, run_import
from core.projects.project import Project
from core.projects.workspace import Workspace
from core.runs.run import Run
from core.search.folder import search_of
from core.teachable_machine.folder import new_external_model
from tests.pages.conftest import draw_photos, new_run

HOSTILE = "![x](https:evil.example) $a^2$ :red[x] <img src=x> `z` *i* :material_lock: :bug: -> www.x.de"


def make_workspace(home: Path, engine: Path) -> Project:
    """A workspace with such a project, a run, and one that failed; `engine` has the built-in base. Takes seconds."""
    from core.training.training import train_run

    workspace = Workspace(home)
    shutil.copytree(engine, workspace.engine_folder)
    project = workspace.create("Strange")
    project.keep_setting("title", HOSTILE)  # as a zip of a project may say
    import_photos(project, home.parent)
    run = new_run(project)
    train_run(run, Places(project.cache_folder, workspace.engine_folder))
    run.keep_about(HOSTILE, HOSTILE)
    failed = new_run(project, "a failed run")
    failed.keep_about(HOSTILE, "")
    fail(failed.job)
    fail_all_jobs(project, run)
    say_of_a_photo(project, run)
    ask_about_many(project, run, home.parent / "photos.zip")
    workspace.create("Damaged").database_path.write_bytes(b"no list of photos")
    return project


def import_photos(project: Project, folder: Path) -> None:
    """Two classes; one file is no photo, and one is a damaged one."""
    draw_photos(folder / "drawn", per_class=12)
    packed, image = folder / "photos.zip", "![x](http://evil.example/a.png)"
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted((folder / "drawn").rglob("*.png")):
            archive.write(path, f"{path.parent.name} {HOSTILE}/{HOSTILE} {path.name}")
        archive.writestr(f"disc {HOSTILE}/{image}.txt", "no photo")
        archive.writestr(f"disc {HOSTILE}/{image} {HOSTILE}.png", b"\x89PNG\r\n\x1a\n damaged")
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(ZIP, str(packed)))
    run_import(project, this, workers=2)


def fail(job: Any) -> None:
    """A job that ended with a message that has a name in it."""
    events = job.event_log()
    events.write(QUEUED)
    events.write(FAILED, message=f"{HOSTILE} can't be read.")


def fail_all_jobs(project: Project, run: Run) -> None:
    """The last job of each kind that has a page failed."""
    folders = [advice_of(project), labels_of(project), map_of(project), search_of(project)]
    for this in (*folders, export_of(run, EXPORT_FORMATS[0]), new_external_model(project, HOSTILE)):
        this.folder.mkdir(parents=True, exist_ok=True)
        fail(this.job)


def ask_about_many(project: Project, run: Run, photos: Path) -> None:
    """A batch on the page Try it, that came as files."""
    batch = BatchFolder.create(project)
    batch.write_request(BatchRequest(run.name, f"{HOSTILE}.zip", str(photos), way=FILES))
    answer_batch(batch, run)
    batch.job.event_log().write(FINISHED)


def say_of_a_photo(project: Project, run: Run) -> None:
    """A photo waits on the Feedback page."""
    photo = io.BytesIO()
    Image.new("RGB", (80, 60), (20, 90, 160)).save(photo, "PNG")
    answer = ModelAnswer(run.name, dict(zip(project.class_counts(), (0.6, 0.4), strict=True)), 0.5, True)
    feedback_of(project).add(f"{HOSTILE}.png", photo.getvalue(), answer, "")
