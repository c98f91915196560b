"""The photos of the dots that are chosen on the map."""

import streamlit as st

from core.base.words import counted
from core.projects.project import Project
from pages.components.pictures import fixes as photo_fixes
from pages.components.pictures import grid as photo_grid

PER_PAGE = 24


def show(key: str, project: Project, ids: list[int]) -> None:
    """The photos of the chosen dots, and what can be done with those that are ticked."""
    st.subheader(f"{counted(len(ids), 'photo')} chosen on the map", anchor=False)
    these = photo_grid.selected(key) or ids
    words = f"{len(these):,} ticked" if photo_grid.selected(key) else f"all {len(these):,}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        photo_fixes.show(key, project, these, words, list(project.class_counts()))
    page = photo_grid.choose_page(key, len(ids), PER_PAGE)
    shown = project.photos_with_ids(ids[(page - 1) * PER_PAGE : page * PER_PAGE])
    photo_grid.show(key, project, shown, with_class=True)
