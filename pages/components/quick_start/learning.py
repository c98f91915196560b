"""One button that trains, how far it is, and the model to try."""

import streamlit as st

from core.base.words import duration
from core.checks.readiness import problems, warnings
from core.jobs.job import State
from core.projects.plan import next_plan
from core.projects.project import Project
from core.runs.choosing.in_use import Finished, ModelInUse, finished_runs, model_in_use, pin
from core.runs.choosing.names import short_names
from core.runs.run import Run, list_runs
from pages.components.shared import buttons, heading, job_monitor, run_choice
from pages.components.shared.markdown import plain
from pages.components.train import run_monitor, starting

WORDS = job_monitor.JobWords(
    cancelled="The training was stopped before there was something to keep. Your photos are as they were.",
    lost="The training ended unexpectedly. Your photos are untouched. Train again.",
)


def show(key: str, project: Project, working: bool) -> Run | None:
    """The button, or how far the training is; and the model in use, to be tried. `working` is an import."""
    runs = list_runs(project.runs_folder)
    active = next((run for run in runs if run.job.state().is_active), None)
    if active:
        _show_progress(f"{key}_{active.name}", active)
        return None
    if runs and runs[0].job.state() in (State.FAILED, State.LOST, State.CANCELLED):
        job_monitor.show_end(runs[0].job, WORDS)
    counts = project.class_counts()
    missing = problems(counts)
    finished = finished_runs(project)
    used = model_in_use(project, finished)
    label, kind = ("Train again", "secondary") if used else ("Train", "primary")
    ready = not missing and not working
    if st.button(label, type=kind, icon=":material/model_training:", disabled=not ready, key=key, width="stretch"):
        with heading.errors_in_words():
            starting.start(project, next_plan(project))
            st.rerun()
    for sentence in () if working else missing if counts else ["Put photos into two boxes at least."]:
        st.caption(plain(sentence))
    for sentence in warnings(counts) if ready and not used else ():
        st.caption(plain(sentence))
    if used is None:
        return None
    _show_outcome(key, project, finished, used)
    return used.run


@st.fragment(run_every=0.5)
@heading.in_words
def _show_progress(key: str, run: Run) -> None:
    if not run.job.state().is_active:
        st.rerun()
    run_monitor.show_progress(run)
    run_monitor.show_stop(key, run)


def _show_outcome(key: str, project: Project, finished: list[Finished], used: ModelInUse) -> None:
    """What it got right; where what was trained last isn't in use, which one is, why, and a way to change that."""
    newest, _ = finished[0]
    run_choice.show_lost_pin(used)
    if newest.name != used.run.name:
        names = short_names(finished)
        in_use, last = plain(names[used.run.name]), plain(names[newest.name])
        st.caption(f"**{in_use}** answers, not what was trained last ({last}). {plain(used.why)}")
        buttons.show_action("Use the new one", lambda: pin(project, newest), icon=":material/keep:", key=f"{key}_use")
    st.caption(f"Trained in {duration(used.report.seconds.total)}: {plain(used.report.right_in_words)}.")
