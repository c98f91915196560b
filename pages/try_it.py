"""Try it: ask the trained model about new photos."""

import hashlib
from io import BytesIO
from pathlib import Path

import streamlit as st

from core.data.photos import PhotoError, open_photo
from core.data.runs import Run
from core.inference.predictor import Prediction, Predictor
from core.records.words import percent
from pages.components import charts, current, heading, heat_map, other_programs, run_picker
from pages.components.photo_input import TYPES

AT_MOST = 30  # photos at a time on the page
SHOWN_SIDE = 480  # pixels of the picture beside its answer


@st.cache_resource(max_entries=1, show_spinner="Loading the model")
def predictor(folder: str, changed: float) -> Predictor:
    """The run's model on the engine, loaded once.

    Args:
        folder: The run's folder.
        changed: When its model was written: another model, another entry.
    """
    return Predictor(Run(Path(folder)))


def load(run: Run) -> Predictor:
    """The predictor of a run."""
    changed = run.engine_path.stat().st_mtime if run.engine_path.exists() else 0.0
    return predictor(str(run.folder), changed)


def photos_to_ask() -> list[tuple[str, bytes]]:
    """Name and bytes of the photos that were dropped in or taken."""
    drop, camera = st.tabs([":material/upload: Photos", ":material/photo_camera: Webcam"])
    uploads = drop.file_uploader("Drop photos here", TYPES, accept_multiple_files=True, key="try_files") or []
    with camera:
        if st.toggle("Use the webcam", key="try_webcam_on"):
            shot = st.camera_input("Take a photo", key="try_webcam")
            uploads = [*uploads, shot] if shot else uploads
    if len(uploads) > AT_MOST:
        st.info(f"The first {AT_MOST} are shown here. For whole folders: python -m core predict.")
    return [(upload.name, upload.getvalue()) for upload in uploads[:AT_MOST]]


def show_answer(run: Run, name: str, data: bytes, answer: Prediction | PhotoError) -> None:
    """A photo beside what the model says, and when asked for, what it looked at."""
    picture, words = st.columns([1, 2], vertical_alignment="center")
    if isinstance(answer, PhotoError):
        words.warning(f"{name} can't be used: {answer}.", icon=":material/warning:")
        return
    image = open_photo(data, draft_size=SHOWN_SIDE)
    image.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    shown = BytesIO()
    image.save(shown, "JPEG", quality=85)
    picture.image(shown.getvalue(), caption=name)
    with words:
        st.markdown(f"### {answer.label}")
        st.caption(f"{percent(answer.probability)} sure, of the classes it knows.")
        key = f"{name}_{hashlib.sha256(data).hexdigest()[:12]}"
        charts.show_probabilities(f"answer_{key}", answer.probabilities)
        looked = st.toggle("What it looked at", key=f"looked_{key}")
    if looked:
        heat_map.show(f"speaks_{key}", run, data, image, answer.label)


heading.show("Try it", "Drop in photos it has never seen. They are looked at here, on this computer, and not kept.")
project = current.project_or_stop()
with heading.errors_in_words():
    run = run_picker.show("try_run", project)
    model = load(run)
    asked = photos_to_ask()
    if not asked:
        st.caption(f"It knows {', '.join(model.labels)}, and will choose one of them for whatever it is shown.")
    for (name, data), answer in zip(asked, model.predict([data for _, data in asked]), strict=True):
        show_answer(run, name, data, answer)
    other_programs.show(run)
