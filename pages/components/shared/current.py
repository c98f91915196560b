"""The workspace, and the project that this browser tab works on."""

import os

import streamlit as st

from core.base.errors import EspalierError
from core.base.home import home_folder
from core.jobs.queue import Jobs
from core.projects.project import Project
from core.projects.workspace import Workspace

PROJECT = "project"  # the key in session state and in the address, so that a refreshed tab finds its project again


def workspace() -> Workspace:
    """The folder that holds all projects."""
    return Workspace(home_folder(os.environ))


def jobs() -> Jobs:
    """Where long work is started."""
    return Jobs(workspace().home)


def choose(project: Project) -> None:
    """Make a project the current one."""
    st.session_state[PROJECT] = project.id


def project() -> Project | None:
    """The current project: this tab's, else the address's, else the one changed last, else none."""
    wanted = [st.session_state.get(PROJECT), st.query_params.get(PROJECT)]
    for project_id in filter(None, wanted):
        try:
            return _current(workspace().open(project_id))
        except EspalierError:  # moved to the trash since
            continue
    newest = workspace().projects()[:1]
    return _current(newest[0]) if newest else None


def _current(found: Project) -> Project:
    choose(found)
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
    titles = {project.id: project.title for project in projects}
    ids = list(titles)
    picked = st.selectbox("Project", ids, ids.index(chosen.id), format_func=titles.get, key=f"{key}_{chosen.id}")
    if picked != chosen.id:
        st.session_state[PROJECT] = picked
        st.rerun()
