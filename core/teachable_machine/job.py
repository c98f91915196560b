"""The job that compares a model from elsewhere with a run."""

from pathlib import Path

from core.base.events import FINISHED, PHASE
from core.jobs.progress import Progress
from core.projects.edits import repair
from core.projects.project import open_project
from core.runs.run import Run
from core.teachable_machine.answering import ask
from core.teachable_machine.comparison import unanswered
from core.teachable_machine.folder import ExternalModelFolder


def compare(home: Path, this: ExternalModelFolder) -> None:
    """Read the model, when it is new, and ask it about the photos that the run was tested on."""
    project = open_project(this.folder.parents[1])
    repair(project)
    run_name, archive = this.request()
    try:
        if archive is not None:
            this.job.event_log().write(PHASE, name="start", words="Reading the model")
            _read(archive, this)
    finally:
        this.upload.unlink(missing_ok=True)
    this.job.event_log().write(PHASE, name="foreign", words="Asking it about the test photos")
    progress = Progress(this.job.event_log(), this.job.check_stop)
    photos = unanswered(this, project, Run(project.runs_folder / run_name))
    this.add_answers(ask(this, project, photos, progress))
    this.job.event_log().write(FINISHED)


def _read(archive: Path, this: ExternalModelFolder) -> None:
    from core.teachable_machine.reading import read_teachable_machine  # Keras takes seconds, and is needed only here

    read_teachable_machine(archive, this)
