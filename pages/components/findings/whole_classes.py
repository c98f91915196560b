"""Findings about whole classes: two that are written alike, or one that its background gives away."""

import streamlit as st

from core.base.words import counted
from core.checks.findings import BACKGROUND, TWINS, Finding
from core.projects import edits
from core.projects.project import Project
from pages.components.pictures import strip as photo_strip
from pages.components.pictures.fixes import KEEP, finish
from pages.components.shared.markdown import plain

FIRST = 8  # photos of a class that are shown


def show_twins(key: str, project: Project, finding: Finding) -> None:
    """Classes written alike: make them one, or leave them two."""
    st.markdown(plain(f"{finding.why} {finding.fix}"))
    counts = project.class_counts()
    with st.container(horizontal=True):
        for label in finding.class_names:
            with st.container(border=True, width="content"):
                st.markdown(f"**{plain(label)}**, {counted(counts.get(label, 0), 'photo')}")
                first = project.photos(label, limit=FIRST // 2)
                photo_strip.show([(project.thumbnail(photo), "") for photo in first])
                if st.button(f"Merge into {plain(label)}", icon=":material/merge:", key=f"{key}_into_{label}"):
                    edits.merge_classes(project, finding.class_names, label)
                    finish(key)
    if st.button("Keep them apart", icon=KEEP, key=f"{key}_keep"):
        edits.keep(project, finding.photos, TWINS)
        finish(key)


def show_background(key: str, project: Project, finding: Finding) -> None:
    """A class that its background gives away: other photos put that right."""
    st.markdown(plain(f"{finding.why} {finding.fix}"))
    first = project.photos_with_ids(finding.photos[:FIRST])
    photo_strip.show([(project.thumbnail(photo), "") for photo in first])
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Keep them", icon=KEEP, key=f"{key}_keep"):
            edits.keep(project, finding.photos, BACKGROUND)
            finish(key)
        st.page_link("pages/photos.py", label="Add photos", icon=":material/add_photo_alternate:")
