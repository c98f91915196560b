"""Begin a training: the settings and the photos are written down, and its worker starts."""

from core.jobs import kinds
from core.models.config import TrainConfig
from core.photos.sides import notes_of_run
from core.projects.picture_settings import pictures_now
from core.projects.plan import sides_of
from core.projects.project import Project
from core.runs.photo_places import split_run_photos
from core.runs.run import Run, new_run_name
from pages.components.shared import current


def start(project: Project, config: TrainConfig) -> Run:
    """Write the run's settings and photos, and start its worker."""
    photos = split_run_photos(project, config)
    run = Run.create(project.runs_folder / new_run_name(), config.check(), photos, pictures_now(project))
    for note in notes_of_run(config.augment, sides_of(project), project.class_counts()):
        run.note(note)
    current.jobs().submit(kinds.TRAIN, run.folder)
    return run
