"""Photos: bring them in, see what came, put right what is wrong."""

import streamlit as st

from core.base.words import counted
from core.checks import findings
from core.checks.readiness import problems, warnings
from core.projects.project import Project
from pages.components.photos import bringing_in as photo_input
from pages.components.photos import damaged, picture_reading, shown
from pages.components.shared import buttons, current, heading, job_monitor

MOST_FINDINGS = 3  # kinds of findings that are named
ADDING = "adding_photos"  # in the session, whether the ways to add more are open


def show_notes(project: Project, class_counts: dict[str, int]) -> None:
    """What stands in the way of training; and in one row where to go from here, and what is worth knowing before."""
    for problem in problems(class_counts):
        st.warning(problem, icon=":material/warning:")
    is_damaged = damaged.show("photos", project)
    can_train = not problems(class_counts)
    with st.container(horizontal=True, vertical_alignment="center"):
        if can_train:
            buttons.show_way_on("Go on to training", "pages/train.py")
        st.button("Add photos", icon=":material/add_photo_alternate:", on_click=open_or_close)
        show_worth_knowing(project, warnings(class_counts), is_damaged)
        st.page_link("pages/sort.py", label="Sort and tidy", icon=":material/rule_folder:")
        if can_train:
            st.page_link("pages/explore.py", label="Explore them first", icon=":material/insights:")


def show_worth_knowing(project: Project, said: list[str], is_damaged: bool) -> None:
    """Behind a button, so that the photos are in sight: warnings, and what was found in the photos."""
    found = findings.find_in_project(project)
    notes = [f":material/info: {each}" for each in said]
    if found:
        titles = [findings.title(each) for each in found.values()]
        more = f" and {counted(len(titles) - MOST_FINDINGS, 'more finding')}" if len(titles) > MOST_FINDINGS else ""
        notes.append(f":material/search: Worth a look: {', '.join(titles[:MOST_FINDINGS])}{more}.")
    n = f" ({len(notes)})" if notes else ""
    with st.popover(f"Worth knowing{n}", icon=":material/info:"):
        if not found and not is_damaged:
            notes.append(":material/check_circle: The photos were checked: there is nothing to mend.")
        st.markdown("\n\n".join(notes))
        if found:
            st.page_link("pages/findings.py", label="Check the photos", icon=":material/fact_check:")


def open_or_close() -> None:
    """The ways to add photos, where there are some already."""
    st.session_state[ADDING] = not st.session_state.get(ADDING)


def show_adding(project: Project, is_empty: bool) -> None:
    """The ways to add photos, at once where there are none."""
    if is_empty or st.session_state.get(ADDING):
        with st.container(border=True):
            photo_input.show("add", project)


heading.show("Photos", "Bring in the pictures to learn from: one folder per class, the folder's name is the class.")
project = current.project_or_stop()
with heading.errors_in_words():
    counts = project.class_counts()
    working = job_monitor.show_import("import", project)
    if working:
        st.session_state[ADDING] = False
    asked = not working and photo_input.show_question("import", project)
    ready = bool(counts) and not working and not asked
    adding = st.container()
    if ready:
        show_notes(project, counts)
        picture_reading.show("pictures", project)
    if not asked and project.photos_where("true", limit=1):
        shown.show(f"photos {project.id}", project)
    if not working and not asked:
        with adding:
            show_adding(project, is_empty=not counts)
