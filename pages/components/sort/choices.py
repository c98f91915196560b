"""A class's own changes: another name, or one class of two."""

import streamlit as st

from core.projects import edits
from core.projects.project import Project
from pages.components.pictures import grid as photo_grid
from pages.components.shared import heading
from pages.components.shared.markdown import plain


def show_rename(key: str, project: Project, label: str) -> None:
    """Another name for the class; another class's name makes the two one. Nothing where `label` is no class."""
    labels = list(project.class_counts())
    if label not in labels:
        return
    with st.popover("Rename or merge", icon=":material/edit:"):
        others, placeholder = [other for other in labels if other != label], "A new name, or a class to merge with"
        new = photo_grid.choose_class(f"{plain(label)} becomes", others, f"{key}_rename_{label}", placeholder)
        merges = new in labels
        if merges:
            st.caption("The two classes become one. You can undo this.")
        if st.button("Merge" if merges else "Rename", disabled=not new, key=f"{key}_rename"):
            with heading.errors_in_words():
                edits.rename_class(project, label, new)
                st.session_state[f"{key}_wanted"] = edits.checked_label(new)
                st.rerun()
