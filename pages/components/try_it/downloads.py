"""Answers to take away, as a table or as sorted photos."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from core.batches.folder import BatchFolder
from core.batches.sorted_zip import SortedPhoto, write_sorted_zip
from core.jobs import kinds
from core.jobs.job import State
from core.runs.answer_table import write_table
from pages.components.asking.answered import AnsweredPhoto
from pages.components.shared import current, job_monitor, remembered

MOST_BYTES = 200_000_000  # the web process holds what it hands to the browser; larger files lie on this computer anyway
SORTING = job_monitor.JobWords(
    after_stop="No zip is made then.",
    cancelled="The zip was not made.",
    lost="Making the zip ended without a word. Try again.",
)


def show(key: str, class_names: list[str], photos: list[AnsweredPhoto], threshold: float) -> None:
    """Buttons for the photos of the page."""

    def table(target: Path) -> None:
        write_table(target, class_names, ((photo.name, photo.answer) for photo in photos), threshold)

    def zipped(target: Path) -> None:
        sources = (SortedPhoto(photo.name, photo.source, photo.answer) for photo in photos)
        write_sorted_zip(target, class_names, sources, threshold)

    with st.container(horizontal=True):
        _button(f"{key}_csv", "Table (CSV)", "answers.csv", lambda: _made(table))
        _button(f"{key}_zip", "Sorted into folders (zip)", "sorted.zip", lambda: _made(zipped))


def show_of_batch(key: str, batch: BatchFolder, threshold: float) -> None:
    """Buttons for a batch; its zip is made by a job, since it may be as large as all photos together."""

    def table() -> bytes:
        named = ((row.name, row.answer) for row in batch.answers.answered())
        write_table(batch.csv_path, batch.answers.class_names(), named, threshold)
        return batch.csv_path.read_bytes()

    this = batch.sorted
    working = bool(this.job.events()) and this.job.state().is_active
    is_made = this.zip_path.exists() and this.job.state() is State.FINISHED and this.threshold() == threshold
    is_ready = is_made and remembered.is_whole(this.zip_path)
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
            current.start(kinds.SORT, this)
    job_monitor.show(f"{key}_sorting", this.job, SORTING)
    if is_made and not is_ready:
        st.warning("The zip was damaged on the disk since it was made. Sort the photos again.")
    if is_ready and this.zip_path.stat().st_size > MOST_BYTES:
        size = this.zip_path.stat().st_size / 1e9
        st.markdown(f"The zip is ready ({size:.1f} GB). It lies on this computer:")
        st.code(str(this.zip_path.absolute()), language=None, wrap_lines=True)


def _made(write: Callable[[Path], None]) -> bytes:
    """What `write` leaves at the path it is given."""
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "made"
        write(target)
        return target.read_bytes()


def _button(key: str, label: str, name: str, data: Callable[[], bytes]) -> None:
    st.download_button(label, data, name, icon=":material/download:", on_click="ignore", key=key)
