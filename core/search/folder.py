"""The search for better settings of a project on disk: what was asked, every try by Optuna, and the table of them."""

import json
from pathlib import Path
from typing import Any

from core.base.files import disk_errors_in_words, read_json, write_json
from core.jobs.job import Job
from core.models.config import TrainConfig
from core.projects.project import Project


class SearchFolder:
    """Where a project keeps what was tried.

    Args:
        folder: The project's `search`; it need not exist.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.job = Job(folder)
        self.database_path = folder / "search.db"
        self._request = folder / "request.json"
        self._table = folder / "search.json"

    def ask(self, seconds: float, plan: TrainConfig) -> None:
        """Write down what the worker shall do.

        Args:
            seconds: In which tries are begun.
            plan: The settings that the search begins with.

        Raises:
            StorageError: The disk is full or can't be written.
        """
        with disk_errors_in_words("preparing the search"):
            write_json(self._request, {"seconds": seconds, "plan": plan.to_json()})

    def asked(self) -> tuple[float, TrainConfig]:
        """Seconds and plan of the last request."""
        request = read_json(self._request)
        return request["seconds"], TrainConfig.from_json(request["plan"])

    def write(self, table: dict[str, Any], measured_on: str) -> None:
        """Keep what was tried so far.

        Args:
            table: Of `core.search.search.search`.
            measured_on: Of `advice_folder.photo_state`.
        """
        write_json(self._table, {**table, "measured_on": measured_on})

    def read(self) -> dict[str, Any] | None:
        """The last table, None when there is none that can be read."""
        try:
            return read_json(self._table)
        except (FileNotFoundError, json.JSONDecodeError):
            return None


def search_of(project: Project) -> SearchFolder:
    """The project's search."""
    return SearchFolder(project.folder / "search")
