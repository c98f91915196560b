"""One run with what can be done with it: begin again from it, rename it, note something, move it to the trash."""

import streamlit as st

from core.base.words import counted
from core.jobs import kinds
from core.projects.plan import keep_plan
from core.projects.project import Project
from core.runs import trash as run_trash
from core.runs.report import Report
from core.runs.run import MAX_REMARK, MAX_TITLE, Run, new_run_name
from core.training.continuing import can_go_on, create_continued
from pages.components.shared import current, heading
from pages.components.shared.markdown import plain


def show(project: Project, run: Run, report: Report | None) -> None:
    """Show a run of the list.

    Args:
        project: Whose.
        run: The run.
        report: Its report, None when it isn't finished.
    """
    with st.container(border=True):
        words, buttons = st.columns(2, vertical_alignment="center")
        words.markdown(f"**{plain(run.title)}**" + (f": {plain(run.remark)}" if run.remark else ""))
        words.caption(_outcome(report))
        with buttons.container(horizontal=True, horizontal_alignment="right"):
            if st.button("Start again from these settings", key=f"again_{run.name}"):
                with heading.errors_in_words():
                    keep_plan(project, run.config())
                    st.switch_page("pages/train.py")
            if report is not None and can_go_on(run.config()):
                with st.popover("Go on", icon=":material/fast_forward:"):
                    _show_go_on(project, run)
            with st.popover("More", icon=":material/more_horiz:"):
                _show_more(project, run)


def _outcome(report: Report | None) -> str:
    if report is None:
        return "Not finished"
    return f"{report.outcome_in_words} after {counted(len(report.epochs), 'epoch')}"


def _show_go_on(project: Project, run: Run) -> None:
    st.caption("A new run goes on from what this one has learned, on the same photos. This one stays as it is.")
    more = st.number_input("Epochs more at most", 1, 1000, 10, key=f"more_{run.name}")
    if st.button("Train on", key=f"go_on_{run.name}", type="primary"):
        with heading.errors_in_words():
            continued = create_continued(project.runs_folder / new_run_name(), run, int(more))
            current.jobs().submit(kinds.TRAIN, continued.folder)
            st.switch_page("pages/train.py")


def _show_more(project: Project, run: Run) -> None:
    title = st.text_input("Name", run.title, max_chars=MAX_TITLE, key=f"title_{run.name}")
    remark = st.text_area("Note", run.remark, max_chars=MAX_REMARK, key=f"remark_{run.name}")
    if st.button("Save", key=f"save_{run.name}"):
        with heading.errors_in_words():
            run.describe(title, remark)
            st.rerun()
    if st.button("Move to trash", key=f"trash_{run.name}", icon=":material/delete:"):
        with heading.errors_in_words():
            run_trash.move_to_trash(project, run)
            st.rerun()


def show_trash(project: Project) -> None:
    """The runs that were removed, to bring back."""
    trash = run_trash.trashed_runs(project)
    if not trash:
        return
    with st.expander(f"Trash ({len(trash)})", icon=":material/delete:"):
        st.caption("Nothing here is deleted. A run comes back just as it was.")
        for run in trash:
            name, button = st.columns([3, 1], vertical_alignment="center")
            name.markdown(plain(run.title))
            if button.button("Restore", key=f"restore_{run.name}"):
                with heading.errors_in_words():
                    run_trash.restore(project, run)
                    st.rerun()
