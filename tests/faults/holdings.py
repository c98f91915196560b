"""What a workspace holds, to be compared before a fault, after it, and after doing the same again."""

import sqlite3
import zipfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image

from core.base.events import FAILED, FINISHED
from core.base.files import file_sha256
from core.feedback.folder import feedback_of
from core.jobs.kinds import KINDS
from core.projects.changes.shelf import formerly
from core.projects.edits import repair
from core.projects.project import Photo, Project, open_project
from core.projects.workspace import Workspace
from core.runs.run import list_runs
from core.runs.trash import trashed_runs
from tests.faults.quick_jobs import WEIGHTS

NO_WORDS = ("Something went wrong that the app did not expect", "Traceback")
PASSING = (".writing-", "half-")  # begin the names of what a process leaves that is killed while it writes


@dataclass(frozen=True)
class Holdings:
    """All that a person has in one project, without times.

    Args:
        photos: A row each: name, content, class, subset, why it is set aside, what was kept, origin, place, making.
        edits: What was done, oldest first, and whether it was undone.
        settings: By name.
        files: The places of all photos on the disk.
        runs: Title, whether finished, and accuracy, by the run's name, of those in the trash too.
        feedback: Class by content, of photos that wait.
    """

    photos: frozenset[tuple]
    edits: tuple[tuple[str, int], ...]
    settings: tuple[tuple[str, str], ...]
    files: frozenset[str]
    runs: tuple[tuple, ...]
    feedback: tuple[tuple[str, str], ...]

    @property
    def contents(self) -> set[str]:
        """The digests of the photos."""
        return {row[1] for row in self.photos}


def holdings(home: Path) -> dict[str, Holdings]:
    """What each project holds, after the repair that everything begins with, by its title ("trash/" before it)."""
    workspace = Workspace(home)
    projects = [(project.title, project) for project in workspace.projects()]
    projects += [(f"trash/{project.title}", project) for project in workspace.trash()]
    assert len(dict(projects)) == len(projects), f"two projects have one title: {[title for title, _ in projects]}"
    return {title: _of(repair(open_project(project.folder))) for title, project in projects}


def _of(project: Project) -> Holdings:
    photos = project.photos_where("true")
    with project.database() as db:
        edits = db.execute("select what, undone from edits order by id").fetchall()
        settings = db.execute("select name, value from settings order by name").fetchall()
    waiting = feedback_of(project).waiting()
    return Holdings(
        photos=frozenset(
            (p.name, p.sha256, p.label, p.split, p.set_aside, p.kept, p.origin, p.file, p.made) for p in photos
        ),
        edits=tuple(edits),
        settings=tuple(settings),
        files=frozenset(_files(project)),
        runs=tuple(sorted(_run(run) for run in [*list_runs(project.runs_folder), *trashed_runs(project)])),
        feedback=tuple(sorted((entry.sha256, entry.label) for entry in waiting)),
    )


def _photo(p: Photo) -> tuple:
    return p.name, p.sha256, p.label, p.split, p.set_aside, p.kept, p.origin, p.file, p.made


def _run(run: Any) -> tuple:
    report = run.report()
    return run.folder.parent.name, run.name, run.title, run.remark, report is not None and report.test.accuracy


def _files(project: Project) -> list[str]:
    return [
        path.relative_to(project.folder).as_posix()
        for part in (project.photos_folder, project.set_aside_folder)
        for path in part.rglob("*")
        if path.is_file() and not path.name.startswith(PASSING)
    ]


def check_whole(home: Path, small_too: bool = True) -> None:
    """Everything that is said to be there is there: photos, finished jobs; and no word is a bug's.

    Args:
        home: The workspace.
        small_too: Whether the small pictures are looked at, which the next import makes again after a power cut.
    """
    workspace = Workspace(home)
    for project in [*workspace.projects(), *workspace.trash()]:
        _check_photos(repair(open_project(project.folder)), small_too)
        _check_jobs(project.folder, [kind for kind in KINDS.values() if kind.in_project])
        for run in list_runs(project.runs_folder):
            if run.job.events() and run.job.events()[-1]["event"] == FINISHED:
                assert run.finished_report().class_names == run.class_names(), run.name
                assert len(run.photos()) > 0, run.name
    _check_jobs(home, [kind for kind in KINDS.values() if not kind.in_project])


def _check_photos(project: Project, small_too: bool) -> None:
    with closing(sqlite3.connect(project.database_path)) as db:
        assert db.execute("pragma integrity_check").fetchone() == ("ok",)
    former = formerly(project)
    for photo in [*project.photos_where("true"), *former]:
        path = project.path(photo)
        assert path.is_file(), f"{photo.file} is listed and not there"
        assert file_sha256(path) == photo.sha256, f"{photo.file} is not what was brought ({path.stat().st_size} bytes)"
        if photo.width and small_too and photo not in former:  # it gets one when it comes back
            with Image.open(project.thumbnail(photo)) as small:
                small.load()  # raises where it is cut or empty


def _check_jobs(folder: Path, kinds: list) -> None:
    """Jobs that say they have finished have a result that is whole; those that failed say it in words."""
    for kind in kinds:
        for place in folder.glob(kind.places.replace("{project}", "*")):
            this = kind.folder_class()(place)
            events = this.job.events()
            last = events[-1] if events else {"event": ""}
            if last["event"] == FAILED:
                assert not any(words in last["message"] for words in NO_WORDS), _why(this, last)
            if last["event"] == FINISHED:
                _check_result(kind.name, this, last)


def _why(this: Any, last: dict) -> str:
    return f"{last['message']}\n{this.job.log_tail()}"


def _check_result(kind: str, this: Any, last: dict) -> None:
    if kind in ("advise", "search", "labels", "map", "plate-test", "export", "tutorial") or last.get("asks"):
        assert this.read() is not None, f"{kind} is finished, and there is no result"
    for path in this.folder.glob("*.zip"):
        if path.name != "upload.zip":
            with zipfile.ZipFile(path) as opened:
                assert opened.testzip() is None, path.name
    if kind == "download":
        (file,) = (path for path in (this.folder.parents[1] / "weights").iterdir() if not path.name.startswith(PASSING))
        assert file.read_bytes() == WEIGHTS, "the weights are not those of the server"
    if kind == "foreign":
        assert len(this.answers()) > 0, "a model from elsewhere was asked, and has answered nothing"
    if kind == "predict":
        counts = this.answers.counts(0.0)
        assert counts.answered == counts.n > 0, "not all were answered"
