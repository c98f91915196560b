"""One button that trains, how far it is, and the run to try."""

import streamlit as st

from core.base.words import duration
from core.checks.readiness import problems, warnings
from core.jobs.job import State
from core.projects.plan import next_plan
from core.projects.project import Project
from core.runs.run import Run, list_runs
from pages.components.shared import heading, job_monitor
from pages.components.shared.markdown import plain
from pages.components.train import starting

WORDS = job_monitor.JobWords(
    after_stop="What it has learned so far is kept and tested.",
    cancelled="The training was stopped before there was something to keep. Your photos are as they were.",
    lost="The training ended unexpectedly. Your photos are untouched. Train again.",
    stop="Stop and keep the best so far",
)


def show(key: str, project: Project, working: bool) -> Run | None:
    """The button, or how far the training is; the newest run that can be tried. `working` is an import."""
    runs = list_runs(project.runs_folder)
    active = next((run for run in runs if run.job.state().is_active), None)
    if active:
        _show_progress(f"{key}_{active.name}", active)
        return None
    if runs and runs[0].job.state() in (State.FAILED, State.LOST, State.CANCELLED):
        job_monitor.show_end(runs[0].job, WORDS)
    counts = project.class_counts()
    missing = problems(counts)
    done = next((run for run in runs if run.report()), None)
    label, kind = ("Train again", "secondary") if done else ("Train", "primary")
    ready = not missing and not working
    if st.button(label, type=kind, icon=":material/model_training:", disabled=not ready, key=key, width="stretch"):
        with heading.errors_in_words():
            starting.start(project, next_plan(project))
            st.rerun()
    for sentence in () if working else missing if counts else ["Put photos into two boxes at least."]:
        st.caption(plain(sentence))
    for sentence in warnings(counts) if ready and not done else ():
        st.caption(plain(sentence))
    return done


@st.fragment(run_every=0.5)
@heading.in_words
def _show_progress(key: str, run: Run) -> None:
    if not run.job.state().is_active:
        st.rerun()
    job_monitor.show_queue_or_progress(run.job, " ...")
    if run.job.stop_requested():
        st.caption("Stopping ...")
        return
    learning = bool(run.epochs())
    stop = heading.in_words(run.job.request_stop)
    with st.container(horizontal=True):
        st.button(WORDS.stop, f"{key}_keep", WORDS.after_stop, stop, args=(True,), disabled=not learning)
        st.button("Cancel", f"{key}_discard", on_click=stop, args=(False,))


def show_outcome(run: Run) -> None:
    """What it got right, in a line."""
    if report := run.report():
        st.caption(f"Trained in {duration(report.seconds.total)}: {plain(report.right_in_words)}.")
