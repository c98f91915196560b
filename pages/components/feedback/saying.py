"""What a tab says of photos that wait, with the way back: each saying, and what was said before it."""

import streamlit as st

from core.base.errors import InputError
from core.feedback.folder import FeedbackFolder
from core.projects.changes.log import Edit
from core.projects.project import Project
from pages.components.pictures.history import History

Labels = dict[str, str | None]  # by SHA-256, as `FeedbackFolder.change` takes them
MOST = 100  # sayings that can be taken back


class Sayings:
    """The sayings of this tab, in its session.

    Args:
        key: Where the session keeps them.
        feedback: Keeps what is said.
    """

    def __init__(self, key: str, feedback: FeedbackFolder) -> None:
        self.is_new = key not in st.session_state
        self._kept = st.session_state.setdefault(key, {"n": 0, "done": [], "undone": []})
        self._feedback = feedback
        self.history = History(self._last, self._undo, self._again, self._redo)

    @property
    def can_undo(self) -> bool:
        """Whether there is something to take back, or to do again."""
        return bool(self._kept["done"] or self._kept["undone"])

    def say(self, what: str, labels: Labels) -> Edit:
        """Say it; `what` is a sentence without its full stop."""
        before = self._now(labels)
        self._feedback.change(labels)
        n = self._kept["n"] + 1
        done = [*self._kept["done"], {"id": n, "what": what, "before": before, "after": labels}]
        self._kept.update(n=n, done=done[-MOST:], undone=[])
        return _edit(done[-1])

    def _now(self, labels: Labels) -> Labels:
        said = self._feedback.all()
        return {sha256: said[sha256].label if sha256 in said else None for sha256 in labels}

    def _last(self, project: Project) -> Edit | None:
        return _edit(self._kept["done"][-1]) if self._kept["done"] else None

    def _again(self, project: Project) -> Edit | None:
        return _edit(self._kept["undone"][-1]) if self._kept["undone"] else None

    def _undo(self, project: Project) -> Edit:
        return self._turn("done", "undone", "after", "before")

    def _redo(self, project: Project) -> Edit:
        return self._turn("undone", "done", "before", "after")

    def _turn(self, from_: str, to: str, now: str, then: str) -> Edit:
        if not self._kept[from_]:
            raise InputError("There is nothing to undo." if from_ == "done" else "There is nothing to do again.")
        saying = self._kept[from_][-1]
        if self._now(saying[now]) != saying[now]:
            raise InputError("Another window said something else of these photos since. They stay as they are.")
        self._feedback.change(saying[then])
        self._kept[from_].pop()
        self._kept[to].append(saying)
        return _edit(saying)


def _edit(saying: dict) -> Edit:
    return Edit(saying["id"], 0.0, saying["what"])
