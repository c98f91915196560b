"""A trained run beside its answers: the webcam live, or a photo that is dropped."""

import streamlit as st

from core.runs.predictor import USUAL_THRESHOLD, Prediction
from core.runs.run import Run
from pages.components.asking.answered import NewPhoto, answers, show_words
from pages.components.shared import charts, heading
from pages.components.shared.markdown import plain
from pages.components.shared.uploads import TYPES
from pages.components.try_it import ways_in

PHOTO, LIVE = ":material/upload: A photo", ":material/photo_camera: Webcam"


def show(key: str, run: Run, live_first: bool = False) -> None:
    """Ask a run about a photo, or what the webcam shows, which comes first where that is what it learned from."""
    how = st.segmented_control(
        "What it looks at", [PHOTO, LIVE], default=LIVE if live_first else PHOTO, required=True, key=f"{key}_how",
        label_visibility="collapsed",
    )  # fmt: skip
    with heading.errors_in_words():
        if how == LIVE:
            ways_in.show_live(f"{key}_live", run, USUAL_THRESHOLD)
        else:
            _show_photo(key, run)


def _show_photo(key: str, run: Run) -> None:
    upload = st.file_uploader("Drop a new photo here", TYPES, key=f"{key}_photo", label_visibility="collapsed")
    if upload is None:
        st.caption("Drop a photo that it has never seen.")
        return
    (photo,) = answers(run, [NewPhoto(upload.file_id, upload.name, upload.getvalue())])
    if not isinstance(photo.answer, Prediction):
        st.warning(f"{plain(photo.name)} can't be used: {plain(str(photo.answer))}.", icon=":material/warning:")
        return
    picture, words = st.columns(2, gap="medium")
    if photo.thumbnail:
        picture.image(photo.thumbnail, width="stretch", alt=photo.name)
    with words:
        show_words(photo.answer, USUAL_THRESHOLD)
        charts.show_probabilities(f"{key}_chart", photo.answer.probabilities)
