"""The doctor: what a person who helps needs to know of this computer and workspace, fit to be sent to a stranger."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from core.upkeep import computer_checks, workspace_checks
from core.upkeep.finding import Finding, looked


def examine(home: Path, environment: Mapping[str, str]) -> list[Finding]:
    """All that is looked at, each by itself, so that one that fails takes no other with it.

    Nothing is changed, but for files that are written as a test and removed. No name of a photo, class, project or
    person is in it, nor a path.

    Args:
        home: The workspace's folder; it need not be there.
        environment: `os.environ`.
    """
    looks = {
        "versions": computer_checks.versions,
        "processor": partial(computer_checks.processor, environment),
        "memory": computer_checks.memory,
        "place": partial(workspace_checks.place, home, environment),
        "disk": partial(workspace_checks.room_on_disk, home),
        "writing": partial(workspace_checks.writing, home),
        "weights": partial(computer_checks.weights, environment),
        "port": computer_checks.port,
        "jobs": partial(workspace_checks.jobs, home),
        "projects": partial(workspace_checks.projects, home),
        "kept": partial(workspace_checks.kept, home),
        "clock": lambda: computer_checks.clock(workspace_checks.written(home)),
    }
    return [looked(name, look) for name, look in looks.items()]
