"""The advice of a project on disk: one folder, whose answer is written whole and may be of photos that have changed."""

from core.advice.record import Advice
from core.jobs.folder import JobFolder
from core.projects.project import Project


class AdviceFolder(JobFolder[Advice]):
    """Where a project keeps what was measured for it: its `advice`."""

    PREPARING = "starting to measure"
    SAVING = "saving the advice"
    RESULT = "advice.json"
    RECORD = Advice


def advice_of(project: Project) -> AdviceFolder:
    """The project's advice."""
    return AdviceFolder(project.folder / "advice")
