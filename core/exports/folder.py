"""The exports of a run on disk: a folder for each format, with the zip only once it was checked."""

from pathlib import Path

from core.exports.formats import ExportFormat
from core.exports.record import ExportResult
from core.jobs.folder import JobFolder
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
        """What `core.exports.exporting.export` found of the zip, None when there is none that passed its check."""
        return super().read() if self.zip_path.exists() else None


def export_of(run: Run, export_format: ExportFormat) -> ExportFolder:
    """The run's export in a format."""
    return ExportFolder(run.folder / "exports" / export_format.name)
