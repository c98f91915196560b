"""The exports of a run: made as the format's row says, and kept in a folder each, with the zip once it was checked."""

from pathlib import Path
from pkgutil import resolve_name

from core.exports.formats import ExportFormat
from core.exports.verdict import ExportResult
from core.jobs.folder import JobFolder
from core.jobs.job import Job
from core.photos.labelled_photo import LabelledPhoto
from core.runs.run import Run


class ExportFolder(JobFolder[ExportResult]):
    """Where a run keeps one export: named after the format, below its `exports`."""

    PREPARING = "preparing the export"
    SAVING = "saving the export"
    RESULT = "export.json"
    RECORD = ExportResult

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.zip_path = folder / "model.zip"

    def read(self) -> ExportResult | None:
        """What `export` found of the zip, None when there is none that passed its check."""
        return super().read() if self.zip_path.exists() else None


def export_of(run: Run, export_format: ExportFormat) -> ExportFolder:
    """The run's export in a format."""
    return ExportFolder(run.folder / "exports" / export_format.name)


def export(run: Run, photos: list[LabelledPhoto], export_format: ExportFormat, target: Path, job: Job) -> ExportResult:
    """Make the zip that a format is taken away in.

    Args:
        run: A complete run; nothing in its folder is changed.
        photos: Of the run, where they lie now; without any it is compared on drawn pictures.
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
