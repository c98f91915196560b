"""Photos: bring them in, see what came, put right what is wrong."""

import streamlit as st

from core.base.words import counted
from core.checks import findings
from core.checks.readiness import problems, warnings
from core.projects.plan import next_plan
from core.projects.project import Project
from core.runs.run import list_runs
from pages.components.photos import bringing_in as photo_input
from pages.components.photos import damaged, picture_reading, shown
from pages.components.shared import buttons, current, heading, job_monitor, remembered
from pages.components.shared.markdown import plain
from pages.components.train.starting import start
from pages.components.webcam import burst

MOST_FINDINGS = 3  # kinds of findings that are named


def show_notes(project: Project, class_counts: dict[str, int]) -> None:
    """What stands in the way of training; and in one row where to go from here, and what is worth knowing before."""
    for problem in problems(class_counts):
        st.warning(plain(problem), icon=":material/warning:")
    is_damaged = damaged.show("photos", project)
    can_train = not problems(class_counts)
    with st.container(horizontal=True, vertical_alignment="center"):
        show_ways_on(project, can_train)
        show_worth_knowing(project, warnings(class_counts), is_damaged)
        st.page_link("pages/sort.py", label="Sort and tidy", icon=":material/rule_folder:")
        if can_train:
            st.page_link("pages/explore.py", label="Explore them first", icon=":material/insights:")


def show_ways_on(project: Project, can_train: bool) -> None:
    """On to training, with one press where nothing was trained yet."""
    if can_train and list_runs(project.runs_folder):
        buttons.show_way_on("Go on to training", "pages/train.py")
    elif can_train:
        buttons.show_way_on("Train now", "pages/train.py", before=lambda: start(project, next_plan(project)))
        buttons.show_way_on("Go on to training", "pages/train.py", "secondary")


def show_worth_knowing(project: Project, said: list[str], is_damaged: bool) -> None:
    """Behind a button, so that the photos are in sight: warnings, and what was found in the photos."""
    found = remembered.of_photos(findings.find_in_project, project)
    notes = [f":material/info: {plain(each)}" for each in said]
    if found:
        titles = [findings.title(each) for each in found.values()]
        more = f" and {counted(len(titles) - MOST_FINDINGS, 'more finding')}" if len(titles) > MOST_FINDINGS else ""
        notes.append(f":material/search: Worth a look: {plain(', '.join(titles[:MOST_FINDINGS]))}{more}.")
    n = f" ({len(notes)})" if notes else ""
    with st.popover(f"Worth knowing{n}", icon=":material/info:"):
        if not found and not is_damaged:
            notes.append(":material/check_circle: The photos were checked: there is nothing to mend.")
        st.markdown("\n\n".join(notes))
        if found:
            st.page_link("pages/findings.py", label="Check the photos", icon=":material/fact_check:")


heading.show("Photos", "Bring in the pictures to learn from: one folder per class, the folder's name is the class.")
project = current.project_or_stop()
with heading.errors_in_words():
    burst.start_waiting(project)
    counts = project.class_counts()
    said = st.container()  # what comes and goes has a place of its own, so that no camera is opened anew below it
    with said:
        working = job_monitor.show_import("import", project)
        asked = not working and photo_input.show_question("import", project)
        if counts and not working and not asked:
            show_notes(project, counts)
    if not asked:
        photo_input.show(f"add_{project.id}", project, not counts, working)
    if counts and not working and not asked:
        picture_reading.show("pictures", project)
    if not asked and project.photos_where("true", limit=1):
        shown.show(f"photos {project.id}", project)
