"""`python -m core runs`: the runs of the workspace that belong to no project, the room they take, and their photos."""

import argparse
import os
from pathlib import Path
from typing import Any

from core.base.words import counted, storage
from core.cli.command import Command, Result
from core.cli.photos_option import NAME_THEM
from core.projects.workspace import Workspace
from core.runs.kept_photos import remove_kept, room_of
from core.runs.photo_places import came_from
from core.runs.run import Run, list_runs


def runs(arguments: argparse.Namespace) -> Result:
    """All runs, newest first; or one without the photos that it kept."""
    if arguments.remove_photos:
        return _without_photos(Run(arguments.remove_photos))
    listed = list_runs(Workspace(arguments.home).runs_folder)
    text = "\n".join(map(_in_words, listed)) or f"There is no run in {Workspace(arguments.home).runs_folder} yet."
    return [_to_json(run) for run in listed], text


def _to_json(run: Run) -> dict[str, Any]:
    report = run.report()
    return {
        "run": str(run.folder),
        "accuracy": report.test.accuracy if report else None,
        "photos_from": came_from(run),
        "bytes": _bytes_of(run),
        "kept_photos": room_of(run).to_json(),
    }


def _in_words(run: Run) -> str:
    report, kept = run.report(), room_of(run)
    outcome = report.outcome_in_words if report else "not finished"
    copies = f", of it {storage(kept.bytes)} copies of {counted(kept.photos, 'photo')}" if kept.photos else ""
    return f"{run.folder}: {outcome}; photos of {came_from(run)}; takes {storage(_bytes_of(run))}{copies}"


def _bytes_of(run: Run) -> int:
    return sum(os.path.getsize(Path(root, file)) for root, _, files in os.walk(run.folder) for file in files)


def _without_photos(run: Run) -> Result:
    """Remove them, and say what needs them from now on."""
    run.config()  # says so where there is no run
    removed, source = remove_kept(run), came_from(run)
    value = {"run": str(run.folder), "removed_photos": removed.to_json(), "photos_from": source}
    if not removed.photos:
        return value, f"{run.folder} keeps no copies of photos. Nothing was removed."
    room = f"{counted(removed.photos, 'photo')} ({storage(removed.bytes)})"
    return value, (
        f"Removed the copies of {room}. The model answers as before. To go on from it, for the plate test and to "
        f"export in 8 bits, its photos are needed again. They were in {source}. {NAME_THEM}"
    )


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    words = "remove the copies of photos that a run keeps, where they came from an archive"
    parser.add_argument("--remove-photos", type=Path, metavar="RUN", help=words)


RUNS = Command("runs", "list the runs that train has made, and the room they take", runs, _add_arguments)
