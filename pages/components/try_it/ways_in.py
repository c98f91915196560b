"""The ways to show photos to a run on *Try it*: few are answered on the page, many become a batch."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v1 import declare_component  # what v2 leaves in the session can't be pickled

from core.base.words import counted
from core.batches.folder import FILES, FOLDER, PATH, batches
from core.photos.decoding import PhotoError
from core.projects.project import Project
from core.runs.predictor import Prediction
from core.runs.run import Run
from pages.components.asking import batch_inputs
from pages.components.asking.answered import NewPhoto, load, show_words
from pages.components.shared import charts, heading
from pages.components.shared.markdown import plain
from pages.components.shared.uploads import TYPES, decoded, fresh

FEW, FEW_BYTES = 60, 200_000_000  # of photos on the page: what a person looks through, and what memory has room for
OFF, SINGLE, LIVE = "Off", "Single photos", "Live"
MOST_FRAME_BYTES = 2_000_000  # of a picture of at most 640 pixels a side
MOST_PASTED_BYTES = 20_000_000  # of a picture: a screenshot of the largest screens
KEPT = "try_kept"
WEBCAM, PASTED = "taken", "pasted"  # ways whose photos the session keeps
TABS = {
    ":material/upload: Photos": FILES,
    ":material/folder: Folder or zip": FOLDER,
    ":material/hard_drive: On this computer": PATH,
    ":material/photo_camera: Webcam": WEBCAM,
    ":material/content_paste: Paste": PASTED,
}
MOST_KEPT, MOST_KEPT_BYTES = 30, 100_000_000  # the oldest go first


@dataclass(frozen=True)
class Shown:
    """What the open tab is about: the few photos to answer on the page, newest first, and its way, one of `TABS`."""

    few: list[NewPhoto]
    way: str


def show(key: str, project: Project, run: Run, threshold: float) -> Shown:
    """The tabs; what is asked on one doesn't show on another."""
    tabs = st.tabs(
        list(TABS),
        default=_tab_of_last_batch(project),
        on_change="rerun",  # so that a camera is on only while its tab is open
        key=f"{key}_ways",
    )
    photos, folder, path, webcam, paste = tabs
    with photos:
        uploads = st.file_uploader("Drop photos here", TYPES, True, key=fresh(f"{key}_files"))
        if len(uploads) > FEW or sum(upload.size for upload in uploads) > FEW_BYTES:
            batch_inputs.receive_batch(f"{key}_files", project, run, uploads, counted(len(uploads), "photo"), FILES)
            uploads = []
    with folder:
        batch_inputs.show_folder_and_zip(key, project, run)
    with path:
        batch_inputs.show_path(key, project, run)
    with webcam:
        if webcam.open:
            _show_webcam(key, run, threshold)
    with paste:
        if paste.open:
            show_paste(f"{key}_paste")
    way = next((way for tab, way in zip(tabs, TABS.values(), strict=True) if tab.open), FILES)
    few = [NewPhoto(upload.file_id, upload.name, upload.getvalue()) for upload in uploads][::-1]
    return Shown(few if way == FILES else show_kept(key, way), way)


def _tab_of_last_batch(project: Project) -> str:
    """Where the batch was asked that this browser tab has begun, or that works; else the first."""
    begun = st.session_state.get(batch_inputs.BEGUN)
    for batch in batches(project):
        if batch.folder.name == begun or (begun is None and batch.job.events() and batch.job.state().is_active):
            return next(tab for tab, way in TABS.items() if way == batch.way)
    return next(iter(TABS))


def _show_webcam(key: str, run: Run, threshold: float) -> None:
    how = st.segmented_control("Webcam", [OFF, SINGLE, LIVE], default=OFF, required=True, key=f"{key}_webcam_how")
    if how == SINGLE and (shot := st.camera_input("Take a photo", key=f"{key}_webcam")):
        keep(WEBCAM, shot.file_id, "webcam.jpg", shot.getvalue())
    if how == LIVE:
        show_live(f"{key}_live", run, threshold)


@cache
def _in_browser(name: str) -> Any:
    return declare_component(f"espalier_{name}", path=Path(__file__).with_name("browser") / name)


@st.fragment
def show_live(key: str, run: Run, threshold: float) -> None:
    """The picture of the webcam beside what the run says of it, as `show_words`; ends when it is no longer drawn."""
    picture, words = st.columns(2, gap="medium")
    number, answer = st.session_state.get(f"{key}_last", (0, None))
    with heading.errors_in_words():
        model = load(run)
        with picture:
            frame = _in_browser("live")(key=key, answered=number)
        if frame and frame.get("number", 0) > number:
            number, data = frame["number"], decoded(frame, "jpeg", MOST_FRAME_BYTES)
            answer = model.answer(data) if len(data) <= MOST_FRAME_BYTES else PhotoError("too large")
            st.session_state[f"{key}_last"] = (number, answer)
            st.rerun(scope="fragment")  # so that the browser hears of it and sends the next
        with words:
            if isinstance(answer, Prediction):
                show_words(answer, threshold)
                charts.show_probabilities(f"{key}_chart", answer.probabilities)
                st.caption(f"Picture {number:,}. None of them is kept.")
            else:
                st.caption(plain(str(answer)) if answer else "Waiting for the webcam ...")


def show_paste(key: str) -> None:
    """The place; what is pasted joins the photos that the page keeps."""
    taken = st.session_state.get(f"{key}_taken", 0)
    pasted = _in_browser("paste")(key=key, most_bytes=MOST_PASTED_BYTES, taken=taken)
    if pasted and pasted.get("number", 0) > taken:
        number, data = pasted["number"], decoded(pasted, "data", MOST_PASTED_BYTES)
        st.session_state[f"{key}_taken"] = number
        if 0 < len(data) <= MOST_PASTED_BYTES:
            keep(PASTED, f"pasted_{number}", f"pasted {number}.png", data)
        else:
            st.session_state[f"{key}_unreadable"] = True
        st.rerun()
    if st.session_state.pop(f"{key}_unreadable", False):
        st.warning("This picture can't be taken from the clipboard. Drop its file under Photos.")


def keep(way: str, photo_id: str, name: str, data: bytes) -> None:
    """Add a photo that came this way, once."""
    kept: list[NewPhoto] = st.session_state.get(f"{KEPT}_{way}", [])
    if any(photo.id == photo_id for photo in kept):
        return
    kept = [*kept, NewPhoto(photo_id, name, data)][-MOST_KEPT:]
    while len(kept) > 1 and sum(len(photo.data) for photo in kept) > MOST_KEPT_BYTES:
        kept = kept[1:]
    st.session_state[f"{KEPT}_{way}"] = kept


def show_kept(key: str, way: str) -> list[NewPhoto]:
    """What came this way and is kept, newest first, with a button that lets go of it."""
    kept: list[NewPhoto] = st.session_state.get(f"{KEPT}_{way}", [])
    if kept and st.button(f"Let go of {counted(len(kept), 'photo')} {way}", key=f"{key}_let_go_{way}"):
        st.session_state[f"{KEPT}_{way}"] = kept = []
    return kept[::-1]
