"""The job that draws the map of a project's photos."""

from pathlib import Path

from core.base.events import FINISHED
from core.photo_map.folder import PhotoMapFolder
from core.photo_map.layout import draw_map
from core.projects.photo_files import ready_to_read
from core.projects.project import open_project
from core.projects.workspace import Workspace
from core.runs.photo_places import run_photos


def draw(home: Path, this: PhotoMapFolder) -> None:
    """Draw it; it appears whole, in the end."""
    project = ready_to_read(open_project(this.folder.parent), this.job)
    this.write(draw_map(run_photos(project, project.photos()), Workspace(home).places_of(project), this.job))
    this.job.event_log().write(FINISHED)
