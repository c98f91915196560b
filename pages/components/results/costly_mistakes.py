"""Which mistakes hurt: the expert marks them, and the app finds from which sureness on an answer may be given."""

import pandas as pd
import streamlit as st

from core.evaluation import thresholds
from core.evaluation.thresholds import SHARES, Costly, threshold_in_words, threshold_outcome_in_words
from core.projects.project import Project
from pages.components.shared.markdown import plain


def show(key: str, project: Project, classes: list[str], validation: pd.DataFrame, test: pd.DataFrame) -> None:
    """The editor of costly confusions, and what avoiding them costs.

    Args:
        key: Unique on the page and of the run.
        project: It keeps them.
        classes: Of the run.
        validation: Of `read_answers`: these photos choose the threshold; empty after cross-validation.
        test: The same of the judged photos: these say what comes of it.
    """
    st.markdown(
        "Some mistakes cost more than others, such as a poisonous mushroom taken for an edible one. "
        "Mark those, and the app finds how sure an answer must be to avoid them."
    )
    pairs = _show_editor(key, project, classes)
    known = [pair for pair in pairs if set(pair) <= set(classes)]
    if not known:
        return
    if validation.empty:
        st.info(
            "The threshold is chosen on validation photos, so that the test stays a test. This run was judged by "
            "cross-validation and has none to spare: with more photos per class it will."
        )
        return
    share = st.select_slider("May remain", SHARES, 0.0, SHARES.get, key=f"{key}_share", width=320)
    least = thresholds.threshold_for(validation, known, share)
    st.markdown(threshold_in_words(validation, known, share, least))
    st.markdown(threshold_outcome_in_words(test, known, least))


def _show_editor(key: str, project: Project, classes: list[str]) -> list[Costly]:
    """The marked pairs, each with a way to unmark it, and a way to mark another."""
    pairs = thresholds.costly_pairs(project)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        truth = st.selectbox("What is truly", classes, index=None, key=f"{key}_truth", placeholder="A class", width=220)
        others = [name for name in classes if name != truth]
        answer = st.selectbox(
            "must not be taken for", others, index=None, key=f"{key}_answer", placeholder="A class", width=220
        )
        if st.button("Mark as costly", icon=":material/warning:", disabled=not (truth and answer), key=f"{key}_mark"):
            thresholds.keep_costly_pairs(project, [*pairs, (truth, answer)])
            st.rerun()
    with st.container(horizontal=True):
        for i, pair in enumerate(pairs):
            words = f"{plain(pair[0])} taken for {plain(pair[1])}"
            if st.button(words, icon=":material/close:", key=f"{key}_unmark_{i}", help="No longer costly"):
                thresholds.keep_costly_pairs(project, [each for each in pairs if each != pair])
                st.rerun()
    return pairs
