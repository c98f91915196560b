"""The webcam, answered about once a second while one watches."""

import base64
import binascii
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v1 import declare_component  # what v2 leaves in the session can't be pickled

from core.photos.decoding import PhotoError
from core.runs.answer_table import Answer
from core.runs.predictor import Prediction, Predictor
from core.runs.run import Run
from pages.components.asking.answer_words import show_words
from pages.components.asking.answered import load
from pages.components.shared import charts, heading

MOST_BYTES = 2_000_000  # of a picture of at most 640 pixels a side


@cache
def _component() -> Any:
    return declare_component("espalier_live", path=Path(__file__).with_name("browser") / "live")


@st.fragment
def show(key: str, run: Run, threshold: float) -> None:
    """The picture of the webcam beside what the run says of it; ends when it is no longer drawn.

    Args:
        key: Of the camera; its last answer is kept under it.
        run: A complete run.
        threshold: In-distribution score, 0..1, up to which an answer counts as not sure.
    """
    picture, words = st.columns(2, gap="medium")
    number, answer = st.session_state.get(f"{key}_last", (0, None))
    with heading.errors_in_words():
        model = load(run)
        with picture:
            frame = _component()(key=key, answered=number)
        if frame and frame.get("number", 0) > number:
            number, answer = frame["number"], _answer(model, frame)
            st.session_state[f"{key}_last"] = (number, answer)
            st.rerun(scope="fragment")  # so that the browser hears of it and sends the next
        with words:
            if isinstance(answer, Prediction):
                show_words(answer, threshold)
                charts.show_probabilities(f"{key}_chart", answer.probabilities)
                st.caption(f"Picture {number:,}. None of them is kept.")
            else:
                st.caption(str(answer) if answer else "Waiting for the webcam ...")


def _answer(model: Predictor, frame: dict[str, Any]) -> Answer:
    """Ask about the picture that has come; what comes from the browser is looked at first."""
    try:
        data = base64.b64decode(str(frame["jpeg"])[: 2 * MOST_BYTES], validate=True)
    except (KeyError, binascii.Error):
        data = b""
    return model.answer(data) if len(data) <= MOST_BYTES else PhotoError("too large")
