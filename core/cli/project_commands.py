"""`python -m core pack`, `open` and `repair`: a project in one zip, out of it again, and with its list made whole."""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from core.base.errors import InputError
from core.base.words import counted
from core.cli.command import Command, Result
from core.packing.folder import new_opening
from core.packing.pack import pack
from core.packing.unpack import unpack
from core.projects.database.repair import repair
from core.projects.imports import RELIST, ImportFolder, ImportRequest, run_import
from core.projects.project import Project, is_project, open_project
from core.projects.workspace import Workspace
from core.runs.photo_places import parts_in_runs


def pack_project(arguments: argparse.Namespace) -> Result:
    """Write a project into a zip that is not there yet."""
    target = arguments.zip
    if target.exists():
        raise InputError(f"There is already a file called {target.name}. Choose another name.")
    project = open_project(arguments.project.resolve())
    packed = pack(project, target, _teller("Packing"))
    left = f"\nNot taken along, since they are still going on: {', '.join(packed.left)}" if packed.left else ""
    words = f"{project.title}: {counted(packed.files, 'file')} in {target} ({target.stat().st_size / 1e6:,.1f} MB)"
    return {**asdict(packed), "title": project.title, "zip": str(target)}, words + left


def open_packed(arguments: argparse.Namespace) -> Result:
    """Open a project's zip as a new project of the workspace."""
    workspace = Workspace(arguments.home)
    transfer, notes = new_opening(workspace), []
    try:
        with transfer.job.alive_lock():  # so that nobody takes it for a leftover
            project = unpack(
                arguments.zip,
                workspace,
                transfer.folder,
                _teller("Opening"),
                _teller("Looking at the photos"),
                _tell_models,
                notes.append,
            )
    finally:
        transfer.remove()
    photos = sum(project.class_counts().values())
    opened = {"title": project.title, "folder": str(project.folder), "photos": photos, "notes": notes}
    return opened, "\n".join([f"{project.title}: {counted(photos, 'photo')}, in {project.folder}", *notes])


def repair_project(arguments: argparse.Namespace) -> Result:
    """Make a project's list of photos anew from what is left of it, its backups and its folders."""
    folder = arguments.project.resolve()
    if not is_project(folder):
        raise InputError(f"There is no project in {arguments.project}.")
    project = Project(folder)
    words = repair(project)
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(RELIST))
    with this.job.alive_lock():
        found = run_import(project, this, os.cpu_count() or 2, parts_in_runs(project))
    photos = sum(project.class_counts().values())
    told = f"{words} {counted(found.added, 'photo')} were found in its folders and listed."
    repaired = {"folder": str(folder), "words": words, "found": found.added, "photos": photos}
    return repaired, f"{project.title}: {counted(photos, 'photo')}. {told}"


def _teller(doing: str) -> Callable[[int, int], None]:
    began = False

    def say(done: int, total: int) -> None:
        nonlocal began
        if not began:
            print(f"{doing} {total / 1e6:,.1f} MB ...", file=sys.stderr)
        began = True

    return say


def _tell_models(done: int, total: int) -> None:
    if done < total:
        print(f"Building the models anew, {done + 1} of {total} ...", file=sys.stderr)


def _add_packing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="PROJECT", help="its folder, below projects in ESPALIER_HOME")
    parser.add_argument("zip", type=Path, metavar="ZIP", help="the zip to write")


def _add_opening(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("zip", type=Path, metavar="ZIP")


def _add_repairing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="PROJECT", help="its folder, below projects in ESPALIER_HOME")


REPAIR = Command("repair", "make the damaged list of photos of a project whole again", repair_project, _add_repairing)
PACK = Command("pack", "take a project along: all of it in one zip", pack_project, _add_packing)
OPEN = Command("open", "open a project from such a zip", open_packed, _add_opening)
