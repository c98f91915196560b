"""Versions of photos on shelves (`core/projects/changes/shelf.py`) that no change made, since it was ended before."""

import re
import sqlite3
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from core.base.errors import EspalierError
from core.base.files import content_of
from core.base.records import kept
from core.projects.changes.shelf import SHA256, VERSIONS, Note
from core.projects.project import Project
from core.upkeep.folders import children, folders_in
from core.upkeep.removing import Item

LISTED = "select sha256, file from versions union all select sha256, file from photos"


def unmade(folder: Path) -> Iterator[Item]:
    """Those of a project that can be made anew: the list knows the original, which is whole, and not the version.

    A list that was damaged, or is older than its shelves, knows too little: what a repair needs of them stays.
    """
    project = Project(folder)
    notes = [
        (shelf, content, note)
        for shelf in folders_in(folder / VERSIONS)
        for entry in children(shelf)
        if SHA256.fullmatch(content := Path(entry.name).stem) and entry.name.endswith(".json")
        if (note := kept(Path(entry.path), Note.from_json)) is not None
    ]
    listed = _listed(project) if notes else {}
    for shelf, content, note in notes:
        place = listed.get(note.original)
        if content in listed or place is None or content_of(folder / place) != note.original:
            continue
        of_it = [Path(entry.path) for entry in children(shelf) if re.fullmatch(rf"{content}\.\w+", entry.name)]
        note_last = sorted(of_it, key=lambda path: path.suffix == ".json")  # a version without one is never found
        yield Item(tuple(note_last), partial(_is_made, project, content), written_in=folder)


def _is_made(project: Project, content: str) -> bool:
    """Whether a change has made it meanwhile, or that can't be said now."""
    listed = _listed(project)
    return not listed or content in listed


def _listed(project: Project) -> dict[str, str]:
    """Where each content lies that the list knows, relative to the project; none where that can't be read."""
    try:
        with project.database() as db:
            return dict(db.execute(LISTED))
    except (EspalierError, sqlite3.Error):
        return {}
