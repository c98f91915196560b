"""An answer in words, the same wherever it is shown."""

import streamlit as st

from core.base.words import percent
from core.runs.predictor import Prediction
from pages.components.shared.markdown import plain

NOT_SURE = "Not sure what this is"


def show_words(answer: Prediction, threshold: float) -> None:
    """What the run says of one photo, large.

    Args:
        answer: What it said.
        threshold: In-distribution score, 0..1, up to which an answer counts as not sure.
    """
    if answer.known(threshold) is False:
        st.markdown(f"### {NOT_SURE}")
        st.caption(f"{_why(answer)} Closest: {plain(answer.label)}, {percent(answer.probability)}.")
        return
    st.markdown(f"### {plain(answer.label)}")
    st.caption(f"{percent(answer.probability)} sure, of the classes it knows.")


def _why(answer: Prediction) -> str:
    if answer.known(0.0) is False:
        return "It looks like the photos that are none of your classes."
    return "It looks unlike the photos it learned from."
