"""Photos: bring them in, see what came, class by class."""

import streamlit as st

from core.base.words import counted
from core.checks import findings
from core.checks.readiness import problems, warnings
from core.projects.plan import next_plan
from core.projects.project import NO_CLASS, Project
from core.runs.run import list_runs
from pages.components.photos import bringing_in as photo_input
from pages.components.photos import damaged, picture_reading
from pages.components.pictures import grid as photo_grid
from pages.components.shared import buttons, current, heading, job_monitor
from pages.components.train.starting import start
from pages.components.webcam import burst

FIRST = 8  # thumbnails per class
MOST_FINDINGS = 3  # kinds of findings that are named


def show_classes(project: Project) -> None:
    """Each class with its number of photos and its first thumbnails."""
    for label, n in project.class_counts().items():
        st.markdown(f"#### {label}")
        st.caption(counted(n, "photo"))
        photo_grid.show_strip([(project.thumbnail(photo), "") for photo in project.photos(label, limit=FIRST)])


def show_set_aside(project: Project) -> None:
    """What takes no part, and why."""
    aside = [photo for photo in project.photos_set_aside() if photo.set_aside != NO_CLASS]
    if not aside:
        return
    with st.expander(f"{counted(len(aside), 'file')} set aside", icon=":material/inventory_2:"):
        st.caption(f"They take no part. Nothing is lost: the files are in {project.set_aside_folder}.")
        st.table([{"file": photo.name, "class": photo.label, "why": photo.set_aside} for photo in aside])


def show_without_class(project: Project) -> None:
    """Photos that came without a class: they take no part until they are put into one."""
    photos = project.photos_where("set_aside = ?", NO_CLASS)
    if not photos:
        return
    with st.expander(f"{counted(len(photos), 'photo')} without a class", icon=":material/label_off:"):
        st.caption("They take no part and count nowhere until you put them into a class.")
        photo_grid.show_strip([(project.thumbnail(photo), "") for photo in photos[:FIRST]])
        st.page_link("pages/sort.py", label="Put them into classes", icon=":material/rule_folder:")


def show_findings(project: Project) -> None:
    """What is worth a look before training, in one line; files that are damaged are said above it."""
    is_damaged = damaged.show("photos", project)
    found = findings.find_in_project(project)
    if not found and is_damaged:
        return
    if not found:
        st.caption(":material/check_circle: The photos were checked: there is nothing to mend.")
        return
    titles = [findings.title(each) for each in found.values()]
    more = f" and {counted(len(titles) - MOST_FINDINGS, 'more finding')}" if len(titles) > MOST_FINDINGS else ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f":material/search: Worth a look: {', '.join(titles[:MOST_FINDINGS])}{more}.", width="content")
        st.page_link("pages/findings.py", label="Check the photos", icon=":material/fact_check:")


def show_next(project: Project, class_counts: dict[str, int]) -> None:
    """What still stands in the way of training, or the way there."""
    for problem in problems(class_counts):
        st.warning(problem, icon=":material/warning:")
    for warning in warnings(class_counts):
        st.info(warning, icon=":material/info:")
    show_findings(project)
    if problems(class_counts):
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if list_runs(project.runs_folder):
            buttons.show_way_on("Go on to training", "pages/train.py")
        else:
            buttons.show_way_on("Train now", "pages/train.py", before=lambda: start(project, next_plan(project)))
            buttons.show_way_on("Go on to training", "pages/train.py", "secondary")
        st.page_link("pages/explore.py", label="Explore them first", icon=":material/insights:")


heading.show("Photos", "Bring in the pictures to learn from: one folder per class, the folder's name is the class.")
project = current.project_or_stop()
with heading.errors_in_words():
    burst.start_waiting(project)
    counts = project.class_counts()
    said = st.container()  # what comes and goes has a place of its own, so that no camera is opened anew below it
    with said:
        working = job_monitor.show_import("import", project)
        asked = not working and photo_input.show_question("import", project)
        if counts and not working:
            show_next(project, counts)
    if not asked:
        photo_input.show(f"add_{project.id}", project, not counts, working)
    if counts and not working:
        st.page_link("pages/sort.py", label="Sort and tidy", icon=":material/rule_folder:")
        picture_reading.show("pictures", project)
    show_classes(project)
    show_without_class(project)
    show_set_aside(project)
