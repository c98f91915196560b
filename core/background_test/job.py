"""The job that puts a run's test photos on other backgrounds."""

from pathlib import Path

from core.background_test.folder import BackgroundTestFolder
from core.background_test.testing import photos_to_test, run_background_test
from core.base.events import FINISHED, PHASE
from core.jobs.progress import Progress
from core.projects.photo_files import ready_to_read
from core.projects.project import open_project
from core.runs.photo_places import refuse_gone, still_so
from core.runs.run import Run


def swap_backgrounds(home: Path, this: BackgroundTestFolder) -> None:
    """Ask a run about them; what it answers appears whole, in the end."""
    run, project = Run(this.folder.parent), ready_to_read(open_project(this.folder.parents[2]), this.job)
    this.job.event_log().write(PHASE, name="plate-test", words="Putting the photos on other backgrounds")
    photos = still_so(project, photos_to_test(run))
    refuse_gone(photos)
    progress = Progress(this.job.event_log(), this.job.check_stop)
    this.write(run_background_test(run, photos, progress))
    this.job.event_log().write(FINISHED)
