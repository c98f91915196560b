"""`train --continue` of a run that was interrupted: the same run goes on, in its own folder, with its own settings."""

import argparse
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from core.base.errors import EspalierError, InputError
from core.cli.optimizer_option import settings_named
from core.cli.photos_option import photos_there
from core.engine.places import Places
from core.jobs.job import State
from core.projects.edits import repair
from core.projects.project import open_project
from core.projects.workspace import Workspace
from core.runs.kept_photos import keep_photos
from core.runs.photo_places import listed_photos, with_places_now
from core.runs.run import Run, list_runs
from core.training.continuing import reached_by

BEGINS_ANEW = (
    "Nothing of its epochs is kept, so it begins anew. What the base model has said of the photos is still there."
)


@dataclass(frozen=True)
class Interrupted:
    """A run that goes on, with the places of what it needs."""

    run: Run
    places: Places


def has_not_ended(folder: Path) -> bool:
    """Whether a run lies there that was begun and has no report."""
    run = Run(folder)
    return run.config_path.exists() and not run.report_path.exists()


def interrupted_run(arguments: argparse.Namespace, workspace: Workspace, places: Places, scratch: Path) -> Interrupted:
    """The run to go on with, its photos where they are now; on stderr from where it goes on.

    Args:
        arguments: Name the run, and perhaps where its photos are.
        places: Of a run that lies in no project.
        scratch: An archive of photos is unpacked there.

    Raises:
        InputError: Somebody works on it, it was stopped for good, it was named with other settings, or photos are not
            there.
    """
    run = Run(arguments.earlier)
    _refuse_other_states(run)
    _refuse_settings(run, arguments)
    try:
        project = repair(open_project(run.folder.absolute().parents[1]))
    except EspalierError:  # a run of the command line
        project = None
    if arguments.photos:
        _find_photos(run, arguments, workspace, scratch)
    elif project:
        run.write_photos(with_places_now(project, run.photos()))
    run.job.forget_stop()
    reached = reached_by(run)
    print(f"Goes on from {reached.next_in_words}." if reached else BEGINS_ANEW, file=sys.stderr)
    return Interrupted(run, workspace.places_of(project) if project else places)


def _refuse_other_states(run: Run) -> None:
    state = run.job.state()
    if state.is_active or run.job.is_alive():
        raise InputError(f"{run.title} is still going on. Wait for it or stop it first.")
    if state is State.CANCELLED:
        raise InputError(f"{run.title} was stopped, and nothing of it is kept. Train anew.")


def _refuse_settings(run: Run, arguments: argparse.Namespace) -> None:
    named = [*(["--out"] if arguments.out else []), *settings_named(arguments)]
    if named:
        raise InputError(
            f"{run.title} has not ended, so it goes on as it began, in its own folder. {', '.join(named)}: for new "
            "runs only."
        )


def _find_photos(run: Run, arguments: argparse.Namespace, workspace: Workspace, scratch: Path) -> None:
    """Write down where all of a run's photos are now; those unpacked for this command are copied into its folder."""
    listed = listed_photos(run)
    found = photos_there(run, listed, arguments.photos, scratch / "photos")
    if len(found) < len(listed):
        raise InputError(f"{run.title} can't go on as it began without all of its photos. Train anew on those there.")
    places = {photo.sha256: photo.path for photo in found}
    run.write_photos([replace(photo, path=places[photo.sha256]) for photo in listed])
    names = {photo.sha256: Path(photo.path).name for photo in listed}
    keep_photos(run, [scratch], names, list_runs(workspace.runs_folder))
