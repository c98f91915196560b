"""Take a project along as one zip, and open one from a zip."""

from pathlib import Path

import streamlit as st

from core.jobs import kinds
from core.packing.folder import TransferFolder, new_opening, openings, packing_of
from core.projects.project import Project
from core.projects.workspace import Workspace
from pages.components.shared import current, heading, job_monitor, remembered
from pages.components.shared.markdown import plain
from pages.components.shared.uploads import choose_path, fresh, store

MAX_DOWNLOAD_BYTES = 200_000_000  # the web process holds a download in memory once it is asked for

PACKING = job_monitor.JobWords(
    after_stop="Nothing is left of the zip.",
    cancelled="Packing was stopped. Nothing is left of the zip; the project is as it was.",
    lost="Packing ended without a word: its process was ended from outside. The project is as it was.",
)
OPENING = job_monitor.JobWords(
    after_stop="Nothing is opened.",
    cancelled="Opening was stopped. Nothing was opened.",
    lost="Opening ended without a word: its process was ended from outside. Nothing was opened. Try it again.",
)


def ask_for_zip(workspace: Workspace, project: Project) -> None:
    """Start making the project's zip, in place of the last one."""
    transfer = packing_of(workspace, project)
    if not transfer.job.state().is_active:
        transfer.write_request(project.id, project.title)
        current.jobs().submit(kinds.PACK, transfer.folder)


def show_pack(workspace: Workspace, project: Project) -> None:
    """How far the project's zip is, and where it lies once it is there; nothing when none was asked for."""
    transfer = packing_of(workspace, project)
    events = transfer.job.events()
    if not events:
        return
    key = f"pack_{project.id}"
    if job_monitor.show(key, transfer.job, PACKING):
        return
    is_whole = bool(transfer.outcome()) and remembered.is_whole(transfer.archive)
    if is_whole:
        _show_place(transfer, events[-1].get("left", []))
    elif transfer.outcome():
        st.warning(
            "The zip is gone or was damaged on the disk since it was made. Remove it, then take the project along "
            "again."
        )
    with st.container(horizontal=True):
        if is_whole:
            _show_download(key, transfer.archive)
        if st.button("Remove the zip" if transfer.outcome() else "All right", key=f"{key}_remove"):
            transfer.remove()
            st.rerun()


def _show_place(transfer: TransferFolder, left: list[str]) -> None:
    size = transfer.archive.stat().st_size
    st.markdown(
        f"The zip is ready: {size / 1e6:,.1f} MB with photos, changes and runs. Copy it to the other computer and open "
        "it there on this page. Here is where it lies:"
    )
    st.code(str(transfer.archive), language=None, wrap_lines=True)
    if left:
        st.caption(f"Not in it, since they were still going on: {plain(', '.join(left))}.")
    if size > MAX_DOWNLOAD_BYTES:
        st.caption("It is too large to go through the browser; copy it from there.")


def _show_download(key: str, archive: Path) -> None:
    if archive.exists() and archive.stat().st_size <= MAX_DOWNLOAD_BYTES:
        st.download_button(
            "Download it",
            archive.read_bytes,  # not before it is asked for
            file_name=archive.name,
            mime="application/zip",
            icon=":material/download:",
            key=f"{key}_download",
            on_click="ignore",
        )


def show_open(key: str, workspace: Workspace) -> None:
    """Open a project that was taken along: an upload, or a path on this computer; and how the last one went."""
    with st.expander("Open a project from a zip", icon=":material/folder_zip:", expanded=bool(openings(workspace))):
        latest = next(iter(openings(workspace)), None)
        if latest is not None and latest.job.events():
            if job_monitor.show(key, latest.job, OPENING):
                return
            _show_opened(key, workspace, latest)
        st.caption("A zip that was made with *Take it along* under *More*, on this or another computer.")
        if upload := st.file_uploader("Zip of a project", "zip", key=fresh(f"{key}_zip")):
            with heading.errors_in_words():
                transfer = new_opening(workspace)
                store(f"{key}_zip", upload, transfer.upload, "receiving the zip")
                _start(transfer, transfer.upload, upload.name)
        label, example = "Or its path on this computer, for large ones", "/media/stick/fruit.zip"
        if path := choose_path(f"{key}_path", label, "Open this zip", "zip", example):
            with heading.errors_in_words():
                _start(new_opening(workspace), path.resolve(), path.name)


def _start(transfer: TransferFolder, archive: Path, name: str) -> None:
    transfer.write_request(str(archive), name)
    current.start(kinds.OPEN, transfer)


def _show_opened(key: str, workspace: Workspace, transfer: TransferFolder) -> None:
    """How the last opening ended; what was opened is in the list below, so it is said once and forgotten."""
    titles = {project.id: project.title for project in workspace.projects()}
    if transfer.outcome() in titles:
        st.success(
            f"**{plain(titles[transfer.outcome()])}** is open: you find it in the list.", icon=":material/check_circle:"
        )
    if st.button("All right", key=f"{key}_seen"):
        transfer.remove()
        st.rerun()
