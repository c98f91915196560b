"""Sort and tidy: put photos into the right class, set aside what does not belong; every change can be undone."""

from functools import partial

import streamlit as st

from core.projects.project import Project
from pages.components.photos import shown
from pages.components.pictures.actions import HOLD_OUT, USUAL
from pages.components.shared import heading
from pages.components.sort import choices


def show_sorting(key: str, project: Project) -> None:
    """Everything below the heading."""
    if not project.photos_where("true", limit=1):
        st.info("There are no photos to sort yet. Bring some in first.")
        st.page_link("pages/photos.py", label="Go to the photos", icon=":material/arrow_back:")
        return
    shown.show(key, project, (*USUAL, HOLD_OUT), partial(choices.show_rename, key, project))
    st.page_link("pages/photos.py", label="Back to the photos", icon=":material/arrow_back:")


heading.show_page(
    "Sort and tidy",
    "Put photos into the right class, set aside what does not belong. Nothing is deleted, every change can be undone.",
    "sort",
    show_sorting,
)
