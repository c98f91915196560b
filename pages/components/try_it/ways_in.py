"""The ways to show photos to a run: few are answered on the page, many become a batch on disk."""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st
from streamlit.typing import UploadedFile

from core.base.errors import InputError
from core.base.words import counted
from core.batches.folder import BatchFolder, BatchRequest
from core.jobs import kinds
from core.projects.project import Project
from core.runs.run import Run
from pages.components.asking.answered import Asked
from pages.components.shared import current, heading
from pages.components.shared.uploads import TYPES, fresh, receive, refuse_too_many
from pages.components.try_it import batches as try_batches
from pages.components.try_it import kept_photos as try_kept
from pages.components.try_it import live as try_live
from pages.components.try_it import paste as try_paste

FEW, FEW_BYTES = 60, 200_000_000  # of photos on the page: what a person looks through, and what memory has room for
OFF, SINGLE, LIVE = "Off", "Single photos", "Live"


def show(key: str, project: Project, run: Run, threshold: float) -> tuple[list[Asked], bool]:
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
            _receive(f"{key}_files", project, run, uploads, counted(len(uploads), "photo"))
            uploads = []
    with folder:
        show_folder_and_zip(key, project, run)
    with path:
        show_path(key, project, run)
    with webcam:
        if webcam.open:
            _show_webcam(key, run, threshold)
    with paste:
        if paste.open:
            try_paste.show(f"{key}_paste")
    few = [Asked(upload.file_id, upload.name, upload.getvalue()) for upload in uploads]
    return few + try_kept.show(key), folder.open or path.open


def show_folder_and_zip(key: str, project: Project, run: Run) -> None:
    """Two places to drop a folder and a zip; what comes is a batch."""
    st.caption("For any number of photos: they are answered in the background, and you can go on meanwhile.")
    folder, archive = st.columns(2)
    uploads = folder.file_uploader("A folder of photos", TYPES, "directory", key=fresh(f"{key}_folder"))
    if uploads:
        name = uploads[0].name.split("/")[0] if "/" in uploads[0].name else counted(len(uploads), "photo")
        _receive(f"{key}_folder", project, run, uploads, name)
    upload = archive.file_uploader("A zip of photos", "zip", key=fresh(f"{key}_zip"))
    if upload:
        _receive(f"{key}_zip", project, run, [upload], upload.name, is_zip=True)


def show_path(key: str, project: Project, run: Run) -> None:
    """A box for a path on this computer; what lies there is a batch."""
    with st.form(f"{key}_path", border=False):
        st.caption("Nothing is copied of a folder, it is only read. A zip is unpacked beside its answers.")
        typed = st.text_input("Path of a folder of photos, of a zip, or of one photo", placeholder="/home/me/holiday")
        if st.form_submit_button("Ask about them") and typed.strip():
            with heading.errors_in_words():
                source = Path(typed.strip()).expanduser()
                if not source.exists():
                    raise InputError(f"There is no folder, zip or photo called {source} on this computer.")
                source = source.resolve()
                _start(BatchFolder.create(project), BatchRequest(run.name, source.name or str(source), str(source)))


def _show_webcam(key: str, run: Run, threshold: float) -> None:
    how = st.segmented_control("Webcam", [OFF, SINGLE, LIVE], default=OFF, required=True, key=f"{key}_webcam_how")
    if how == SINGLE:
        shot = st.camera_input("Take a photo", key=f"{key}_webcam")
        if shot:
            try_kept.keep(shot.file_id, "webcam.jpg", shot.getvalue())
    if how == LIVE:
        try_live.show(f"{key}_live", run, threshold)


def _receive(
    key: str, project: Project, run: Run, uploads: Sequence[UploadedFile], title: str, is_zip: bool = False
) -> None:
    """Write uploads to disk and ask about them."""
    with heading.errors_in_words():
        refuse_too_many(uploads)
        batch = BatchFolder.create(project)
        names = receive(key, uploads, batch.incoming)
        path = str(batch.incoming / next(iter(names))) if is_zip else ""
        _start(batch, BatchRequest(run.name, title, path, None if is_zip else names))


def _start(batch: BatchFolder, request: BatchRequest) -> None:
    batch.write_request(request)
    current.jobs().submit(kinds.PREDICT, batch.folder)
    st.session_state[try_batches.BEGUN] = batch.folder.name
    st.rerun()
