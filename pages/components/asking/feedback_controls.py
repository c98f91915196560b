"""Under an answer: it is right, or it is something else. What was said waits on the Feedback page."""

import hashlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from core.base.errors import EspalierError
from core.base.files import file_sha256
from core.feedback.entry import FeedbackEntry, ModelAnswer
from core.feedback.folder import feedback_of
from core.photos.decoding import PhotoError, Source, photo_bytes
from core.photos.inspection import inspect_photo
from core.projects.project import Project
from core.runs.predictor import USUAL_THRESHOLD, Prediction
from core.runs.run import Run
from pages.components.pictures.apart import decoders
from pages.components.shared.markdown import plain


def show(key: str, project: Project, run: Run, name: str, data: bytes | Path, answer: Prediction) -> None:
    """Two controls for what a run answered to a photo, the bytes or the file; or what was said of it and the way back.

    Nothing is shown where the file is gone.
    """
    if problem := st.session_state.pop(f"{key}_problem", ""):
        st.error(plain(problem), icon=":material/error:")
    if isinstance(data, Path) and not data.is_file():  # of a folder that was moved since
        return
    sha256 = hashlib.sha256(data).hexdigest() if isinstance(data, bytes) else file_sha256(data)
    entry = all_said(project).get(sha256)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if entry is None:
            _show_controls(key, project, answer, partial(_add, key, project, run.name, name, data, answer))
            return
        st.caption(_in_words(entry), width="content")
        st.button("Take back", f"{key}_back", on_click=_take_back, args=(key, project, sha256), type="tertiary")
        st.page_link("pages/feedback.py", label="Feedback", icon=":material/rate_review:")


def _show_controls(key: str, project: Project, answer: Prediction, add: Callable[[str], None]) -> None:
    def add_other() -> None:
        if other := st.session_state[f"{key}_other"]:
            add(other)

    labels = list(project.class_counts())
    if answer.label in labels:  # it may have been renamed since
        words = f"It is {plain(answer.label)}" if answer.known() is False else "Right"
        st.button(words, f"{key}_right", on_click=add, args=(answer.label,), icon=":material/check:")
    st.selectbox(
        "No, it is",
        [label for label in labels if label != answer.label],
        index=None,
        key=f"{key}_other",
        placeholder="No, it is …",
        label_visibility="collapsed",
        width=170,
        on_change=add_other,
    )
    help_words = "It waits on the Feedback page until you say what it shows."
    st.button("Keep for later", f"{key}_later", help_words, add, ("",), type="tertiary")


def _in_words(entry: FeedbackEntry) -> str:
    if not entry.label:
        return "Kept for later."
    return f"You said: {plain(entry.label)}." + ("" if entry.was_wrong else " So it was right.")


def all_said(project: Project) -> dict[str, FeedbackEntry]:
    """What was said in a project, by the photo's SHA-256."""
    log = feedback_of(project).log_path
    changed = log.stat() if log.exists() else None
    return _read(str(project.folder), (changed.st_mtime_ns, changed.st_size) if changed else None)


@st.cache_data(max_entries=4, show_spinner=False)
def _read(folder: str, changed: tuple[int, int] | None) -> dict[str, FeedbackEntry]:
    """What was said in a project; kept, since there are controls under every photo of the page."""
    return feedback_of(Project(Path(folder))).all() if changed else {}


def keep(project: Project, run: str, name: str, data: Source, answer: Prediction, label: str) -> None:
    """Keep what the user says of the answer that a run gave; raises what `FeedbackFolder.add` does."""
    score = answer.in_distribution_score
    known = None if score is None else score > USUAL_THRESHOLD  # "none of these" is known, too
    model_answer = ModelAnswer(run, answer.probabilities, score, known)
    feedback_of(project).add(name, photo_bytes(data), model_answer, label, partial(decoders().call, inspect_photo))


def _add(key: str, project: Project, run: str, name: str, data: bytes | Path, answer: Prediction, label: str) -> None:
    """Keep the user's word; what stands in the way is shown when the page is drawn anew."""
    try:
        keep(project, run, name, data, answer, label)
    except PhotoError as error:
        st.session_state[f"{key}_problem"] = f"{name} can't be kept: {error}."
    except EspalierError as error:
        st.session_state[f"{key}_problem"] = str(error)


def _take_back(key: str, project: Project, sha256: str) -> None:
    try:
        feedback_of(project).take_back(sha256)
    except EspalierError as error:
        st.session_state[f"{key}_problem"] = str(error)
