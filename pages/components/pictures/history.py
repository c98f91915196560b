"""What undo takes back in a gallery, and redo does again."""

from collections.abc import Callable
from dataclasses import dataclass

from core.projects import edits
from core.projects.changes.log import Edit, last_undone
from core.projects.project import Project


@dataclass(frozen=True)
class History:
    """The changes that a gallery's undo is about: those of the project, unless a page has others too.

    Args:
        last: The last one, whose number is higher than that of any before; None when there is none.
        undo: Takes it back, and gives it.
        again: What was taken back and can be done again; None when there is nothing.
        redo: Does that again, and gives it.
    """

    last: Callable[[Project], Edit | None] = edits.last_edit
    undo: Callable[[Project], Edit] = edits.undo
    again: Callable[[Project], Edit | None] = last_undone
    redo: Callable[[Project], Edit] = edits.redo


OF_PROJECT = History()
