"""The one model of a project that is in use everywhere: the run that the user pinned, else the best.

The best is that with the most validation photos right, or the most by cross-validation, among the runs that were made
of the same photos as the newest. The test has no say: a model that is chosen by it can't be judged by it any more.
"""

import csv
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from core.base.errors import InputError
from core.base.words import counted
from core.models.config import CROSS_VALIDATION
from core.projects.project import Project, is_project, open_project
from core.runs.choosing.names import RunName
from core.runs.report import Report
from core.runs.run import Run, list_runs
from core.runs.trash import trashed_runs

PINNED = "pinned_run"  # the project's setting: the name of the run's folder
KEPT_IN_MIND = 512  # runs whose photos need not be read again
Finished = tuple[Run, Report]
Score = tuple[float, float]  # share of right answers, and minus the loss: the higher the better


@dataclass(frozen=True)
class ModelInUse:
    """A project's model.

    Args:
        run: Complete, as its report.
        is_pinned: Whether the user chose it.
        why: Why it is this one, a sentence.
        lost_pin: What became of the run that the user had pinned, a sentence; "" where none was, or it is this one.
    """

    run: Run
    report: Report
    is_pinned: bool
    why: str
    lost_pin: str = ""


def finished_runs(project: Project) -> list[Finished]:
    """A project's complete runs with their reports, newest first."""
    return [(run, report) for run in list_runs(project.runs_folder) if (report := run.report())]


def model_in_use(project: Project, finished: list[Finished] | None = None) -> ModelInUse | None:
    """The project's model in use; None as long as no run is complete.

    Args:
        finished: What `finished_runs` gives, where that is known already.
    """
    finished = finished_runs(project) if finished is None else finished
    if not finished:
        return None
    pinned = project.setting(PINNED)
    # One that came in a zip may have no model, and can't be asked.
    finished = [each for each in finished if each[0].engine_path.exists()] or finished
    for run, report in finished:
        if run.name == pinned:
            return ModelInUse(run, report, True, "You pinned it.")
    run, report, why = _best(finished)
    return ModelInUse(run, report, False, why, _lost(project, pinned) if pinned else "")


def pin(project: Project, run: Run) -> None:
    """Make a run the model in use until another is pinned or it is let go of.

    Raises:
        InputError: It is not complete, or none of this project's.
    """
    if run.name not in [each.name for each, _ in finished_runs(project)]:
        raise InputError(f"{run.title} can't be used: it is not a finished run of this project any more.")
    project.keep_setting(PINNED, run.name)


def unpin(project: Project) -> None:
    """Use the best run again, whichever that is by then."""
    project.keep_setting(PINNED, "")


def run_meant(folder: Path) -> Run:
    """The run in a folder; of a project's folder, its model in use.

    Raises:
        InputError: The project has no complete run, or can't be opened.
    """
    run = Run(folder)
    if run.config_path.exists() or not is_project(folder):  # a run that keeps photos of its own looks like a project
        return run
    found = model_in_use(open_project(folder))
    if found is None:
        raise InputError(f"The project in {folder} has no finished run yet. Train one first.")
    return found.run


def _best(finished: list[Finished]) -> tuple[Run, Report, str]:
    """The best run of the same photos as the newest, of equals the newer, and why it is that, a sentence."""
    newest, report = finished[0]
    alike = [each for each in finished[1:] if set(each[1].class_names) == set(report.class_names)]
    photos = photos_of(newest) if alike else ""
    same = [finished[0], *(each for each in alike if photos and photos_of(each[0]) == photos)]
    if len(same) == 1:
        return newest, report, "It is the only finished run." if len(finished) == 1 else "It is the newest."
    by_folds = all(each.estimate == CROSS_VALIDATION for _, each in same)
    score = _score_by_folds if by_folds else _score_on_validation
    run, report = max(same, key=lambda each: score(each[1]))
    how = "by cross-validation" if by_folds else "on the validation photos"
    return run, report, f"It is the best {how} of {counted(len(same), 'run')} of the same photos."


def _score_by_folds(report: Report) -> Score:
    return report.test.accuracy, -report.test.log_loss  # of cross-validation: there was no test


def _score_on_validation(report: Report) -> Score:
    """That of the epoch whose weights were kept; less than any other where that isn't told."""
    for epoch in report.epochs:
        if epoch.number == report.best_epoch:
            return epoch.val_accuracy, -epoch.val_loss
    return -1.0, 0.0


def photos_of(run: Run) -> str:
    """The same for runs of the same photos in the same classes, in whatever order and parts; "" where none is told."""
    try:
        now = run.photos_path.stat()
    except OSError:
        return ""
    return _photos_in(str(run.photos_path), now.st_mtime_ns, now.st_size)


@lru_cache(KEPT_IN_MIND)
def _photos_in(path: str, changed: int, size: int) -> str:
    try:
        with Path(path).open(encoding="utf-8", errors="surrogateescape", newline="") as file:
            rows = csv.reader(file)
            names = next(rows, [])
            content, label = names.index("sha256"), names.index("label")
            photos = sorted({f"{row[content]} {row[label]}" for row in rows})
    except (OSError, ValueError, IndexError, csv.Error):  # damaged: nothing can be said of it
        return ""
    return hashlib.sha256("\n".join(photos).encode("utf-8", "surrogateescape")).hexdigest() if photos else ""


def _lost(project: Project, pinned: str) -> str:
    here = next(((run, report) for run, report in finished_runs(project) if run.name == pinned), None)
    if here:
        title = RunName.of(*here).short
        return f"The run that you pinned, {title}, has no model here. The best of the others is used."
    trashed = next((run for run in trashed_runs(project) if run.name == pinned), None)
    if trashed is None:
        return "The run that you pinned is no longer there, or can't be read. The best of the others is used."
    title = RunName.of(trashed, trashed.report()).short
    return f"The run that you pinned, {title}, is in the trash. Until it comes back, the best of the others is used."
