"""The job that follows a tutorial in a project."""

from dataclasses import replace
from pathlib import Path

from core.base.events import FINISHED
from core.base.subsets import TEST
from core.models.config import TrainConfig, with_sides
from core.photos.sides import notes_of_run
from core.projects.photo_files import ready_to_read
from core.projects.picture_settings import pictures_now
from core.projects.plan import sides_of
from core.projects.project import Project, open_project
from core.projects.project_split import given_subsets
from core.projects.workspace import Workspace
from core.recipes.folder import TutorialFolder
from core.recipes.following import Ground, follow
from core.recipes.planning import split_by
from core.runs.photo_places import refuse_gone, split_run_photos, with_places_now
from core.runs.run import Run
from core.training.continuing import create_thawed


def follow_tutorial(home: Path, this: TutorialFolder) -> None:
    """Do the steps of a tutorial that are not done yet; each run appears beside the project's others."""
    project = ready_to_read(open_project(this.folder.parents[1]), this.job)
    ground = Ground(
        photos=lambda: split_run_photos(project, split_by(this.request())),
        places=Workspace(home).places_of(project),
        runs_folder=project.runs_folder,
        new_run=lambda folder, config, earlier: _new_run(project, folder, config, earlier),
        places_now=lambda photos: with_places_now(project, photos),
    )
    follow(this, ground)
    this.job.event_log().write(FINISHED)


def _new_run(project: Project, folder: Path, config: TrainConfig, earlier: Run | None) -> Run:
    sides = sides_of(project)
    config = replace(with_sides(config, sides), test_given=TEST in given_subsets(project))
    if earlier:
        photos = with_places_now(project, earlier.photos())
        refuse_gone(photos)
        run = create_thawed(folder, earlier, config, photos)
    else:
        run = Run.create(folder, config, split_run_photos(project, config), pictures_now(project))
    for note in notes_of_run(config.augment, sides, project.class_counts()):
        run.note(note)
    return run
