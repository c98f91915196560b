"""The map of photos: those that look alike lie together; select some to look at them and put them right."""

import pandas as pd
import streamlit as st

from core.base.words import counted
from core.jobs import kinds
from core.photo_map.folder import PhotoMapFolder, current_photos, map_of
from core.projects import edits
from core.projects.project import Project
from pages.components.photo_map import chart as map_chart
from pages.components.pictures import grid as photo_grid
from pages.components.shared import buttons, current, heading, job_monitor

PER_PAGE = 24
DRAWING = job_monitor.JobWords(
    after_stop="The map that was there stays.",
    cancelled="The drawing was stopped. Your photos are untouched.",
    lost="The drawing ended without a word: its process was ended from outside, perhaps because memory ran out. "
    "Your photos are untouched. Draw it again.",
)


def show_start(project: Project, this: PhotoMapFolder) -> None:
    """The way to begin, or what is missing for it."""
    if current.show_blockers(project.class_counts()):
        return
    st.markdown(
        "It looks at each photo once through the built-in base model, and lays the photos out so that those it finds "
        "alike lie together (t-SNE). A dot of one class amid another is worth a look."
    )
    buttons.show_start("Draw the map", kinds.MAP, this, type="primary", icon=":material/scatter_plot:")


def show_map(key: str, project: Project, this: PhotoMapFolder, places: pd.DataFrame) -> None:
    """The chart, and the photos that are chosen on it."""
    now = current_photos(project)
    photos = now.merge(places, on="sha256")
    if len(photos) < len(now):
        with st.container(horizontal=True, vertical_alignment="center"):
            missing = counted(len(now) - len(photos), "photo")
            st.info(f"{missing} came after the map was drawn and can't be seen on it.", icon=":material/update:")
            buttons.show_start("Draw it again", kinds.MAP, this, icon=":material/scatter_plot:", key=f"{key}_again")
    photos = map_chart.choose_layout(key, photos)
    by, photos = map_chart.choose_colours(key, project, photos)
    ids = map_chart.show(f"{key}_{by}", photos, by, list(project.class_counts()))
    st.caption(
        "Near is alike; how far apart two heaps lie, and how large they are, says little. Circle dots with the mouse, "
        "or take the box from the chart's tool bar, to see their photos."
    )
    map_chart.show_hover(key, project)
    photo_grid.show_last_change(key, project, clears=True)
    if st.session_state.get(f"{key}_chosen") != ids:  # what was ticked among other dots is no longer in sight
        st.session_state[f"{key}_chosen"] = ids
        photo_grid.clear(key)
    if ids:
        with heading.errors_in_words():
            show_selection(key, project, ids)


def show_selection(key: str, project: Project, ids: list[int]) -> None:
    """The photos of the chosen dots, and what can be done with those that are ticked."""
    st.subheader(f"{counted(len(ids), 'photo')} chosen on the map", anchor=False)
    these = photo_grid.selected(key) or ids
    words = f"{len(these):,} ticked" if photo_grid.selected(key) else f"all {len(these):,}"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        photo_grid.show_fixes(key, project, these, words, list(project.class_counts()))
    shown = project.photos_with_ids(ids[photo_grid.choose_page(key, len(ids), PER_PAGE)])
    photo_grid.show(key, project, shown, with_class=True)


def show_all(key: str, project: Project) -> None:
    """Everything below the heading."""
    edits.repair(project)
    this = map_of(project)
    busy, places = job_monitor.show(key, this.job, DRAWING), this.read()
    if places is not None:
        show_map(key, project, this, places)
    elif not busy:
        show_start(project, this)
    with st.container(horizontal=True):
        st.page_link("pages/labels.py", label="Are the labels right?", icon=":material/label:")
        st.page_link("pages/results.py", label="Results", icon=":material/arrow_back:")


heading.show_page(
    "Map of the photos", "Each dot is a photo; those that look alike to the base model lie together.", "map", show_all
)
