"""Groups of photos that are alike, side by side; what can be done with each, and with all at once."""

import streamlit as st

from core.base.words import counted
from core.checks import findings
from core.checks.findings import KINDS, Finding
from core.projects import edits
from core.projects.project import Photo, Project
from pages.components.pictures import grid as photo_grid
from pages.components.pictures.fixes import ASIDE, KEEP, finish
from pages.components.shared.markdown import plain

PER_PAGE = 8  # groups
FIRST = 8  # photos of a group; a film may have a hundred
PER_ROW = 4  # photos of a group


def show(key: str, project: Project, found: list[Finding]) -> None:
    """Groups of photos that are alike, side by side; fixes for each, and for all at once."""
    if len(found) > 1:
        _show_fixes_for_all(key, project, found)
    page = photo_grid.choose_page(key, len(found), PER_PAGE)
    shown = found[(page - 1) * PER_PAGE : page * PER_PAGE]
    photos = {p.id: p for p in project.photos_with_ids(photo for each in shown for photo in each.photos[:FIRST])}
    with st.container(horizontal=True):
        for finding in shown:
            alike = sorted((photos[photo] for photo in finding.photos[:FIRST]), key=lambda photo: photo.label)
            with st.container(border=True, width=max(2, min(len(alike), PER_ROW)) * (photo_grid.CELL + 16) + 18):
                _show_group(f"{key}_{finding.photos[0]}", project, finding, alike)


def _show_group(key: str, project: Project, finding: Finding, photos: list[Photo]) -> None:
    """One group: all stay, or one of them, or those in one class."""
    chosen = photo_grid.show(key, project, photos, with_class=True)
    if len(finding.photos) > len(photos):
        st.caption(f"and {counted(len(finding.photos) - len(photos), 'more photo')}")
    aside = KINDS[finding.kind].aside
    with st.container(horizontal=True, gap="xsmall"):
        if chosen:
            if st.button(f"Set aside {len(chosen):,} selected", icon=ASIDE, key=f"{key}_aside"):
                edits.set_aside(project, chosen, aside)
                finish(key)
        elif len(finding.class_names) > 1:
            for label in finding.class_names:
                if st.button(f"Keep in {plain(label)}", key=f"{key}_in_{label}"):
                    edits.set_aside(project, findings.all_but_class(project, [finding], label), aside)
                    finish(key)
        elif st.button("Set aside all but one", key=f"{key}_aside"):
            edits.set_aside(project, findings.all_but_one(project, [finding]), aside)
            finish(key)
        if st.button("Keep all", key=f"{key}_keep"):
            edits.keep(project, finding.photos, finding.kind)
            finish(key)


def _show_fixes_for_all(key: str, project: Project, found: list[Finding]) -> None:
    """One click, and one undo, for all groups."""
    kind = found[0].kind
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(found[0].class_names) > 1:
            labels = sorted({label for finding in found for label in finding.class_names})
            label = st.selectbox(
                "Keep them in", labels, index=None, key=f"{key}_label", placeholder="A class", width=240
            )
            if st.button("Set the others aside", icon=ASIDE, disabled=not label, key=f"{key}_all_aside"):
                edits.set_aside(project, findings.all_but_class(project, found, label), KINDS[kind].aside)
                finish(key)
        elif st.button("Set aside all but one of each", icon=ASIDE, key=f"{key}_all_aside"):
            edits.set_aside(project, findings.all_but_one(project, found), KINDS[kind].aside)
            finish(key)
        if st.button(f"Keep all {len(found):,} groups", icon=KEEP, key=f"{key}_all_keep"):
            edits.keep(project, [photo for finding in found for photo in finding.photos], kind)
            finish(key)
