"""The map of photos: those that look alike lie together; select some to look at them and put them right."""

import hashlib

import pandas as pd
import streamlit as st

from core.base.words import counted
from core.jobs import kinds
from core.photo_map.folder import PhotoMapFolder, current_photos, map_of
from core.projects import edits
from core.projects.project import Project
from pages.components.photo_map import chart as map_chart
from pages.components.pictures import gallery, listings
from pages.components.pictures.actions import USUAL, staying
from pages.components.shared import buttons, current, heading, job_monitor

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
    ids = map_chart.show(key, photos, by, list(project.class_counts()))
    st.caption(
        "Near is alike; how far apart two heaps lie, and how large they are, says little. Circle dots with the mouse, "
        "or take the box from the chart's tool bar, to see their photos."
    )
    map_chart.show_hover(key, project)
    if ids:
        show_selection(key, project, ids)


def show_selection(key: str, project: Project, ids: list[int]) -> None:
    """The photos of the chosen dots in the gallery; what is done with them draws no chart."""
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(f"{counted(len(ids), 'photo')} chosen on the map", anchor=False)
        st.button("Show the changes on the map", icon=":material/refresh:", type="tertiary", key=f"{key}_redraw")
    chosen = hashlib.sha256(repr(ids).encode()).hexdigest()[:12]
    look = gallery.Look(title="Photos chosen on the map", with_class=True)
    gallery.show(f"{key}_{chosen}", project, listings.of_ids(project, ids), staying(*USUAL), look)


def show_all(key: str, project: Project) -> None:
    """Everything below the heading."""
    edits.repair(project)
    this = map_of(project)
    busy, places = job_monitor.show(key, this.job, DRAWING), this.read()
    if places is not None:
        show_map(key, project, this, places)
    elif not busy:
        job_monitor.show_lost(this)
        show_start(project, this)
    with st.container(horizontal=True):
        st.page_link("pages/labels.py", label="Are the labels right?", icon=":material/label:")
        st.page_link("pages/results.py", label="Results", icon=":material/arrow_back:")


heading.show_page(
    "Map of the photos", "Each dot is a photo; those that look alike to the base model lie together.", "map", show_all
)
