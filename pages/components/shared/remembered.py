"""What is found in a project's list of photos, or in a file, remembered until that changes."""

from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any, TypeVar

import streamlit as st

from core.base import checksums
from core.projects.project import Project
from pages.components.shared import current

Found = TypeVar("Found")
MOST = 64  # findings of any kind and project; the largest hold numbers of 60,000 photos


def of_photos(find: Callable[..., Found], project: Project, *given: Hashable) -> Found:
    """What `find(project, *given)` returns, a value that can be pickled and follows from the list of photos alone.

    It is looked for again as soon as anything was written to that list, by whatever process.
    """
    try:
        state = project.state_on_disk()
    except OSError:  # its journal went away at this moment
        return find(project, *given)
    return _found(f"{find.__module__}.{find.__qualname__}", str(project.folder), state, given, find)


@st.cache_data(max_entries=MOST, show_spinner=False)
def _found(
    name: str, folder: str, state: tuple[int, ...], given: tuple[Hashable, ...], _find: Callable[..., Any]
) -> Any:
    return _find(Project(Path(folder), current.PATIENCE_S), *given)


def is_whole(path: Path) -> bool:
    """Whether a file is there, as it was made and sealed: read once a session, and again when it was written since."""
    try:
        state = path.stat()
    except OSError:
        return False
    looked_at = st.session_state.setdefault("files_looked_at", {})
    key = (str(path), state.st_mtime_ns, state.st_size)
    if key not in looked_at:
        looked_at[key] = not checksums.changed(path)
    return looked_at[key]
