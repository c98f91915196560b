"""What of the photos is shown, a class or what is set aside, and another name for the class."""

import streamlit as st

from core.projects import edits
from core.projects.project import Project
from pages.components.pictures import fixes as photo_fixes
from pages.components.pictures import grid as photo_grid
from pages.components.shared import heading
from pages.components.shared.markdown import plain

ASIDE = ""  # the view of what is set aside; no class has this name


def choose(key: str, labels: list[str], n_aside: int) -> str:
    """A class, or what is set aside."""
    # Words without a number: the browser knows an option by its words, so they must not change with the photos.
    words = {label: label for label in labels}
    if n_aside:
        words[ASIDE] = "— set aside —"
    views = list(words)
    if st.session_state.get(f"{key}_view") not in views:  # its last photo went elsewhere
        st.session_state[f"{key}_view"] = views[0]
    return st.selectbox(
        "Show", views, key=f"{key}_view", format_func=words.get, on_change=photo_grid.clear, args=(key,), width=320
    )


def show_rename(key: str, project: Project, label: str, labels: list[str]) -> None:
    """Another name for the class; another class's name makes the two one."""
    with st.popover("Rename or merge", icon=":material/edit:"):
        new = st.selectbox(
            f"{plain(label)} becomes",
            [other for other in labels if other != label],
            index=None,
            key=f"{key}_rename_{label}",
            placeholder="A new name, or a class to merge with",
            accept_new_options=True,
        )
        merges = new in labels
        if merges:
            st.caption("The two classes become one. You can undo this.")
        if st.button("Merge" if merges else "Rename", disabled=not new, key=f"{key}_rename"):
            with heading.errors_in_words():
                edits.rename_class(project, label, new)
                st.session_state[f"{key}_wanted"] = edits.checked_label(new)
                photo_fixes.finish(key)
