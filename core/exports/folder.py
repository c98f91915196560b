"""The exports of a run on disk: a folder for each format, with the zip only once it was checked."""

import json
from pathlib import Path
from typing import Any

from core.base.files import disk_errors_in_words, read_json, write_json
from core.exports.formats import TO_TAKE_AWAY, ExportFormat
from core.jobs.job import Job
from core.runs.run import Run


class ExportFolder:
    """Where a run keeps one export.

    Args:
        folder: Named after the format, below the run's `exports`; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.job = Job(folder)
        self.zip_path = folder / "model.zip"
        self._result = folder / "export.json"

    def prepare(self) -> None:
        """Make the folder, for the job."""
        with disk_errors_in_words("preparing the export"):
            self.folder.mkdir(parents=True, exist_ok=True)

    def write(self, result: dict[str, Any]) -> None:
        """Keep what `core.exports.exporting.export` found of the zip."""
        with disk_errors_in_words("saving the export"):
            write_json(self._result, result)

    def read(self) -> dict[str, Any] | None:
        """What was found, None when there is no zip that passed its check."""
        if not self.zip_path.exists():
            return None
        try:
            return read_json(self._result)
        except (FileNotFoundError, json.JSONDecodeError):
            return None


def export_of(run: Run, row: ExportFormat) -> ExportFolder:
    """The run's export in a format."""
    return ExportFolder(run.folder / "exports" / row.name)


def is_exporting(run: Run) -> bool:
    """Whether one of its exports is still being made."""
    exports = [export_of(run, row) for row in TO_TAKE_AWAY]
    return any(export.folder.exists() and export.job.state().is_active for export in exports)
