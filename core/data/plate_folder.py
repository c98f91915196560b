"""The plate test of a run on disk."""

import json
from pathlib import Path
from typing import Any

from core.data.jobs import Job
from core.data.runs import Run
from core.records.files import disk_errors_in_words, read_json, write_json


class PlateTest:
    """Where a run keeps what its plate test found.

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
        """Keep the result of `core.inference.plate_test.plate_test`."""
        with disk_errors_in_words("saving the plate test"):
            write_json(self.result_path, result)

    def read(self) -> dict[str, Any] | None:
        """The result, None when there is none that can be read."""
        try:
            return read_json(self.result_path)
        except (FileNotFoundError, json.JSONDecodeError):
            return None


def plate_test_of(run: Run) -> PlateTest:
    """The run's plate test."""
    return PlateTest(run.folder / "plate-test")
