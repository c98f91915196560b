"""How a job in a child process is getting on, a button to stop it, and how it ended."""

from typing import Any

import streamlit as st

from core.base.events import FAILED, PHASE, PROGRESS, QUEUED
from core.base.words import counted, duration
from core.jobs.job import Job, State

# what a phase counts; the others count photos
UNITS = {
    "download": ("MB", "MB"),
    "search": ("second",),
    "plate-test": ("answer",),
    "export": ("step",),
    "labels": ("step",),
    "map": ("step",),
    "pack": ("MB", "MB"),
    "open": ("MB", "MB"),
}


@st.fragment(run_every=0.5)
def show_progress(key: str, job: Job, stop: str, after_stop: str, keep: bool) -> None:
    """Show a job that works; the whole page is drawn anew once it has ended.

    Args:
        key: Of the button.
        job: One that is active.
        stop: The words on the button that stops it.
        after_stop: What becomes of it then, shown as the button's help.
        keep: What the stop asks for, as in `Job.request_stop`.
    """
    if not job.state().is_active:
        st.rerun()
    share, words = progress(job.events())
    st.progress(share, text=words)
    if job.stop_requested():
        st.caption("Stopping ...")
        return
    st.button(stop, key=f"{key}_stop", help=after_stop, on_click=job.request_stop, args=(keep,))


def progress(events: list[dict[str, Any]]) -> tuple[float, str]:
    """How much of the present phase is done, 0..1, and the words for it."""
    phase: dict[str, Any] = {"name": "", "words": "Starting"}
    progress = None
    for event in events:
        if event["event"] == QUEUED:  # what lies above is an earlier attempt
            phase, progress = {"name": "", "words": "Starting"}, None
        elif event["event"] == PHASE:
            phase, progress = event, None
        elif event["event"] == PROGRESS:
            progress = event
    if progress is None or not progress["total"]:
        return 0.0, phase["words"]
    total = counted(progress["total"], *UNITS.get(phase["name"], ("photo",)))
    words = f"{phase['words']}: {progress['done']:,} of {total}"
    if progress.get("per_second") and progress.get("seconds_left"):
        words += f", {progress['per_second']:.0f} a second"
    if progress.get("seconds_left"):
        words += f", about {duration(progress['seconds_left'])} left"
    return progress["done"] / progress["total"], words


def show_end(job: Job, cancelled: str, lost: str) -> None:
    """Say why a job ended before it was finished; of a finished one, nothing.

    Args:
        job: One that is not active.
        cancelled: What it means that the user stopped it.
        lost: What it means that its process ended without a word.
    """
    state = job.state()
    if state is State.FAILED:
        st.error(next(e["message"] for e in reversed(job.events()) if e["event"] == FAILED), icon=":material/error:")
    elif state is State.CANCELLED:
        st.info(cancelled, icon=":material/info:")
    elif state is State.LOST:
        st.warning(lost, icon=":material/warning:")
