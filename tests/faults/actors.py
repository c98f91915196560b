"""Who works in a project at the same time: browsers that edit, a worker that imports, somebody at the command line."""

import json
import random
from collections.abc import Callable
from pathlib import Path

from core.base.errors import EspalierError
from core.projects import edits
from core.projects.edits import Edit
from core.projects.project import Project
from tests.faults.case import fruit

CLASSES = ("apple", "pear", "plum", "quince")
COLUMNS = ("label", "set_aside", "split", "kept")  # of a photo, that edits change


def edit_for_a_while(seed: int, times: int, told: Path, home: Path) -> None:
    """As somebody in a browser: so many edits, drawn from a seed; each that was confirmed is told, in a line."""
    draw, project = random.Random(seed), fruit(home)
    for _ in range(times):
        how, do = draw.choice(EDITS)
        try:
            edit = do(project, draw)
        except EspalierError:  # another was first, or there is nothing to change
            continue
        with told.open("a") as lines:
            lines.write(json.dumps([edit.id, edit.what, how == "undo"]) + "\n")


def _some(project: Project, draw: random.Random) -> list[int]:
    ids = [photo.id for photo in project.photos_where("true")]
    return draw.sample(ids, min(len(ids), draw.randint(1, 4)))


def _rename(project: Project, draw: random.Random) -> Edit:
    return edits.rename_class(project, *draw.sample(CLASSES, 2))


EDITS: tuple[tuple[str, Callable[[Project, random.Random], Edit]], ...] = (
    ("set aside", lambda project, draw: edits.set_aside(project, _some(project, draw))),
    ("restore", lambda project, draw: edits.restore(project, _some(project, draw))),
    ("move", lambda project, draw: edits.move(project, _some(project, draw), draw.choice(CLASSES))),
    ("rename", _rename),
    ("hold out", lambda project, draw: edits.hold_out(project, _some(project, draw), draw.choice(["test", "train"]))),
    ("keep", lambda project, draw: edits.keep(project, _some(project, draw), draw.choice(["blurred", "dark"]))),
    ("undo", lambda project, draw: edits.undo(project)),
    ("undo", lambda project, draw: edits.undo(project)),
)


def rows(project: Project) -> dict[int, dict[str, str]]:
    """What edits change, by photo and column."""
    return {photo.id: {name: getattr(photo, name) for name in COLUMNS} for photo in project.photos_where("true")}


def logged(project: Project) -> list[tuple[int, str, list, bool]]:
    """The log: number, words, changes, and whether it was undone; in the one order that has to explain all."""
    with project.database() as db:
        found = db.execute("select id, what, changes, undone from edits order by id").fetchall()
    return [(number, what, json.loads(changes), bool(undone)) for number, what, changes, undone in found]


def replayed(before: dict[int, dict[str, str]], now: dict[int, dict[str, str]], log: list) -> dict[int, dict[str, str]]:
    """The first state with all edits that stand, in the order of the log.

    A photo that came meanwhile begins as the first edit on it found it.

    Raises:
        AssertionError: An edit found something else than the edits before it had left.
    """
    state = {photo: dict(values) for photo, values in before.items()}
    for photo in now.keys() - before.keys():
        found = {change[1]: change[2] for *_, changes, _ in reversed(log) for change in changes if change[0] == photo}
        state[photo] = {name: found.get(name, now[photo][name]) for name in COLUMNS}
    for number, what, changes, undone in log:
        for photo, column, found, left in [] if undone else changes:
            if column in COLUMNS:
                assert state[photo][column] == found, f"edit {number} ({what}) found {found!r} at {photo}.{column}"
                state[photo][column] = left
    return state
