"""The webcam with a button to hold: ten pictures a second of one class, on the disk as they come."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v1 import declare_component  # what v2 leaves in the session can't be pickled
from streamlit.errors import StreamlitAPIException

from core.base.errors import EspalierError, InputError
from core.jobs import kinds
from core.projects.project import Project
from core.projects.webcam.bursts import MAX_FRAME_BYTES, MAX_FRAMES, Frame, add_frames, next_waiting
from pages.components.shared import current, heading
from pages.components.shared.markdown import plain
from pages.components.shared.uploads import decoded

MOST_IN_BATCH = 30  # as the component sends at most
OWN = "bursts"  # in session state, the imports that this tab has written down to the end


@cache
def _component() -> Any:
    return declare_component("espalier_burst", path=Path(__file__).with_name("browser"))


@st.fragment
@heading.in_words
def show(key: str, project: Project, label: str) -> None:
    """The camera and its button; what is taken is brought into the class once the button is let go of."""
    taken = st.session_state.get(f"{key}_taken", 0)
    if problem := st.session_state.get(f"{key}_problem", ""):
        st.error(plain(problem), icon=":material/error:")
    sent = _component()(key=key, label=label, taken=taken, most=MAX_FRAMES)
    if not isinstance(sent, dict) or not isinstance(sent.get("number"), int) or sent["number"] <= taken:
        return
    st.session_state[f"{key}_taken"] = sent["number"]
    try:
        _receive(key, project, label, sent)
        st.session_state[f"{key}_problem"] = ""
    except EspalierError as error:
        st.session_state[f"{key}_problem"] = str(error)
    if sent.get("last"):
        _bring_in(key, project)
        st.rerun()
    _draw_anew()


def _draw_anew() -> None:
    """Let the browser hear that a batch is on the disk."""
    try:
        st.rerun(scope="fragment")
    except StreamlitAPIException:  # the whole page was drawn, since something else happened at the same moment
        st.rerun()


def _receive(key: str, project: Project, label: str, sent: Mapping[str, Any]) -> None:
    """Put a batch on the disk; what comes from the browser is looked at first."""
    frames = [_frame(each) for each in list(sent.get("frames") or [])[:MOST_IN_BATCH]]
    if frames:
        name = st.session_state.get(f"{key}_burst", "")
        st.session_state[f"{key}_burst"] = add_frames(project, label, frames, name)


def _frame(sent: Any) -> Frame:
    try:
        return Frame(decoded(sent, "jpeg", MAX_FRAME_BYTES), float(sent["at"]))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError("What came from the webcam is no picture that can be kept. Try it once more.") from error


def _bring_in(key: str, project: Project) -> None:
    if name := st.session_state.pop(f"{key}_burst", ""):
        add_own(name)
        start_waiting(project)


def add_own(name: str) -> None:
    """Note that an import of one class, by its folder's name, is written down and can begin when no other works."""
    st.session_state[OWN] = [*st.session_state.get(OWN, []), name]


def start_waiting(project: Project) -> bool:
    """Begin the next import of one class that waits for its turn; whether there was one. Pages call it first."""
    this = next_waiting(project, st.session_state.get(OWN, []))
    if this is None:
        return False
    current.jobs().submit(kinds.IMPORT, this.folder)
    return True
