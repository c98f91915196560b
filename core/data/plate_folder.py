"""The plate test of a run on disk, and the photos that it can still be made with."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.data.jobs import Job
from core.data.judged_photos import photos_judged, what_became_of
from core.data.project import Project
from core.data.runs import Run, RunPhoto
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


def still_so(project: Project, photos: list[RunPhoto]) -> list[RunPhoto]:
    """Those of a run's photos that the project still holds in the same class, with the place where they are now."""
    now = photos_judged(project, [(photo.sha256, photo.label) for photo in photos])
    return [
        replace(photo, path=str(project.path(found)))
        for photo, found in zip(photos, now, strict=True)
        if found is not None and not what_became_of(found, photo.label)
    ]
