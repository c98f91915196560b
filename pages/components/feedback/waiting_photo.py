"""One photo that the user said something of: what the model said, why it helps or not, and the way back."""

import streamlit as st

from core.base.words import percent
from core.feedback.folder import FeedbackFolder
from core.feedback.queue import Ranked
from core.projects.project import Project
from pages.components.shared.markdown import plain

PICTURE = 160  # pixels


def show(key: str, project: Project, feedback: FeedbackFolder, row: Ranked) -> None:
    """One photo: what the model said, what the user says, why it helps or not, and the way back."""
    entry, key = row.entry, f"{key}_{row.entry.sha256[:16]}"
    with st.container(border=True):
        picture, words = st.columns([1, 3], vertical_alignment="center")
        picture.image(str(feedback.picture(entry)), width=PICTURE, alt=entry.name)
        with words:
            st.markdown(f"It said **{plain(entry.answer)}**, {percent(entry.probability)} sure. {plain(row.why)}")
            st.caption(plain(entry.name))
            with st.container(horizontal=True, vertical_alignment="bottom"):
                _show_change(key, project, feedback, row)
                if st.button("Take back", key=f"{key}_back", icon=":material/undo:", type="tertiary"):
                    feedback.take_back(entry.sha256)
                    st.rerun()


def _show_change(key: str, project: Project, feedback: FeedbackFolder, row: Ranked) -> None:
    """The class that the user gave, to be changed."""
    classes = list(project.class_counts())
    now = classes.index(row.entry.label) if row.entry.label in classes else None
    key = f"{key}_is_{row.entry.time}"  # changed elsewhere, it begins anew
    chosen = st.selectbox("It is", classes, now, key=key, placeholder="Say what it shows", width=220)
    if chosen and chosen != row.entry.label:
        feedback.change(row.entry.sha256, chosen)
        st.rerun()
