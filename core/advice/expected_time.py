"""How long a training will take on this computer, in words."""

from core.advice.folder import advice_of
from core.advice.quadrants import expected_seconds
from core.base.words import counted, duration
from core.models.config import TrainConfig
from core.projects.project import Project
from core.runs.run import list_runs


def expected_time_in_words(project: Project, plan: TrainConfig, n_photos: int) -> str:
    """What is known of the time, from a run like this one or else from the advice, both on this computer.

    Args:
        project: With its runs and its advice.
        plan: The settings of the run.
        n_photos: All usable ones.
    """
    for run in list_runs(project.runs_folder):
        report = run.report()
        if report and (report.base, report.strategy) == (plan.base, plan.strategy):
            return f"The last run like this one took {duration(report.seconds.total)} on this computer."
    for tried in (advice_of(project).read() or {"bake_off": []})["bake_off"]:
        if tried["base"] == plan.base:
            seconds = expected_seconds(plan, n_photos, tried["photos_per_second"])
            return f"It will take about {duration(seconds)} on this computer."
    return f"{counted(n_photos, 'photo')}: the first run also looks at each photo once; later runs are faster."
