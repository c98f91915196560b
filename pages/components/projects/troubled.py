"""Projects that can't be opened: what is wrong with each, and what can be done; and what a repair came to."""

from functools import partial
from pathlib import Path

import streamlit as st

from core.jobs import kinds
from core.jobs.active import active_jobs
from core.projects.database.relisting import needs_relisting
from core.projects.database.repair import REPAIRED
from core.projects.imports import RELIST, ImportFolder, ImportRequest
from core.projects.project import Project
from core.projects.workspace import TroubledProject
from pages.components.shared import buttons, current
from pages.components.shared.markdown import plain


def check(project: Project) -> None:
    """Raise what is wrong with a project's list of photos, read from the first to the last page after each change."""
    try:
        state = project.state_on_disk()
    except OSError:  # it goes away at this moment
        state = ()
    _check(str(project.folder), state)


@st.cache_data(max_entries=100, show_spinner=False)
def _check(folder: str, state: tuple[int, ...]) -> None:
    Project(Path(folder), current.PATIENCE_S).check_wholly()


def show(trouble: TroubledProject) -> None:
    """One project that can't be opened, as a line."""
    project, workspace = trouble.project, current.workspace()
    with st.container(border=True):
        st.markdown(f"**{plain(project.id)}** can't be opened.")
        st.error(plain(trouble.words), icon=":material/error:")
        with st.container(horizontal=True):
            if trouble.can_be_repaired:
                buttons.show_action(
                    "Repair",
                    partial(_repair, project),
                    key=f"repair_{project.id}",
                    icon=":material/build:",
                    help="A list is made from what is left of it, its backups and the folders of the photos. "
                    "Nothing is deleted.",
                )
            to_trash, icon = partial(workspace.move_to_trash, project), ":material/delete:"
            buttons.show_action("Move to trash", to_trash, key=f"trash_{project.id}", icon=icon)


def _repair(project: Project) -> None:
    current.workspace().repair(project)
    if needs_relisting(project):
        _list_again(project)


def _list_again(project: Project) -> None:
    this = ImportFolder.create(project)
    this.write_request(ImportRequest(RELIST))
    current.jobs().submit(kinds.IMPORT, this.folder)


def show_repaired(project: Project) -> None:
    """What a repair restored and what was lost, until the user has seen it; nothing of other projects."""
    words = project.setting(REPAIRED)
    if not words:
        return
    st.info(f"The list of photos was repaired. {plain(words)}", icon=":material/build:")
    if any(active_jobs(project.folder, matters=lambda kind: kind is kinds.IMPORT)):
        st.caption("The photos in its folders are being listed; the page Photos shows how far that is.")
        return
    with st.container(horizontal=True):
        if needs_relisting(project):
            key = f"relist_{project.id}"
            buttons.show_action("List the photos in its folders", partial(_list_again, project), key=key)
        seen = partial(project.keep_setting, REPAIRED, "")
        buttons.show_action("All right", seen, key=f"repaired_{project.id}")
