"""Which photos are selected, and what can be done with them."""

import streamlit as st

from core.base.subsets import TEST
from core.base.words import counted
from core.projects import edits
from core.projects.project import Photo, Project
from pages.components.pictures import fixes as photo_fixes
from pages.components.pictures import grid as photo_grid
from pages.components.sort.views import ASIDE


def show(key: str, project: Project, n: int, photos: list[Photo]) -> None:
    """How many there are and how many are selected, and more or none at a time."""
    chosen = photo_grid.selected(key)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{counted(n, 'photo')}, **{len(chosen):,} selected**", width="content")
        ids = [photo.id for photo in photos if photo.width]
        st.button("Select page", key=f"{key}_all", on_click=photo_grid.select, args=(key, ids))
        st.button("Clear", key=f"{key}_none", on_click=photo_grid.clear, args=(key,), disabled=not chosen)
        if len(chosen) == 1:  # a mark on each photo would cost the browser a quarter of its time
            st.caption(photo_grid.about(project.photos_with_ids(chosen)[0]), width="content")


def show_actions(key: str, project: Project, view: str, labels: list[str]) -> None:
    """What can be done with the selected photos."""
    chosen = photo_grid.selected(key)
    idle = not chosen
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if view == ASIDE:
            words = f"Restore {len(chosen):,} selected" if chosen else "Restore"
            if st.button(words, type="primary", icon=":material/restore_page:", disabled=idle, key=f"{key}_back"):
                edits.restore(project, chosen)
                photo_fixes.finish(key)
            return
        others = [label for label in labels if label != view]
        words = f"{len(chosen):,} selected" if chosen else "selected"
        photo_fixes.show(key, project, chosen, words, others)
        if st.button("Hold out for the test", icon=":material/lock_clock:", disabled=idle, key=f"{key}_hold"):
            edits.hold_out(project, chosen, TEST)
            photo_fixes.finish(key)
