"""Check the photos: what may mislead the model or counts double, each with its photos and what can be done about it."""

import streamlit as st

from core.checks import findings
from core.checks.findings import ABOUT_GROUPS, BACKGROUND, KINDS, TWINS, WARNING, Finding
from core.projects import edits
from core.projects.imports import imports
from core.projects.project import Project
from pages.components.findings import fixes
from pages.components.photos import damaged
from pages.components.pictures import grid as photo_grid
from pages.components.shared import buttons, heading, remembered
from pages.components.shared.markdown import plain


def show_kind(key: str, project: Project, found: list[Finding]) -> None:
    """All findings of one kind, why they matter, and what can be done."""
    first = found[0]
    icon = ":material/warning:" if first.severity == WARNING else ":material/info:"
    st.subheader(f"{icon} {plain(findings.title(found))}", anchor=False)
    why = KINDS[first.kind].why if len(found) > 1 else ""
    with heading.errors_in_words():
        if first.kind in (TWINS, BACKGROUND):
            show_class = fixes.show_twins if first.kind == TWINS else fixes.show_background
            for finding in found:
                show_class(f"{key}_{finding.class_names[0]}", project, finding)
        else:
            st.markdown(plain(why or f"{first.why} {first.fix}"))
            if first.kind in ABOUT_GROUPS:
                fixes.show_groups(key, project, found)
            else:
                fixes.show_single(key, project, first)


def show_all(key: str, project: Project) -> None:
    """Everything below the heading."""
    edits.repair(project)
    counts = project.class_counts()
    if not counts or any(each.job.state().is_active for each in imports(project)):
        st.info("There is nothing to check before photos are brought in.")
        st.page_link("pages/photos.py", label="Go to the photos", icon=":material/arrow_back:")
        return
    is_damaged = damaged.show(key, project)
    found = remembered.of_photos(findings.find_in_project, project)
    for kind, each in found.items():
        with st.container(key=f"{key}_{kind}"):
            show_kind(f"{key}_{kind}", project, each)
    fixes.show_answered(key, project)
    if not found and not is_damaged:
        st.success("Nothing to mend.", icon=":material/check_circle:")
    with st.container(horizontal=True, vertical_alignment="center"):
        buttons.show_way_on("Go on to Explore", "pages/explore.py")
        st.page_link("pages/labels.py", label="Are the labels right?", icon=":material/label:")
        st.page_link("pages/photos.py", label="Back to the photos", icon=":material/arrow_back:")
    with st.bottom:  # in sight wherever one mends something
        photo_grid.show_last_change(key, project)


heading.show_page(
    "Check the photos",
    "What may mislead the model or counts double. No finding is a verdict: you decide, and every change can be undone.",
    "findings",
    show_all,
)
