"""The job that measures what to train on a project's photos."""

from dataclasses import replace
from pathlib import Path

from core.advice.folder import AdviceFolder
from core.advice.measuring import advise
from core.base.events import FINISHED
from core.models.config import TrainConfig
from core.projects.photo_files import ready_to_read
from core.projects.plan import mirrored_pairs
from core.projects.project import open_project
from core.projects.workspace import Workspace
from core.runs.photo_places import split_run_photos


def measure(home: Path, this: AdviceFolder) -> None:
    """Measure a project's photos; the answer appears whole, in the end."""
    project = ready_to_read(open_project(this.folder.parent), this.job)
    photos = [photo for photo in split_run_photos(project, TrainConfig()) if not photo.only_teaches]  # they don't judge
    measured_on = project.photo_state()  # before: photos may come meanwhile
    advice = advise(photos, Workspace(home).places_of(project), this.job, mirrored_pairs(project))
    this.write(replace(advice, measured_on=measured_on))
    this.job.event_log().write(FINISHED)
