"""The workspace, the project that this browser tab works on, and what it still lacks."""

import os
from typing import NoReturn

import streamlit as st

from core.base.computer import home_folder
from core.base.errors import EspalierError
from core.base.names import told_apart
from core.checks.readiness import problems
from core.jobs.folder import JobFolder
from core.jobs.kinds import JobKind
from core.jobs.queue import Jobs
from core.projects.project import Project
from core.projects.workspace import Workspace
from pages.components.shared.markdown import plain

PATIENCE_S = 5.0  # for which a page waits for another program that holds a project's list of photos
NOT_OPENED = "not_opened"  # in session state, the project that was asked for, when another is shown in its place
PROJECT = "project"  # the key in session state and in the address, so that a refreshed tab finds its project again


def workspace() -> Workspace:
    """The folder that holds all projects."""
    return Workspace(home_folder(os.environ), PATIENCE_S)


def jobs() -> Jobs:
    """Where long work is started."""
    return Jobs(workspace().home)


def start(kind: JobKind, this: JobFolder) -> NoReturn:
    """Start a job whose request, if it needs one, is written down; the page is drawn anew, or StorageError raised."""
    this.prepare()
    jobs().submit(kind, this.folder)
    st.rerun()


def choose(project: Project) -> None:
    """Make a project the current one."""
    st.session_state.pop(NOT_OPENED, None)
    st.session_state[PROJECT] = project.id


def project() -> Project | None:
    """The current project: this tab's, else the address's, else the one changed last that can be opened, else none."""
    wanted = [st.session_state.get(PROJECT), st.query_params.get(PROJECT)]
    for project_id in filter(None, wanted):
        try:
            return _current(workspace().open(project_id))
        except EspalierError:  # moved to the trash since, or in trouble
            st.session_state[NOT_OPENED] = project_id
    for newest in workspace().projects():
        try:
            return _current(workspace().open(newest.id))
        except EspalierError:
            continue
    return None


def show_not_opened() -> None:
    """Say that the project which was asked for can't be opened, as long as that is so."""
    for trouble in workspace().troubled() if NOT_OPENED in st.session_state else ():
        if trouble.project.id == st.session_state[NOT_OPENED]:
            st.warning(plain(trouble.words), icon=":material/warning:")
            return
    st.session_state.pop(NOT_OPENED, None)


def _current(found: Project) -> Project:
    st.session_state[PROJECT] = found.id
    if st.query_params.get(PROJECT) != found.id:
        st.query_params[PROJECT] = found.id
    return found


def project_or_stop() -> Project:
    """The current project; without one, the page shows where to begin and ends here."""
    found = project()
    if found is None:
        st.info("There is no project yet. Begin on the first page: name a new one, or look at the demo.")
        st.page_link("pages/projects.py", label="Go to the projects", icon=":material/potted_plant:")
        st.stop()
    return found


def show_picker(key: str, chosen: Project | None) -> None:
    """A list to change to another project."""
    projects = workspace().projects()
    if chosen is None or len(projects) < 2:
        return
    titles = told_apart({project.id: project.title for project in projects})  # a folder copied by hand has one twice
    ids = list(titles)
    picked = st.selectbox("Project", ids, ids.index(chosen.id), format_func=titles.get, key=f"{key}_{chosen.id}")
    if picked != chosen.id:
        st.session_state.pop(NOT_OPENED, None)
        st.session_state[PROJECT] = picked
        st.rerun()


def show_blockers(class_counts: dict[str, int]) -> bool:
    """Show what keeps so many usable photos per class from being learned from; whether anything does."""
    found = problems(class_counts)
    for blocker in found:
        st.warning(plain(blocker), icon=":material/warning:")
    if found:
        st.page_link("pages/photos.py", label="Go to the photos", icon=":material/arrow_back:")
    return bool(found)
