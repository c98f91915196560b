"""`python -m core pack` and `python -m core open`: a project in one zip, and out of it again."""

import argparse
import sys
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from core.base.errors import InputError
from core.base.words import counted
from core.packing.folder import new_opening
from core.packing.pack import pack
from core.packing.unpack import unpack
from core.projects.project import open_project
from core.projects.workspace import Workspace


def pack_project(arguments: argparse.Namespace) -> tuple[Any, str]:
    """Write a project into a zip that is not there yet."""
    target = arguments.zip
    if target.exists():
        raise InputError(f"There is already a file called {target.name}. Choose another name.")
    project = open_project(arguments.project.resolve())
    packed = pack(project, target, _said("Packing"))
    left = f"\nNot taken along, since they are still going on: {', '.join(packed.left)}" if packed.left else ""
    words = f"{project.title}: {counted(packed.files, 'file')} in {target} ({target.stat().st_size / 1e6:,.1f} MB)"
    return {**asdict(packed), "title": project.title, "zip": str(target)}, words + left


def open_packed(arguments: argparse.Namespace) -> tuple[Any, str]:
    """Open a project's zip as a new project of the workspace."""
    workspace = Workspace(arguments.home)
    going = new_opening(workspace)
    try:
        with going.job.alive_lock():  # so that nobody takes it for a leftover
            project = unpack(arguments.zip, workspace, going.folder, _said("Opening"))
    finally:
        going.remove()
    photos = sum(project.class_counts().values())
    return {
        "title": project.title,
        "folder": str(project.folder),
        "photos": photos,
    }, f"{project.title}: {counted(photos, 'photo')}, in {project.folder}"


def _said(doing: str) -> Callable[[int, int], None]:
    began = False

    def say(done: int, total: int) -> None:
        nonlocal began
        if not began:
            print(f"{doing} {total / 1e6:,.1f} MB ...", file=sys.stderr)
        began = True

    return say
