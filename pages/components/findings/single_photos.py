"""Photos with one finding each: keep, set aside or move all of them, or those selected."""

import streamlit as st

from core.checks.findings import KINDS, Finding
from core.projects import edits
from core.projects.project import Project
from pages.components.pictures import grid as photo_grid
from pages.components.pictures.fixes import ASIDE, KEEP, finish

PER_PAGE = 12  # photos


def show(key: str, project: Project, finding: Finding, labels: list[str]) -> None:
    """Single photos: keep, set aside or move all of them, or those selected."""
    of_these = set(finding.photos)
    chosen = [photo for photo in photo_grid.selected(key) if photo in of_these]
    these = chosen or finding.photos
    which = f"{len(chosen):,} selected" if chosen else f"all {len(these):,}"
    if len(finding.photos) == 1:
        which = "it"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.button(f"Keep {which}", icon=KEEP, key=f"{key}_keep"):
            edits.keep(project, these, finding.kind)
            finish(key)
        if st.button("Set it aside" if which == "it" else f"Set aside {which}", icon=ASIDE, key=f"{key}_aside"):
            edits.set_aside(project, these, KINDS[finding.kind].aside)
            finish(key)
        is_clear = bool(chosen) or len(these) == 1  # to move them all is hardly ever meant
        words = f"Move {which} to …" if is_clear else "Move selected to …"
        target = st.selectbox(
            words,
            labels,
            index=None,
            key=f"{key}_target",
            placeholder=words,
            accept_new_options=True,
            label_visibility="collapsed",
            width=240,
        )
        if st.button("Move", disabled=not (target and is_clear), key=f"{key}_move"):
            edits.move(project, these, target)
            finish(key)
    page = photo_grid.choose_page(key, len(finding.photos), PER_PAGE)
    shown = finding.photos[(page - 1) * PER_PAGE : page * PER_PAGE]
    photo_grid.show(key, project, project.photos_with_ids(shown), with_class=True)
