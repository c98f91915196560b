"""Quick start: boxes of photos, one button, and the answers beside it, on one screen."""

from pathlib import Path

import streamlit as st

from core.projects.project import Project
from pages.components.quick_start import boxes, learning, preview
from pages.components.shared import heading, job_monitor
from pages.components.webcam import burst

LOOK = Path(__file__).parent / "components" / "quick_start" / "look.css"


def show_all(key: str, project: Project) -> None:
    """The boxes on the left; on the right the button, and the answers once there is a model."""
    st.html(LOOK)
    burst.start_waiting(project)
    left, right = st.columns(2, gap="medium")
    answers = right.container(border=True, key="quick_answers")
    bar = answers.container(key="quick_train")
    train = bar.container()
    with bar:  # what comes and goes stands apart from the boxes: no button moves under the finger that holds it
        working = job_monitor.show_import(f"{key}_import", project)
    with left:
        with st.container():  # a place of its own, so that no camera below it is opened anew
            asked = not working and boxes.show_question(f"{key}_asked", project)
        if not asked:
            boxes.show(f"{key}_boxes", project, working)
    with train:
        run = learning.show(f"{key}_train", project, working)
    if run:
        with bar.container(key="quick_way_down"):
            st.markdown(":material/arrow_downward: [Try it](#try-it)")
        with answers:
            st.markdown("#### Try it")
            preview.show(f"{key}_{run.name}", run, live_first=boxes.uses_webcam(f"{key}_boxes"))
            with st.container(horizontal=True):
                st.page_link("pages/results.py", label="How good it is", icon=":material/monitoring:")
                st.page_link("pages/try_it.py", label="All ways to try it", icon=":material/add_a_photo:")


heading.show_page(
    "Quick start",
    "Fill the boxes, train, try it. It is a project like any other: all of it is in the steps too.",
    "quick",
    show_all,
)
