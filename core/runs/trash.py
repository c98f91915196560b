"""The trash of a project's runs, from which everything can come back."""

from pathlib import Path

from core.base.files import disk_errors_in_words, move_into
from core.base.names import free_title
from core.jobs.active import refuse_run_changes
from core.projects.project import Project
from core.runs.run import Run, list_runs


def move_to_trash(project: Project, run: Run) -> None:
    """Take a run out of the list; `restore` brings it back as it was.

    Raises:
        InputError: It is still going on, or something is done with it.
    """
    refuse_run_changes(project.folder, run.folder, run.title)
    with disk_errors_in_words("moving the run"):
        move_into(_trash(project), run.folder)


def trashed_runs(project: Project) -> list[Run]:
    """The runs in the project's trash, newest first."""
    return list_runs(_trash(project))


def restore(project: Project, run: Run) -> Run:
    """Bring a run back from the trash; its title gets a number when another took it meanwhile."""
    titles = {other.title.lower() for other in list_runs(project.runs_folder)}
    with disk_errors_in_words("restoring the run"):
        restored = Run(move_into(project.runs_folder, run.folder))
        if restored.title.lower() in titles:
            restored.keep_about(free_title(restored.title, titles), restored.remark)
    return restored


def _trash(project: Project) -> Path:
    return project.folder / "trash"
