"""The job that brings photos into a project; those that were kept with feedback are let go of here once it has them.

It stands above the runs, of which those photos know more that a repair finds again: the part that each had.
"""

import os
from contextlib import suppress
from pathlib import Path

from core.base.errors import EspalierError
from core.feedback.folder import feedback_of
from core.projects.edits import repair
from core.projects.imports import ImportFolder, run_import
from core.projects.project import open_project
from core.runs.photo_places import parts_in_runs


def bring_in(home: Path, this: ImportFolder) -> None:
    """Bring the photos of an import into its project."""
    project = repair(open_project(this.folder.parents[1]))
    run_import(project, this, os.cpu_count() or 2, parts_in_runs(project))
    with suppress(EspalierError, OSError):  # the import is finished; what is left here goes after the next one
        feedback_of(project).tidy()
