"""The job that exports a run's model."""

from pathlib import Path

from core.base import checksums
from core.base.events import FINISHED
from core.exports.folder import ExportFolder, export
from core.exports.formats import export_named
from core.projects.photo_files import ready_to_read
from core.projects.project import open_project
from core.runs.photo_places import listed_photos, still_so
from core.runs.run import Run


def export_run(home: Path, this: ExportFolder) -> None:
    """Export in the format that the job's folder is named after; the zip appears when it is checked."""
    run, project = Run(this.folder.parents[1]), ready_to_read(open_project(this.folder.parents[3]), this.job)
    photos = still_so(project, listed_photos(run))
    checksums.unseal(this.zip_path)
    result = export(run, photos, export_named(this.folder.name), this.zip_path, this.job)
    checksums.seal(this.zip_path)
    this.write(result)
    this.job.event_log().write(FINISHED)
