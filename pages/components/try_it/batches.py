"""The batches of a project: how each is getting on, its gallery, its downloads, and the way to remove it."""

from functools import partial

import streamlit as st

from core.base.names import told_apart
from core.base.words import counted
from core.batches.answers import AS_THEY_CAME, LEAST_LIKE_YOURS, LEAST_SURE, UNREADABLE, UNSURE, Counts
from core.batches.folder import BatchFolder, batches, bring_back, remove, removed_batches
from core.jobs import kinds
from core.jobs.job import State
from core.projects.project import Project
from core.runs.choosing.names import RunName
from core.runs.run import Run
from pages.components.asking import asked_gallery
from pages.components.asking.batch_inputs import BEGUN
from pages.components.shared import buttons, heading, job_monitor
from pages.components.shared.markdown import plain
from pages.components.try_it import downloads

ANSWERING = job_monitor.JobWords(
    after_stop="The answers so far stay, and it can go on.",
    cancelled="It was stopped. The answers so far are here, and it can go on.",
    lost="It ended without a word: its process was ended from outside, perhaps because memory ran out. The answers "
    "so far are here, and it can go on.",
)


def show(key: str, project: Project, threshold: float, way: str) -> bool:
    """The newest batch that came this way, or a chosen one; whether the threshold makes a difference for it."""
    tells = False
    found = {batch.folder.name: batch for batch in batches(project) if batch.way == way}
    if found:
        chosen = _choose(key, found)
        with heading.errors_in_words():
            tells = _show_batch(f"{key}_{chosen}", project, found[chosen], threshold)
    _show_removed(key, project, way)
    return tells


def _choose(key: str, found: dict[str, BatchFolder]) -> str:
    """The name of the batch to show: the one that was begun or brought back last, until the user picks another."""
    names = list(found)
    first = st.session_state.get(BEGUN) if st.session_state.get(BEGUN) in found else names[0]
    if len(names) == 1:
        return first
    titles = told_apart({name: batch.dated_title for name, batch in found.items()})
    # A list of its own for each: one that is set from here is set back by what the browser sends at the same moment.
    return st.selectbox(
        "Photos asked about", names, names.index(first), format_func=titles.get, key=f"{key}_of_{first}"
    )


def _show_batch(key: str, project: Project, batch: BatchFolder, threshold: float) -> bool:
    active = job_monitor.show(key, batch.job, ANSWERING, keep=True)
    if not active:
        _show_title(key, project, batch)
    if not batch.answers.is_listed():
        return False
    counts = batch.answers.counts(threshold)
    if counts.answered:
        _show_answers(key, project, batch, counts, threshold)
    if counts.answered and not active:
        downloads.show_of_batch(f"{key}_down", batch, threshold)
    return batch.answers.has_in_distribution_scores()


def _show_title(key: str, project: Project, batch: BatchFolder) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        run = _run(project, batch)
        asked_of = RunName.of(run, run.report()).line if run else "a run that was removed"
        st.markdown(f"**{plain(batch.dated_title)}**, asked of {plain(asked_of)}", width="content")
        again = "Go on" if batch.answers.is_listed() else "Try again"
        if batch.job.state() is not State.FINISHED:
            buttons.show_start(again, kinds.PREDICT, batch, type="primary", key=f"{key}_on")
        what = "Its answers and the copies that were uploaded go to the trash; your own files stay where they are."
        if st.button("Remove", icon=":material/delete:", type="tertiary", key=f"{key}_remove", help=what):
            remove(project, batch)
            st.rerun()
    if passed_over := max((event.get("passed_over", 0) for event in batch.job.events()), default=0):
        st.caption(f"{counted(passed_over, 'file')} passed over, no photos by name.")


def _run(project: Project, batch: BatchFolder) -> Run | None:
    run = Run(project.runs_folder / batch.request().run)
    return run if run.engine_path.exists() else None


def _show_answers(key: str, project: Project, batch: BatchFolder, counts: Counts, threshold: float) -> None:
    kinds = {("", ""): f"All {counts.answered:,}"}
    kinds |= {("", name): f"{name} ({n:,})" for name, n in counts.by_class.items()}
    if counts.unsure:
        kinds[UNSURE, ""] = f"Not sure ({counts.unsure:,})"
    if counts.unreadable:
        kinds[UNREADABLE, ""] = f"Can't be used ({counts.unreadable:,})"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Answer", list(kinds), format_func=kinds.get, key=f"{key}_kind", width=240)
        order = st.selectbox("Order", [AS_THEY_CAME, LEAST_SURE, LEAST_LIKE_YOURS], key=f"{key}_order", width=240)
    kind, label = chosen
    of_kind = {"": counts.answered, UNSURE: counts.unsure, UNREADABLE: counts.unreadable}
    n = counts.by_class[label] if label else of_kind[kind]
    some = partial(batch.answers.page, kind, label, order, threshold)
    asked = asked_gallery.of_batch(batch, n, some)
    asked_gallery.show(f"{key}_{kind}_{label}_{order}", project, _run(project, batch), asked, threshold)


def _show_removed(key: str, project: Project, way: str) -> None:
    removed = [batch for batch in removed_batches(project) if batch.way == way]
    if not removed:
        return
    with st.expander(f"{counted(len(removed), 'batch', 'batches')} in the trash"):
        for batch in removed:
            with st.container(horizontal=True, vertical_alignment="center"), heading.errors_in_words():
                st.markdown(plain(batch.dated_title), width="content")
                if st.button("Bring back", key=f"{key}_back_{batch.folder.name}"):
                    st.session_state[BEGUN] = bring_back(project, batch).folder.name
                    st.rerun()
