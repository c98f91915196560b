"""The base models that are not on this computer, and their download."""

import os
from collections.abc import Iterator

import streamlit as st

from core.base.words import counted, percent
from core.jobs import kinds
from core.jobs.folder import JobFolder
from core.jobs.job import Job
from core.models.catalogue import BUILT_IN, CATALOGUE, BaseModel, base_model
from core.models.weights import DOWNLOAD, PACKAGE, WeightsState, weights_state
from pages.components.shared import current, heading, job_monitor

DOWNLOADING = job_monitor.JobWords(
    stop="Stop the download",
    after_stop="Nothing of it is kept.",
    cancelled="The download was stopped.",
    lost="The download ended without a word: its process was ended from outside. Try again.",
)


def show(key: str) -> None:
    """A line for each, with its state and, where it can be had so, a button to download it."""
    missing = list(_missing())
    if not missing:
        return
    active = any(_job(row).state().is_active for row, _ in missing)
    words = f"{counted(len(missing), 'base model')} that could be had"
    with st.expander(words, icon=":material/download:", expanded=active, key=f"{key}_fold"):
        st.caption(
            "A larger one often sees more and takes longer. Each is checked after its download; only the weights come "
            "from the internet, your photos never leave this computer."
        )
        for row, state in missing:
            _show_row(f"{key}_{row.name}", row, state)


def _missing() -> Iterator[tuple[BaseModel, WeightsState]]:
    for row in CATALOGUE:
        state = weights_state(row, os.environ)
        if state.kind in (DOWNLOAD, PACKAGE):
            yield row, state


def _job(row: BaseModel) -> Job:
    return Job(current.workspace().home / "downloads" / row.name)


def _show_row(key: str, row: BaseModel, state: WeightsState) -> None:
    job = _job(row)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        work = row.multiply_adds_g / base_model(BUILT_IN).multiply_adds_g
        st.markdown(
            f"**{row.title}** {state.words} ({percent(row.imagenet_top1)} right on ImageNet, {work:.2g} × the work of "
            "the built-in one)",
            width="content",
        )
        can_start = state.kind == DOWNLOAD and not job.state().is_active
        if can_start and st.button("Download", key=f"{key}_download", icon=":material/download:"):
            with heading.errors_in_words():
                _start(row)
    job_monitor.show(key, job, DOWNLOADING)


def _start(row: BaseModel) -> None:
    this = JobFolder(_job(row).folder)
    this.prepare()
    current.jobs().submit(kinds.DOWNLOAD, this.folder)
    st.rerun()
