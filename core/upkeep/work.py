"""Whether somebody works in a project or the workspace, so that nothing is cleared away under their hands."""

from pathlib import Path

from core.base import disk
from core.jobs.active import active_jobs
from core.jobs.job import Job
from core.jobs.kinds import KINDS
from core.upkeep.folders import folders_in, folders_like


def projects(home: Path) -> list[Path]:
    """The folders of all projects, damaged ones too."""
    return folders_in(home / "projects")


def is_active(job: Path) -> bool:
    """Whether a job may still write into its folder."""
    return Job(job).state().is_active


def in_project(project: Path, home: Path) -> bool:
    """Whether a job goes on in a project, or about it."""
    return any(active_jobs(project, home))


def anywhere(home: Path) -> bool:
    """Whether any job goes on in the workspace, or a command that works with what it keeps."""
    with disk.alone_in(home, unless_known=True) as alone:  # commands have no folder that is known
        if not alone:
            return True
    if any(in_project(project, home) for project in projects(home)):
        return True
    if any(active_jobs(home)):  # the command line's runs lie in the workspace as others in a project
        return True
    own = [kind.places.format(project="*") for kind in KINDS.values() if not kind.in_project]
    return any(is_active(folder) for places in own for folder in folders_like(home, places))
