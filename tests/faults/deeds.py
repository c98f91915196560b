"""What is done under faults: a row for each deed. To add a case, add a row."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from core.feedback.folder import feedback_of
from core.projects import edits
from core.projects.changes import versions
from core.projects.imports import ImportFolder, ImportRequest
from core.projects.workspace import Workspace
from core.runs import trash
from tests.faults.case import ANSWER, fruit, photo, the_run
from tests.faults.quick_jobs import (
    IMPORT_PLACE,
    OPEN_PLACE,
    PACK_PLACE,
    asked_and_answered,
    download_ready,
    downloaded,
    import_ready,
    of_feedback,
    of_folder,
    of_pictures,
    of_question,
    of_upload,
    of_zip,
    open_ready,
    pack_ready,
    work,
)

ATOMIC = "atomic"  # it was done or it was not
GROWING = "growing"  # photos come one after the other; those that came stay


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
    "import what was asked about": Deed(asked_and_answered, partial(import_ready, of_question), GROWING),
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
    "download weights": Deed(downloaded, download_ready),
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
