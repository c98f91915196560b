"""The ways to show photos to a run on *Try it*: few are answered on the page, many become a batch."""

import streamlit as st

from core.base.words import counted
from core.projects.project import Project
from core.runs.run import Run
from pages.components.asking import batch_inputs
from pages.components.asking.answered import NewPhoto
from pages.components.shared.uploads import TYPES, fresh
from pages.components.try_it import kept_photos as try_kept
from pages.components.try_it import live as try_live
from pages.components.try_it import paste as try_paste

FEW, FEW_BYTES = 60, 200_000_000  # of photos on the page: what a person looks through, and what memory has room for
OFF, SINGLE, LIVE = "Off", "Single photos", "Live"


def show(key: str, project: Project, run: Run, threshold: float) -> tuple[list[NewPhoto], bool]:
    """The ways in; starts a batch for many photos.

    Returns:
        The few photos to answer on the page, and whether the way that is open is one for many.
    """
    photos, folder, path, webcam, paste = st.tabs(
        [
            ":material/upload: Photos",
            ":material/folder: Folder or zip",
            ":material/hard_drive: On this computer",
            ":material/photo_camera: Webcam",
            ":material/content_paste: Paste",
        ],
        on_change="rerun",  # so that a camera is on only while its tab is open
        key=f"{key}_ways",
    )
    with photos:
        uploads = st.file_uploader("Drop photos here", TYPES, True, key=fresh(f"{key}_files"))
        if len(uploads) > FEW or sum(upload.size for upload in uploads) > FEW_BYTES:
            batch_inputs.receive_batch(f"{key}_files", project, run, uploads, counted(len(uploads), "photo"))
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
            try_paste.show(f"{key}_paste")
    few = [NewPhoto(upload.file_id, upload.name, upload.getvalue()) for upload in uploads]
    return few + try_kept.show(key), folder.open or path.open


def _show_webcam(key: str, run: Run, threshold: float) -> None:
    how = st.segmented_control("Webcam", [OFF, SINGLE, LIVE], default=OFF, required=True, key=f"{key}_webcam_how")
    if how == SINGLE:
        shot = st.camera_input("Take a photo", key=f"{key}_webcam")
        if shot:
            try_kept.keep(shot.file_id, "webcam.jpg", shot.getvalue())
    if how == LIVE:
        try_live.show(f"{key}_live", run, threshold)
