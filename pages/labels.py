"""Are the labels right? Photos that may be in the wrong class, the likeliest first, one at a time."""

import json

import streamlit as st

from core.base.words import counted
from core.jobs import kinds
from core.label_issues.folder import LabelIssuesFolder, SearchedLabels, labels_of
from core.projects import edits
from core.projects.project import Project
from pages.components.labels import review as label_review
from pages.components.shared import buttons, current, heading, job_monitor
from pages.components.shared.markdown import plain

LOOKING = job_monitor.JobWords(
    after_stop="What it has seen so far is kept for the next time.",
    cancelled="The search was stopped. Your photos are untouched.",
    lost="The search ended without a word: its process was ended from outside, perhaps because memory ran out. "
    "Your photos are untouched. Look again.",
)


def show_start(labels: LabelIssuesFolder) -> None:
    """What it is for, and the way to begin."""
    st.markdown(
        "A photo in the wrong class teaches the wrong thing, and is counted as a mistake where there is none. Here "
        "each photo is judged by models that have not seen it (confident learning), and compared with the photos most "
        "like it. You see those that stand out and decide; nothing is changed by itself."
    )
    buttons.show_start("Look for wrong labels", kinds.LABELS, labels, type="primary", icon=":material/search:")


def show_news(project: Project, labels: LabelIssuesFolder, about: SearchedLabels) -> None:
    """Say when photos came that were not judged; what was moved or set aside since needs no more look anyway."""
    newest_then, newest_now = (json.loads(state)[1] or 0 for state in (about.measured_on, project.photo_state()))
    if newest_now > newest_then:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.info("Photos were added since; they have not been looked at.", icon=":material/update:")
            buttons.show_start("Look again", kinds.LABELS, labels, icon=":material/search:", key="labels_news")
    if about.unevaluated:
        st.caption(plain(f"Not judged, since all photos of it show one picture: {', '.join(about.unevaluated)}."))


def show_done(project: Project, labels: LabelIssuesFolder, about: SearchedLabels) -> None:
    """Nothing is left to look at: what comes next."""
    none_wrong = f"No class looks wrong among {counted(about.n, 'photo')}. That is no proof, but a good sign."
    st.success("You have looked at all of them." if about.wrong else none_wrong, icon=":material/check_circle:")
    if about.measured_on != project.photo_state():
        st.markdown("Train again, and *Compare runs* shows what it brought. With these mended, others may stand out.")
        with st.container(horizontal=True, vertical_alignment="center"):
            buttons.show_way_on("Train again", "pages/train.py")
            buttons.show_start("Look again", kinds.LABELS, labels, icon=":material/search:", key="labels_again")


def show_all(key: str, project: Project) -> None:
    """Everything below the heading."""
    edits.repair(project)
    labels = labels_of(project)
    if job_monitor.show(key, labels.job, LOOKING):
        return
    about = labels.about()
    if about is None:
        job_monitor.show_lost(labels)
        if not current.show_blockers(project.class_counts()):
            show_start(labels)
        return
    show_news(project, labels, about)
    is_done = not about.wrong or label_review.show(key, project, labels)
    if is_done:
        show_done(project, labels, about)
    with st.container(horizontal=True):
        st.page_link("pages/photo_map.py", label="Map of the photos", icon=":material/scatter_plot:")
        if not is_done:
            st.page_link("pages/train.py", label="Train again", icon=":material/model_training:")
        st.page_link("pages/runs.py", label="Compare runs", icon=":material/balance:")


heading.show_page(
    "Are the labels right?",
    "Photos that may be in the wrong class, the likeliest first. You decide, and every change can be undone.",
    "labels",
    show_all,
)
