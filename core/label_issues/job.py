"""The job that looks for wrong labels among a project's photos."""

from pathlib import Path

from core.base.events import FINISHED
from core.label_issues.folder import LabelIssuesFolder
from core.label_issues.ranking import judge_labels
from core.projects.photo_files import ready_to_read
from core.projects.project import open_project
from core.projects.workspace import Workspace
from core.runs.photo_places import run_photos


def find_wrong_labels(home: Path, this: LabelIssuesFolder) -> None:
    """Look through them all; the answer appears whole, in the end."""
    project = ready_to_read(open_project(this.folder.parent), this.job)
    places, measured_on = Workspace(home).places_of(project), project.photo_state()
    this.write(*judge_labels(run_photos(project, project.photos()), places, this.job), measured_on)
    this.job.event_log().write(FINISHED)
