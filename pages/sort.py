"""Sort and tidy: put photos into the right class, set aside what does not belong; every change can be undone."""

import streamlit as st

from core.projects import edits
from core.projects.project import Project
from pages.components.pictures import grid as photo_grid
from pages.components.shared import heading
from pages.components.sort import choices

PER_PAGE = 24  # twice as many take the browser twice as long: half a second (docs/benchmarks.md)


def show_sorting(key: str, project: Project) -> None:
    """Everything below the heading."""
    edits.repair(project)
    counts, aside = project.class_counts(), project.photos_set_aside()
    if not counts and not aside:
        st.info("There are no photos to sort yet. Bring some in first.")
        st.page_link("pages/photos.py", label="Go to the photos", icon=":material/arrow_back:")
        return
    if wanted := st.session_state.pop(f"{key}_wanted", None):  # the name that was just given
        st.session_state[f"{key}_view"] = wanted
    photo_grid.show_last_change(key, project, clears=True)
    labels = list(counts)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = choices.choose_view(key, labels, len(aside))
        if view != choices.ASIDE:
            choices.show_rename(key, project, view, labels)
    n = len(aside) if view == choices.ASIDE else counts[view]
    chooser = st.container()
    page = photo_grid.choose_page(f"{key}_{view}", n, PER_PAGE)
    photos = aside[page] if view == choices.ASIDE else project.photos(view, limit=PER_PAGE, offset=page.start)
    with chooser:
        choices.show_selected(key, project, n, photos)
    with st.bottom, heading.errors_in_words():  # in sight however far down the page one selects
        choices.show_actions(key, project, view, labels)
    photo_grid.show(key, project, photos)
    st.page_link("pages/photos.py", label="Back to the photos", icon=":material/arrow_back:")


heading.show_page(
    "Sort and tidy",
    "Put photos into the right class, set aside what does not belong. Nothing is deleted, every change can be undone.",
    "sort",
    show_sorting,
)
