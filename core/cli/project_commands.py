"""`python -m core pack` and `python -m core open`: a project in one zip, and out of it again."""

import argparse
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
from core.projects.project import open_project
from core.projects.workspace import Workspace


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
    transfer = new_opening(workspace)
    try:
        with transfer.job.alive_lock():  # so that nobody takes it for a leftover
            project = unpack(arguments.zip, workspace, transfer.folder, _teller("Opening"))
    finally:
        transfer.remove()
    photos = sum(project.class_counts().values())
    opened = {"title": project.title, "folder": str(project.folder), "photos": photos}
    return opened, f"{project.title}: {counted(photos, 'photo')}, in {project.folder}"


def _teller(doing: str) -> Callable[[int, int], None]:
    began = False

    def say(done: int, total: int) -> None:
        nonlocal began
        if not began:
            print(f"{doing} {total / 1e6:,.1f} MB ...", file=sys.stderr)
        began = True

    return say


def _add_packing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("project", type=Path, metavar="PROJECT", help="its folder, below projects in ESPALIER_HOME")
    parser.add_argument("zip", type=Path, metavar="ZIP", help="the zip to write")


def _add_opening(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("zip", type=Path, metavar="ZIP")


PACK = Command("pack", "take a project along: all of it in one zip", pack_project, _add_packing)
OPEN = Command("open", "open a project from such a zip", open_packed, _add_opening)
