"""Feedback: what the user said of answers, what of it would help most, and what it brought."""

import streamlit as st

from core.base.words import counted
from core.feedback.folder import FeedbackFolder, feedback_of
from core.feedback.gain import untaught, untaught_in_use
from core.feedback.queue import CONFIRMED, Ranked
from core.jobs import kinds
from core.jobs.job import State
from core.photos.labelled_photo import FEEDBACK
from core.projects import edits
from core.projects.imports import imports
from core.projects.project import Project
from core.projects.project_split import photos_left_out
from pages.components.feedback import said, waiting
from pages.components.shared import buttons, current, heading, job_monitor


def show_import(key: str, project: Project) -> bool:
    """How the photos from here come in, or what came of it until a run has learned; whether it is still going on."""
    newest = next(iter(imports(project)), None)
    if newest is None or newest.request().kind != FEEDBACK:
        return False
    is_taught = newest.job.state() is State.FINISHED and not untaught(project)
    return not is_taught and job_monitor.show_import(key, project)


def show_putting(key: str, project: Project, feedback: FeedbackFolder, rows: list[Ranked]) -> bool:
    """The button that brings photos into the project; whether there is anything to bring."""
    helping = [row.entry for row in rows if row.helps]
    little = [row.entry for row in rows if row.kind == CONFIRMED and not row.helps]
    if little and st.toggle(f"Also {counted(len(little), 'photo')} that would add little", key=f"{key}_little"):
        helping += little
    if not helping:
        return False
    if st.button(f"Put {counted(len(helping), 'photo')} into the project", type="primary", icon=":material/add:"):
        this = feedback.put_into_project(helping)
        current.start(kinds.IMPORT, this)
    st.caption(
        "They will teach the next run, and are never used to test it: photos that a model was asked about are no fair "
        "sample. The project marks them as feedback."
    )
    return True


def show_training(project: Project, is_next: bool) -> None:
    """What the project holds from feedback that no run has learned from, and the way to train."""
    if left_out := photos_left_out(project):
        verb = "takes" if len(left_out) == 1 else "take"
        st.warning(
            f"{counted(len(left_out), 'photo')} from feedback {verb} no part in training: they show nearly the same as "
            "photos that the model is judged by.",
            icon=":material/block:",
        )
    if n := untaught(project):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{counted(n, 'photo')} from feedback wait in the project for the next run.", width="content")
            buttons.show_way_on("Train again", "pages/train.py", "primary" if is_next else "secondary")
    if n := untaught_in_use(project):
        verb = "it" if n == 1 else "them"
        st.caption(
            f"The model in use has not learned from {counted(n, 'photo')} from feedback; the newest run has learned "
            f"from {verb}. On *Compare runs* you choose which one is used."
        )


def show_all(key: str, project: Project) -> None:
    """Everything below the heading."""
    edits.repair(project)
    if show_import(key, project):
        return
    feedback = feedback_of(project)
    if feedback.lost_words:
        st.warning(
            "Some of what you said (said.jsonl) can't be read any more. All else counts, and all photos are kept. "
            "Say it again on *Try it*.",
            icon=":material/warning:",
        )
    rows = waiting.rows_of(project, feedback)
    is_something_to_put = show_putting(key, project, feedback, rows)
    show_training(project, is_next=not is_something_to_put)
    said.show_gain(project)
    if not rows:
        st.info("Nothing waits here. On *Try it*, say of an answer whether it is right, and what it should have been.")
        st.page_link("pages/try_it.py", label="Try it", icon=":material/arrow_back:")
    waiting.show(f"{key}_waiting", project, feedback)
    said.show_in_project(key, project, feedback)


heading.show_page(
    "Feedback",
    "What you said of its answers. Photos that it got wrong teach it most: put them into the project.",
    "feedback",
    show_all,
)
