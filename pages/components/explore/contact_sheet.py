"""All photos of a class, small, page by page."""

import streamlit as st

from core.checks import explore
from core.projects.project import Project
from pages.components.pictures import grid as photo_grid
from pages.components.shared import heading, remembered

PER_PAGE = 48  # thumbnails
AS_THEY_CAME, USUAL, ODD = "As they came", "Most usual colours first", "Oddest colours first"


@st.fragment
@heading.in_words
def show(project: Project, labels: list[str]) -> None:
    """All photos of a class, small, page by page."""
    st.subheader("Contact sheet")
    left, right = st.columns(2, vertical_alignment="bottom")
    label = left.selectbox("Class", labels, key=f"sheet_class_{project.id}")
    order = right.selectbox("Order", [AS_THEY_CAME, USUAL, ODD], key=f"sheet_order_{project.id}")
    contents = remembered.of_photos(_in_order, project, label, order)
    n_pages = -(-len(contents) // PER_PAGE)
    page = 1
    if n_pages > 1:
        page = st.pagination(n_pages, key=f"sheet_page_{project.id}_{label}_{order}_{n_pages}")
    first = (page - 1) * PER_PAGE
    shown = contents[first : first + PER_PAGE]
    st.caption(
        f"Photos {first + 1:,} to {first + len(shown):,} of {len(contents):,}. Look for photos in the wrong class, "
        "copies, and anything that all photos of a class share but the thing itself."
    )
    photo_grid.show_strip([(project.thumbnail_of(sha256), "") for sha256 in shown], width=112)


def _in_order(project: Project, label: str, order: str) -> list[str]:
    if order == AS_THEY_CAME:
        return [photo.sha256 for photo in project.photos(label)]
    usual = [sha256 for sha256, _ in explore.typical_first(project, label)]
    return usual if order == USUAL else usual[::-1]
