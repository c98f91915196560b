"""The job that searches for better settings, of the head or of what fine-tuning trains."""

from dataclasses import replace
from pathlib import Path

from core.base.events import FINISHED
from core.projects.photo_files import ready_to_read
from core.projects.project import open_project
from core.projects.workspace import Workspace
from core.runs.photo_places import split_run_photos
from core.search.block_tries import tries_for
from core.search.folder import SearchFolder
from core.search.material import material_of
from core.search.search import look_for
from core.search.table import SearchTable


def search_settings(home: Path, this: SearchFolder) -> None:
    """Try settings on a project's photos; what was tried so far is in the table after each try."""
    project = ready_to_read(open_project(this.folder.parent), this.job)
    seconds, plan = this.request()
    photos = [photo for photo in split_run_photos(project, plan) if not photo.only_teaches]  # in folds they would judge
    places, measured_on = Workspace(home).places_of(project), project.photo_state()
    material = material_of(photos, plan, places, this.job)

    def keep(table: SearchTable) -> None:
        this.write(replace(table, measured_on=measured_on))

    look_for(tries_for(material, plan, places, this.job), this.database_path, this.job, seconds, keep)
    this.job.event_log().write(FINISHED)
