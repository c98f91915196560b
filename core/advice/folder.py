"""The advice of a project on disk: one folder, whose answer is written whole and may be of photos that have changed."""

from typing import Any

from core.jobs.folder import JobFolder
from core.projects.project import Project


class AdviceFolder(JobFolder):
    """Where a project keeps what was measured for it: its `advice`."""

    PREPARING = "starting to measure"
    SAVING = "saving the advice"
    RESULT = "advice.json"

    def write(self, answer: dict[str, Any], measured_on: str) -> None:
        """Keep what was measured.

        Args:
            answer: Of `advise`.
            measured_on: Of `photo_state`.
        """
        super().write({**answer, "measured_on": measured_on})


def advice_of(project: Project) -> AdviceFolder:
    """The project's advice."""
    return AdviceFolder(project.folder / "advice")
