"""Photos come into the projects of tests as the app brings them in."""

from pathlib import Path

from core.projects.imports import FOLDER, ImportFolder, ImportRequest, ImportSummary, run_import
from core.projects.project import Project


def bring(project: Project, request: ImportRequest, this: ImportFolder | None = None) -> ImportSummary:
    """Do what a request says, in this process; in a new import unless one is given."""
    this = this or ImportFolder.create(project)
    this.write_request(request)
    return run_import(project, this, workers=2)


def bring_folder(project: Project, folder: Path) -> ImportSummary:
    """Bring class folders in."""
    return bring(project, ImportRequest(FOLDER, str(folder)))
