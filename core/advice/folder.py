"""The advice of a project on disk: one folder, whose answer is written whole and may be of photos that have changed."""

import json
from pathlib import Path
from typing import Any

from core.base.files import read_json, write_json
from core.jobs.job import Job
from core.projects.project import Project


class AdviceFolder:
    """Where a project keeps what was measured for it.

    Args:
        folder: The project's `advice`; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.job = Job(folder)
        self._answer = folder / "advice.json"

    def write(self, answer: dict[str, Any], measured_on: str) -> None:
        """Keep what was measured.

        Args:
            answer: Of `advise`.
            measured_on: Of `photo_state`.
        """
        write_json(self._answer, {**answer, "measured_on": measured_on})

    def read(self) -> dict[str, Any] | None:
        """The last answer, None when there is none that can be read."""
        try:
            return read_json(self._answer)
        except (FileNotFoundError, json.JSONDecodeError):
            return None


def advice_of(project: Project) -> AdviceFolder:
    """The project's advice."""
    return AdviceFolder(project.folder / "advice")
