"""Which mistakes hurt: the expert marks them, and the app finds from which sureness on an answer may be given."""

import pandas as pd
import streamlit as st

from core.base.words import counted, percent
from core.evaluation import thresholds
from core.evaluation.thresholds import Costly, Share
from core.projects.project import Project
from pages.components.shared.markdown import plain

SHARES = {0.0: "none of them", 0.05: "at most 5 %", 0.1: "at most 10 %", 0.25: "at most 25 %"}


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
    st.markdown(_chosen_in_words(validation, known, share, least))
    st.markdown(_outcome_in_words(test, known, least))


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


def _chosen_in_words(validation: pd.DataFrame, pairs: list[Costly], share: float, least: float) -> str:
    before, after = (thresholds.remaining(validation, pairs, threshold) for threshold in (0.0, least))
    if before.n == 0:
        return (
            f"Among {counted(before.of, 'validation photo')} with which it could happen, none was taken so: "
            f"no threshold is needed. {_doubt(before)}"
        )
    if after.n == before.n:
        return (
            f"Of {counted(before.n, 'costly mistake')} on the validation photos none has to go for this: "
            "no threshold is needed. Choose a smaller share above."
        )
    if least > 1:
        return "One of the costly mistakes is made with all sureness there is: no threshold avoids it."
    return (
        f"Answer only when at least **{100 * least:.1f} %** sure: on the validation photos that leaves {after.n:,} of "
        f"{counted(before.n, 'costly mistake')} ({SHARES[share]} may remain)."
    )


def _outcome_in_words(test: pd.DataFrame, pairs: list[Costly], least: float) -> str:
    answered, right = thresholds.answered_and_right(test, least)
    before, after = (thresholds.remaining(test, pairs, threshold) for threshold in (0.0, least))
    silent = Share(answered.of - answered.n, answered.of)
    return (
        f"On the {counted(silent.of, 'test photo')} it then says “not sure” on **{percent(silent.value)}** "
        f"({silent.n:,}), {_likely(silent)}, and is right on {percent(right.value)} of the others. "
        f"**{counted(after.n, 'costly mistake')}** of {before.n:,} remain. {_doubt(after)}"
    )


def _likely(share: Share) -> str:
    low, high = share.interval
    return f"likely {100 * low:.0f} to {100 * high:.0f} %"


def _doubt(share: Share) -> str:
    """How often it may happen all the same, which few photos can't rule out."""
    if not share.of:
        return "No photo was judged with which it could happen, so nothing is known of it."
    return (
        f"Only {counted(share.of, 'photo')} could show it: in truth it may happen on up to "
        f"{percent(share.interval[1])} of such photos."
    )
