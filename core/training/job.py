"""The job that trains a run of a project."""

from pathlib import Path

from core.projects.photo_files import ready_to_read
from core.projects.project import open_project
from core.projects.workspace import Workspace
from core.runs.photo_places import refuse_gone, with_places_now
from core.runs.run import Run
from core.training.training import train_run


def train(home: Path, run: Run) -> None:
    """Train a run that lies in a project."""
    project = ready_to_read(open_project(run.folder.parents[1]), run.job)
    photos = with_places_now(project, run.photos())
    refuse_gone(photos)
    run.write_photos(photos)
    train_run(run, Workspace(home).places_of(project))
