"""Earlier runs that tell how long a run takes on this computer."""

from collections.abc import Collection, Iterator
from pathlib import Path

from core.base.errors import EspalierError
from core.base.events import QUEUED
from core.jobs.pace import KnownPaces, known_paces
from core.models.config import TrainConfig
from core.models.image_sizes import image_size_of
from core.runs.report import Report
from core.runs.run import Run, list_runs


def runs_like(runs_folder: Path, plan: TrainConfig) -> Iterator[tuple[Run, Report]]:
    """The complete runs in a folder that learned by the same base and strategy at the same size, newest first."""
    for run in list_runs(runs_folder):
        report = run.report()
        is_like = report and (report.base, report.strategy) == (plan.base, plan.strategy) and _sees_alike(run, plan)
        if is_like and run.config().steps_per_epoch == plan.steps_per_epoch:
            yield run, report


def known_by_runs(runs_folder: Path, plan: TrainConfig, names: Collection[str] | None = None) -> KnownPaces:
    """How long the phases, or those with these names, of the newest such run took that was made on this computer."""
    for run, _ in runs_like(runs_folder, plan):
        events = run.job.events()
        here = [event.get("folder") for event in events if event["event"] == QUEUED]
        if here and here[-1] == run.folder.stat().st_ino:  # else it was copied, perhaps from another computer
            return known_paces(events, names)
    return KnownPaces()


def _sees_alike(run: Run, plan: TrainConfig) -> bool:
    """Whether a run saw photos at the plan's size; both have the same base."""
    try:
        return image_size_of(run.config()) == image_size_of(plan)
    except EspalierError:  # another version's settings
        return False
