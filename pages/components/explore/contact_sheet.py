"""All photos of a class in the gallery, those with the oddest colours first if wanted."""

import streamlit as st

from core.checks import explore
from core.projects.project import Project
from pages.components.pictures import gallery, listings
from pages.components.pictures.listings import Listed
from pages.components.shared import remembered

AS_THEY_CAME, USUAL, ODD = "As they came", "Most usual colours first", "Oddest colours first"


def show(project: Project, labels: list[str]) -> None:
    """The photos of a class that is chosen; the charts are drawn anew when one is put elsewhere."""
    st.subheader("Contact sheet")
    left, right = st.columns(2, vertical_alignment="bottom")
    label = left.selectbox("Class", labels, key=f"sheet_class_{project.id}")
    order = right.selectbox("Order", [AS_THEY_CAME, USUAL, ODD], key=f"sheet_order_{project.id}")
    st.caption(
        "Look for photos in the wrong class, copies, and anything that all photos of a class share besides the thing "
        "itself."
    )

    def listed(limit: int, offset: int) -> Listed:
        return listings.of_ids(project, remembered.of_photos(_in_order, project, label, order))(limit, offset)

    look = gallery.Look(title=f"Photos of {label}", redraws=True)
    gallery.show(f"sheet_{project.id}_{label}_{order}", project, listed, look=look)


def _in_order(project: Project, label: str, order: str) -> list[int]:
    if order == AS_THEY_CAME:
        return [photo.id for photo in project.photos(label)]
    usual = [photo for photo, _ in explore.typical_first(project, label)]
    return usual if order == USUAL else usual[::-1]
