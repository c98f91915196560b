"""Answers to take away: a table, and the photos sorted into class folders."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import streamlit as st

from core.batches.answering import answer_of
from core.batches.folder import BatchFolder
from core.batches.sorted_zip import SortedPhoto, write_sorted_zip
from core.jobs import kinds
from core.jobs.job import State
from core.runs.answer_table import Answer, write_table
from pages.components.asking.answered import AnsweredPhoto
from pages.components.shared import current, job_monitor

MOST_BYTES = 200_000_000  # the web process holds what it hands to the browser; larger files lie on this computer anyway


def show_few(key: str, classes: list[str], photos: list[AnsweredPhoto], threshold: float) -> None:
    """Buttons for the photos of the page."""

    def table(target: Path) -> None:
        write_table(target, classes, ((photo.name, photo.answer) for photo in photos), threshold)

    def zipped(target: Path) -> None:
        sources = (SortedPhoto(photo.name, photo.source, photo.answer) for photo in photos)
        write_sorted_zip(target, classes, sources, threshold)

    with st.container(horizontal=True):
        _button(f"{key}_csv", "Table (CSV)", "answers.csv", lambda: _made(table))
        _button(f"{key}_zip", "Sorted into folders (zip)", "sorted.zip", lambda: _made(zipped))


def show_batch(key: str, batch: BatchFolder, threshold: float) -> None:
    """Buttons for a batch; its zip is made by a job, since it may be as large as all photos together."""

    def table() -> bytes:
        write_table(batch.csv_path, batch.answers.class_names(), _named(batch), threshold)
        return batch.csv_path.read_bytes()

    this = batch.sorted
    working = bool(this.job.events()) and this.job.state().is_active
    is_ready = this.zip_path.exists() and this.job.state() is State.FINISHED and this.threshold() == threshold
    with st.container(horizontal=True, vertical_alignment="center"):
        _button(f"{key}_csv", "Table (CSV)", "answers.csv", table)
        if is_ready and this.zip_path.stat().st_size <= MOST_BYTES:
            _button(f"{key}_zip", "Sorted into folders (zip)", "sorted.zip", this.zip_path.read_bytes)
        elif (
            not is_ready
            and not working
            and st.button("Sort into folders (zip)", icon=":material/folder_zip:", key=f"{key}_sort")
        ):
            this.write_request(threshold)
            current.jobs().submit(kinds.SORT, this.folder)
            st.rerun()
    if working:
        job_monitor.show_progress(f"{key}_sorting", this.job, "Stop", "No zip is made then.", keep=False)
    elif this.job.events():
        _show_end(batch, is_ready)


def _show_end(batch: BatchFolder, is_ready: bool) -> None:
    this = batch.sorted
    if is_ready and this.zip_path.stat().st_size > MOST_BYTES:
        size = this.zip_path.stat().st_size / 1e9
        st.markdown(f"The zip is ready ({size:.1f} GB). It lies on this computer:")
        st.code(str(this.zip_path.absolute()), language=None, wrap_lines=True)
    job_monitor.show_end(
        this.job, cancelled="The zip was not made.", lost="Making the zip ended without a word. Try again."
    )


def _named(batch: BatchFolder) -> Iterator[tuple[str, Answer]]:
    return ((row.name, answer_of(row)) for row in batch.answers.answered())


def _made(write: Callable[[Path], None]) -> bytes:
    """What `write` leaves at the path it is given."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "made"
        write(target)
        return target.read_bytes()


def _button(key: str, label: str, name: str, data: Callable[[], bytes]) -> None:
    st.download_button(label, data, name, icon=":material/download:", on_click="ignore", key=key)
