"""The job that brings photos into a project; those that were kept with feedback are let go of here once it has them."""

import os
from pathlib import Path

from core.feedback.folder import feedback_of
from core.projects.edits import repair
from core.projects.imports import ImportFolder, run_import
from core.projects.project import open_project


def bring_in(home: Path, this: ImportFolder) -> None:
    """Bring the photos of an import into its project."""
    project = repair(open_project(this.folder.parents[1]))
    run_import(project, this, workers=os.cpu_count() or 2)
    feedback_of(project).tidy()
