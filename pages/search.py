"""Search for better settings, of a head or of blocks: choose a time, watch the tries, and keep the best in the plan."""

import streamlit as st

from core.jobs import kinds
from core.models.config import FINE_TUNE, TrainConfig
from core.projects.plan import next_plan
from core.projects.project import Project
from core.search.folder import SearchFolder, search_of
from core.search.words import in_words, result, unsearchable
from pages.components.search import found
from pages.components.shared import current, heading, job_monitor
from pages.components.shared.markdown import plain

TIMES = {60: "1 minute", 180: "3 minutes", 600: "10 minutes"}
TIMES_OF_BLOCKS = {600: "10 minutes", 1800: "30 minutes", 7200: "2 hours"}  # each try is a training
HEADS_ABOUT = (
    "It keeps the base model as it is and tries other heads on top, other steps (optimizer, momentum, learning rate, "
    "batch size) and other brakes on learning by heart (dropout, weight decay), your plan first."
)
BLOCKS_ABOUT = (
    "It trains your plan's head once. From there it tries which of the base model's last blocks learn too (thaw from), "
    "how large their steps are (learning rate) and for how many epochs, your plan first, however long that takes. "
    "Another try begins only where it can end in time. To search for a better head, choose a plan that keeps the base "
    "model first."
)
MEANWHILE = "The photos kept for the test take no part. You can close this page meanwhile."
SEARCHING = job_monitor.JobWords(
    after_stop="What was tried so far stays, and the next search goes on from there.",
    cancelled="The search was stopped before it had tried anything. Your photos are untouched.",
    lost="The search ended without a word: its process was ended from outside, perhaps because memory ran out. "
    "What was tried is kept, and your photos are untouched. Search again to go on.",
)


@st.fragment(run_every=1.0)
@heading.in_words
def show_live(key: str, project: Project, search: SearchFolder) -> None:
    """A search that waits or works: how far it is, a way to end it, what it has tried."""
    if not search.job.state().is_active:
        st.rerun()
    job_monitor.show_queue_or_progress(search.job)
    job_monitor.show_stop(key, search.job, SEARCHING, keep=True)
    table = search.read()
    if table and table.measured_on == project.photo_state():
        best = table.best_trial
        st.markdown(plain(f"Best so far: {in_words(best.settings)}: {result(table, best)}."))
        found.show_trials(f"{key}_live", table)
        found.show_best(f"{key}_live_table", table)


def show_start(key: str, search: SearchFolder, plan: TrainConfig, is_first: bool) -> None:
    """The time it may take, and the button."""
    of_blocks = plan.strategy == FINE_TUNE
    times = TIMES_OF_BLOCKS if of_blocks else TIMES
    if is_first:
        st.markdown(f"{BLOCKS_ABOUT if of_blocks else HEADS_ABOUT} {MEANWHILE}")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seconds = st.segmented_control(
            "How long", list(times), default=min(times), format_func=times.get, key=f"{key}_time", required=True
        )
        words = "Search" if is_first else "Search on"
        kind = "primary" if is_first else "secondary"
        if st.button(words, type=kind, icon=":material/manage_search:", key=f"{key}_start"):
            search.write_request(seconds, plan)
            current.start(kinds.SEARCH, search)


def show_all(key: str, project: Project) -> None:
    """Everything below the heading."""
    if current.show_blockers(project.class_counts()):
        return
    plan = next_plan(project)
    search = search_of(project)
    if search.job.events() and search.job.state().is_active:
        show_live(key, project, search)
        return
    if why := unsearchable(plan):
        st.info(plain(why), icon=":material/info:")
        st.page_link("pages/advice.py", label="Go to the advice", icon=":material/explore:")
        return
    if search.job.events():
        job_monitor.show_end(search.job, SEARCHING)
        job_monitor.show_log(search.job)
    job_monitor.show_lost(search)
    table = search.read()
    changed = table is not None and table.measured_on != project.photo_state()
    if changed:
        st.info("The photos have changed since this was tried. A search begins anew now.", icon=":material/update:")
    other = table is not None and table.of_blocks != (plan.strategy == FINE_TUNE)
    if table is None or changed or other:
        show_start(key, search, plan, is_first=table is None or other)
    if table is not None:
        found.show_found(key, project, plan, table)
        if not (changed or other):
            show_start(key, search, plan, is_first=False)


heading.show_page(
    "Search for better settings",
    "It tries other settings on your photos for a while, and says whether any is better than your plan.",
    "search",
    show_all,
)
