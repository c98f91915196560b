"""The ways to ask a run about many photos: a folder, an archive, or a path on this computer. Each becomes a batch."""

from collections.abc import Sequence

import streamlit as st
from streamlit.typing import UploadedFile

from core.base.words import counted
from core.batches.folder import FOLDER, PATH, BatchFolder, BatchRequest
from core.jobs import kinds
from core.projects.project import Project
from core.runs.run import Run
from pages.components.shared import current, heading
from pages.components.shared.uploads import choose_path, fresh, receive, refuse_too_many

BEGUN = "try_batch"  # in the session: the batch that this tab began last


def show_folder_and_zip(key: str, project: Project, run: Run) -> None:
    """Two places to drop a folder and an archive; what comes is a batch."""
    st.caption("For any number of photos: they are answered in the background, and you can go on meanwhile.")
    folder, archive = st.columns(2)
    if uploads := folder.file_uploader("A folder of photos", None, "directory", key=fresh(f"{key}_folder")):
        name = uploads[0].name.split("/")[0] if "/" in uploads[0].name else counted(len(uploads), "photo")
        receive_batch(f"{key}_folder", project, run, uploads, name)
    if upload := archive.file_uploader("A zip or tar of photos", key=fresh(f"{key}_zip")):
        receive_batch(f"{key}_zip", project, run, [upload], "")


def show_path(key: str, project: Project, run: Run) -> None:
    """A box for a path on this computer; what lies there is a batch."""
    path = choose_path(
        f"{key}_path",
        "Path of a folder of photos, of a zip or tar, or of one photo",
        "Ask about them",
        "folder, zip or photo",
        placeholder="/home/me/holiday",
        about="Nothing is copied of a folder, it is only read. An archive is unpacked beside its answers.",
    )
    if path:
        with heading.errors_in_words():
            source = path.resolve()
            request = BatchRequest(run.name, source.name or str(source), str(source), way=PATH)
            _start(BatchFolder.create(project), request)


def receive_batch(
    key: str, project: Project, run: Run, uploads: Sequence[UploadedFile], title: str, way: str = FOLDER
) -> None:
    """Write uploads to disk and ask about them; without a title it is one archive, which has a name of its own."""
    with heading.errors_in_words():
        refuse_too_many(uploads)
        batch = BatchFolder.create(project)
        names = receive(key, uploads, batch.incoming)
        path = "" if title else str(batch.incoming / next(iter(names)))
        _start(batch, BatchRequest(run.name, title or uploads[0].name, path, names if title else None, way))


def _start(batch: BatchFolder, request: BatchRequest) -> None:
    batch.write_request(request)
    st.session_state[BEGUN] = batch.folder.name
    current.start(kinds.PREDICT, batch)
