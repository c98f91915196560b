"""The background test of a run on disk."""

import json
from pathlib import Path
from typing import Any

from core.base.files import disk_errors_in_words, read_json, write_json
from core.jobs.job import Job
from core.runs.run import Run


class BackgroundTestFolder:
    """Where a run keeps what its background test found.

    Args:
        folder: The run's `plate-test`; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.job = Job(folder)
        self.result_path = folder / "plate-test.json"

    def prepare(self) -> None:
        """Make the folder, for the job."""
        with disk_errors_in_words("preparing the plate test"):
            self.folder.mkdir(exist_ok=True)

    def write(self, result: dict[str, Any]) -> None:
        """Keep the result of `core.background_test.testing.run_background_test`."""
        with disk_errors_in_words("saving the plate test"):
            write_json(self.result_path, result)

    def read(self) -> dict[str, Any] | None:
        """The result, None when there is none that can be read."""
        try:
            return read_json(self.result_path)
        except (FileNotFoundError, json.JSONDecodeError):
            return None


def background_test_of(run: Run) -> BackgroundTestFolder:
    """The run's background test."""
    return BackgroundTestFolder(run.folder / "plate-test")
