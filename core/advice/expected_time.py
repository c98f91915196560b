"""How long a training will take on this computer, in words."""

from core.advice.folder import advice_of
from core.advice.quadrants import expected_seconds
from core.advice.record import Advice
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
    advice = advice_of(project).read()
    seconds = seconds_by_advice(plan, advice, n_photos) if advice else None
    if seconds is not None:
        return f"It will take about {duration(seconds)} on this computer."
    return f"{counted(n_photos, 'photo')}: the first run also looks at each photo once; later runs are faster."


def seconds_by_advice(plan: TrainConfig, advice: Advice, n_photos: int) -> float | None:
    """What a run with these settings will take; None where its base was not in the bake-off."""
    trial = advice.trial_of(plan.base)
    return None if trial is None else expected_seconds(plan, n_photos, trial.photos_per_second)
