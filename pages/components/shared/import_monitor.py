"""How an import is getting on, and what came of the last one."""

import streamlit as st

from core.base.events import FINISHED
from core.base.words import counted, duration
from core.jobs import kinds
from core.jobs.job import State
from core.projects.imports import DEMO, ImportFolder, imports
from core.projects.project import Project
from pages.components.shared import current, job_monitor


def show(key: str, project: Project) -> bool:
    """Show the newest import of a project.

    Returns:
        Whether it is still going on.
    """
    newest = imports(project)[:1]
    if not newest:
        return False
    if newest[0].job.state().is_active:
        job_monitor.show_progress(key, newest[0].job, "Stop the import", "What has been added so far stays.", keep=True)
        return True
    _show_outcome(key, newest[0])
    return False


def _show_outcome(key: str, this: ImportFolder) -> None:
    state, events = this.job.state(), this.job.events()
    if state is State.FINISHED:
        _show_summary(next(e for e in reversed(events) if e["event"] == FINISHED))
        if this.request().kind == DEMO:
            st.caption("These pictures were drawn by this program, not photographed.")
    job_monitor.show_end(
        this.job,
        cancelled="The import was stopped. What had been added stays.",
        lost="The import ended unexpectedly. What had been added is safe; continue to bring in the rest.",
    )
    half_done = state is State.FAILED and any("per_second" in event for event in events)  # a full disk, say
    can_continue = half_done or state in (State.LOST, State.CANCELLED)
    if can_continue and st.button("Continue the import", key=f"{key}_continue", help="What is here already stays."):
        current.jobs().submit(kinds.IMPORT, this.folder)
        st.rerun()


def _show_summary(summary: dict) -> None:
    parts = [f"{counted(summary['added'], 'photo')} added in {duration(summary['seconds'])}"]
    if summary["already_there"]:
        parts.append(f"{counted(summary['already_there'], 'photo')} had been here already")
    if summary["set_aside"]:
        parts.append(f"{counted(summary['set_aside'], 'file')} set aside, see below")
    st.success(". ".join(parts) + ".", icon=":material/check_circle:")
    if summary["left_out"]:
        with st.expander(f"{counted(len(summary['left_out']), 'file')} not taken"):
            st.table({"file": [n for n, _ in summary["left_out"]], "why": [why for _, why in summary["left_out"]]})
