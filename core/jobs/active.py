"""Which jobs go on in a project: who moves photos, runs or the whole project asks here first."""

import glob
from collections.abc import Callable, Iterator
from pathlib import Path

from core.base.errors import InputError
from core.jobs.folder import JobFolder
from core.jobs.job import Job
from core.jobs.kinds import KINDS, JobKind


def active_jobs(
    project: Path, home: Path | None = None, matters: Callable[[JobKind], bool | str] = lambda kind: True
) -> Iterator[tuple[JobKind, Job]]:
    """The jobs that may still change something by themselves, in the order of the registry.

    Args:
        project: The project's folder.
        home: The workspace's, to find those too that lie there and are about this project; None leaves them out.
        matters: Whether jobs of a kind are looked for; of others, such as a project's many batches, none is opened.
    """
    for kind in filter(matters, KINDS.values()):
        for folder in _folders(kind, project, home):
            if folder.is_dir() and (job := Job(folder)).state().is_active:
                yield kind, job


def _folders(kind: JobKind, project: Path, home: Path | None) -> list[Path]:
    if kind.in_project:
        return sorted(project.glob(kind.places))
    if home is None or "{project}" not in kind.places:
        return []
    return sorted(home.glob(kind.places.format(project=glob.escape(project.name))))


def refuse_edits(project: Path) -> None:
    """Refuse to move files of photos while a job knows them by their place.

    Raises:
        InputError: One goes on; says what it does.
    """
    for kind, _ in active_jobs(project, matters=lambda kind: kind.blocks_edits):
        raise InputError(f"{kind.blocks_edits}. Wait until that is done, or stop it first.")


def refuse_run_changes(project: Path, run: Path, title: str) -> None:
    """Refuse to move a run's folder while a job works with it.

    Raises:
        InputError: One goes on; says what it does to the run of this title.
    """
    for kind, job in active_jobs(project, matters=lambda kind: kind.blocks_run):
        is_inside = run in (job.folder, *job.folder.parents)
        if is_inside or run.name in JobFolder(job.folder).run_names:
            raise InputError(f"{title} {kind.blocks_run}. Wait for it or stop it first.")
