"""The search for better settings of a project on disk: what was asked, every try by Optuna, and the table of them."""

import json
from pathlib import Path

from core.base.errors import InputError
from core.jobs.folder import JobFolder
from core.models.config import TrainConfig
from core.projects.project import Project
from core.search.settings import OF_BLOCKS, best_settings, with_settings
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

    def read(self) -> SearchTable | None:
        """What was tried; None when there is nothing that can be read, or that no search could have found."""
        table = super().read()
        try:
            return None if table is None else _checked(table)
        except (ValueError, TypeError, KeyError, InputError):
            return None

    def write_request(self, seconds: float, plan: TrainConfig) -> None:
        """Write down in how many seconds the worker shall begin tries, and the settings that it begins with."""
        self.keep_request({"seconds": seconds, "plan": plan.to_json()})

    def request(self) -> tuple[float, TrainConfig]:
        """Seconds and plan of the last request."""
        seconds, plan = self.asked_for(seconds=int | float, plan=dict)
        try:
            return seconds, TrainConfig.from_json(plan)
        except ValueError as error:
            raise InputError("The settings of this search (request.json) are damaged. Search again.") from error


def _checked(table: SearchTable) -> SearchTable:
    """A table that may be a stranger's, when all its settings can be trained with; else one of many errors."""
    json.dumps(table.to_json(), allow_nan=False)
    if not {table.best, table.own} <= {trial.number for trial in table.whole_trials}:
        raise ValueError("The best try, or the plan's own, is missing.")
    plan = TrainConfig.from_json(table.plan).check()
    if plan.base != table.base:
        raise ValueError("The plan has another base.")
    best_settings(table)  # KeyError where an older try can't be completed from the plan
    needed = set(OF_BLOCKS if table.of_blocks else ("head",))
    for trial in table.trials:
        if not needed <= set(trial.settings):
            raise ValueError("A try lacks what all are about.")
        TrainConfig.from_json(with_settings(plan, trial.settings).to_json()).check()
    return table


def search_of(project: Project) -> SearchFolder:
    """The project's search."""
    return SearchFolder(project.folder / "search")
