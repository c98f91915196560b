"""What was changed last in a project, and the way back."""

import streamlit as st

from core.projects import edits
from core.projects.project import Project
from pages.components.shared import heading
from pages.components.shared.markdown import plain


def show(key: str, project: Project) -> bool:
    """Show the last change and a button that takes it back.

    Args:
        key: Of the button.
        project: Whose change.

    Returns:
        True when it was just taken back: what the page showed so far is out of date, so it has to run again.
    """
    undone = st.session_state.pop(f"{key}_undone", None)
    if undone:
        st.caption(f"Undone: {plain(undone)}.")
    last = edits.last_edit(project)
    if last is None:
        return False
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Last change: {plain(last.what)}.", width="content")
        if st.button("Undo", icon=":material/undo:", key=f"{key}_undo"):
            with heading.errors_in_words():
                st.session_state[f"{key}_undone"] = edits.undo(project).what
                return True
    return False
