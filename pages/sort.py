"""Sort and tidy: put photos into the right class, set aside what does not belong; every change can be undone."""

import streamlit as st

from core.projects import edits
from core.projects.project import Photo, Project
from pages.components.pictures import fixes as photo_fixes
from pages.components.pictures import grid as photo_grid
from pages.components.shared import current, heading, last_change
from pages.components.sort import selection, views

PER_PAGE = 24  # twice as many take the browser twice as long: half a second (docs/benchmarks.md)


def page_of(project: Project, view: str, aside: list[Photo], page: int) -> list[Photo]:
    """The photos of one page of the grid."""
    first = (page - 1) * PER_PAGE
    if view == views.ASIDE:
        return aside[first : first + PER_PAGE]
    return project.photos(view, limit=PER_PAGE, offset=first)


def show_sorting(key: str, project: Project) -> None:
    """Everything below the heading."""
    edits.repair(project)
    counts, aside = project.class_counts(), project.photos_set_aside()
    if not counts and not aside:
        st.info("There are no photos to sort yet. Bring some in first.")
        st.page_link("pages/photos.py", label="Go to the photos", icon=":material/arrow_back:")
        return
    wanted = st.session_state.pop(f"{key}_wanted", None)
    if wanted is not None:
        st.session_state[f"{key}_view"] = wanted
    if last_change.show(key, project):
        photo_fixes.finish(key)
    labels = list(counts)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = views.choose(key, labels, len(aside))
        if view != views.ASIDE:
            views.show_rename(key, project, view, labels)
    n = len(aside) if view == views.ASIDE else counts[view]
    chooser = st.container()
    page = photo_grid.choose_page(f"{key}_{view}", n, PER_PAGE)
    photos = page_of(project, view, aside, page)
    with chooser:
        selection.show(key, project, n, photos)
    with st.bottom, heading.errors_in_words():  # in sight however far down the page one selects
        selection.show_actions(key, project, view, labels)
    photo_grid.show(key, project, photos)
    st.page_link("pages/photos.py", label="Back to the photos", icon=":material/arrow_back:")


heading.show(
    "Sort and tidy",
    "Put photos into the right class, set aside what does not belong. Nothing is deleted, every change can be undone.",
)
project = current.project_or_stop()
with heading.errors_in_words():
    show_sorting(f"sort_{project.id}", project)
