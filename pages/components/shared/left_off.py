"""Where the user left a project off: the page that was open last, kept beside its photos."""

from contextlib import suppress

import streamlit as st

from core.base.errors import EspalierError
from core.base.files import disk_errors_in_words
from core.base.records import keep, kept, object_of
from core.projects.project import Project
from core.runs.run import list_runs
from pages.components.shared.steps import OF_A_PROJECT

FILE = "left-off.json"  # no row of the list of photos: that is checked wholly after each change
NOTED = "left_off"  # in session state, what this tab noted last


def note(project: Project | None, page: str) -> None:
    """Keep that a page, by the name of its file, is open; on a disk that can't be written it is forgotten."""
    if project is None or page not in OF_A_PROJECT or st.session_state.get(NOTED) == [project.id, page]:
        return
    st.session_state[NOTED] = [project.id, page]
    with suppress(EspalierError, OSError), disk_errors_in_words("noting the page"):
        keep(project.folder / FILE, {"page": page})


def page_of(project: Project) -> str:
    """The name of that page's file; of a project in which none was noted, where one would go on."""
    noted = (kept(project.folder / FILE, object_of) or {}).get("page")
    if isinstance(noted, str) and noted in OF_A_PROJECT:
        return noted
    return "results" if any(run.report_path.exists() for run in list_runs(project.runs_folder)) else "photos"
