"""The search for better settings of a project on disk: what was asked, every try by Optuna, and the table of them."""

from pathlib import Path

from core.jobs.folder import JobFolder
from core.models.config import TrainConfig
from core.projects.project import Project
from core.search.table import SearchTable


class SearchFolder(JobFolder[SearchTable]):
    """Where a project keeps what was tried: its `search`."""

    PREPARING = "preparing the search"
    SAVING = "saving what was tried"
    RESULT = "search.json"
    RECORD = SearchTable

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.database_path = folder / "search.db"

    def write_request(self, seconds: float, plan: TrainConfig) -> None:
        """Write down in how many seconds the worker shall begin tries, and the settings that it begins with."""
        self.keep_request({"seconds": seconds, "plan": plan.to_json()})

    def request(self) -> tuple[float, TrainConfig]:
        """Seconds and plan of the last request."""
        request = self.kept_request()
        return request["seconds"], TrainConfig.from_json(request["plan"])


def search_of(project: Project) -> SearchFolder:
    """The project's search."""
    return SearchFolder(project.folder / "search")
