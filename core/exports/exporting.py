"""Take a run away: in whatever format, by what the format's row says."""

from pathlib import Path
from pkgutil import resolve_name

from core.exports.formats import ExportFormat
from core.exports.record import ExportResult
from core.jobs.job import Job
from core.photos.labelled_photo import LabelledPhoto
from core.runs.run import Run


def export(run: Run, photos: list[LabelledPhoto], export_format: ExportFormat, target: Path, job: Job) -> ExportResult:
    """Make the zip that a format is taken away in.

    Args:
        run: A complete run; nothing in its folder is changed.
        photos: Of the run, where they lie now; without any it is compared on drawn pictures.
        export_format: The format.
        target: The zip to write: whole and checked, or left as it was.
        job: Gets PHASE and PROGRESS events; its stop file ends the export.

    Raises:
        InputError: Photos are needed, and there are none.
        RunError: The run isn't complete or is damaged, or the exported model answers differently.
        StopRequested: The user wants it to end.
        StorageError: The disk is full.
        WeightsError: The base's weights are no longer there.
    """
    # By its name in the catalogue, which can't import Keras: pages read it.
    return resolve_name(export_format.zip.maker)(run, photos, export_format, target, job)
