"""Search for better settings of the head: choose a time, watch the tries, and keep the best in the plan."""

from dataclasses import replace

import streamlit as st

from core.base.words import counted
from core.jobs import kinds
from core.models.catalogue import base_model
from core.models.config import FINE_TUNE, TrainConfig
from core.projects.photo_state import photo_state
from core.projects.plan import keep_plan, next_plan
from core.projects.project import Project
from core.search.folder import SearchFolder, search_of
from core.search.table import SearchTable
from core.search.words import (
    caution,
    differences,
    how_judged,
    in_words,
    is_surely_better,
    result,
    unsearchable,
    verdict,
)
from pages.components.search import charts as search_charts
from pages.components.shared import blockers, current, heading, job_monitor

TIMES = {60: "1 minute", 180: "3 minutes", 600: "10 minutes"}


@st.fragment(run_every=1.0)
def show_live(key: str, project: Project, search: SearchFolder) -> None:
    """A search that waits or works: how far it is, a way to end it, what it has tried."""
    if not search.job.state().is_active:
        st.rerun()
    job_monitor.show_queue_or_progress(search.job)
    if search.job.stop_requested():
        st.caption("Stopping ...")
    else:
        help_words = "What was tried so far stays, and the next search goes on from there."
        st.button("Stop", key=f"{key}_stop", help=help_words, on_click=search.job.request_stop, args=(True,))
    table = search.read()
    if table and table.measured_on == photo_state(project):
        best = table.best_trial
        st.markdown(f"Best so far: {in_words(best.settings)}: {result(table, best)}.")
        search_charts.show_trials(f"{key}_live", table)
        search_charts.show_best(f"{key}_live_table", table)


def show_end(search: SearchFolder) -> None:
    """Why a search ended before its time was up, and the log for whoever mends it."""
    job_monitor.show_end(
        search.job,
        cancelled="The search was stopped before it had tried anything. Your photos are untouched.",
        lost="The search ended without a word: its process was ended from outside, perhaps because memory ran out. "
        "What was tried is kept, and your photos are untouched. Search again to go on.",
    )
    job_monitor.show_log(search.job)


def show_start(key: str, search: SearchFolder, plan: TrainConfig, is_first: bool) -> None:
    """The time it may take, and the button."""
    if is_first:
        st.markdown(
            "It keeps the base model as it is and tries other heads on top, other steps (learning rate) and other "
            "brakes on learning by heart (dropout, weight decay), your plan first. The photos kept for the test take "
            "no part. You can close this page meanwhile."
        )
        if plan.strategy == FINE_TUNE:
            st.caption("Your plan then trains blocks of the base model too; only the head before that is tried here.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seconds = st.segmented_control(
            "How long", list(TIMES), default=60, format_func=TIMES.get, key=f"{key}_time", required=True
        )
        words = "Search" if is_first else "Search on"
        kind = "primary" if is_first else "secondary"
        if st.button(words, type=kind, icon=":material/manage_search:", key=f"{key}_start"):
            search.write_request(seconds, plan)
            current.jobs().submit(kinds.SEARCH, search.folder)
            st.rerun()


def show_found(key: str, project: Project, plan: TrainConfig, table: SearchTable) -> None:
    """What was tried, what may be said of it, and the way to use it."""
    best, own = table.best_trial, table.own_trial
    st.subheader("What it found", anchor=False)
    st.markdown(f"**{in_words(best.settings).capitalize()}**: {result(table, best)}.")
    if best is not own:
        st.markdown(f"The plan that it began with, {in_words(own.settings)}: {result(table, own)}.")
    st.markdown(verdict(table))
    show_use(project, plan, table)
    search_charts.show_trials(f"{key}_chart", table)
    st.markdown(f"**The best of {counted(len(table.trials), 'try', 'tries')}**")
    search_charts.show_best(f"{key}_table", table)
    st.caption(f"{how_judged(table)} {caution(table)}")


def show_use(project: Project, plan: TrainConfig, table: SearchTable) -> None:
    """What the best would change in the present plan, and the button that does it."""
    settings = table.best_trial.settings
    if table.base != plan.base:
        titles = base_model(table.base).title, base_model(plan.base).title
        st.info(
            f"This was tried with {titles[0]}, and your plan starts from {titles[1]} now.", icon=":material/update:"
        )
        return
    changes = differences(plan, settings)
    if not changes:
        st.markdown("Your plan has these settings.")
        st.page_link("pages/train.py", label="Go to the training", icon=":material/arrow_forward:")
        return
    st.markdown(
        "What that changes in your plan:\n" + "\n".join(f"- {name}: {old} → {new}" for name, old, new in changes)
    )
    kind = "primary" if is_surely_better(table) else "secondary"  # what may be chance is offered, not urged
    if st.button("Use these settings", type=kind, icon=":material/arrow_forward:", icon_position="right"):
        keep_plan(project, replace(plan, **settings))
        st.switch_page("pages/train.py")


def show_all(key: str, project: Project) -> None:
    """Everything below the heading."""
    if blockers.show(project.class_counts()):
        return
    plan = next_plan(project)
    search = search_of(project)
    if search.job.events() and search.job.state().is_active:
        show_live(key, project, search)
        return
    if why := unsearchable(plan):
        st.info(why, icon=":material/info:")
        st.page_link("pages/advice.py", label="Go to the advice", icon=":material/explore:")
        return
    if search.job.events():
        show_end(search)
    table = search.read()
    changed = table is not None and table.measured_on != photo_state(project)
    if changed:
        st.info("The photos have changed since this was tried. A search begins anew now.", icon=":material/update:")
    if table is None:
        show_start(key, search, plan, is_first=True)
        return
    if changed:
        show_start(key, search, plan, is_first=False)
    show_found(key, project, plan, table)
    if not changed:
        show_start(key, search, plan, is_first=False)


heading.show(
    "Search for better settings",
    "It tries other settings of the head on your photos for a while, and says whether any is better than your plan.",
)
project = current.project_or_stop()
with heading.errors_in_words():
    show_all(f"search_{project.id}", project)
