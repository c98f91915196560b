"""All runs of a project in one table, to select some; each as a card with what can be done with it; and the trash."""

from functools import partial
from statistics import fmean
from typing import Any

import pandas as pd
import streamlit as st

from core.base.words import counted
from core.jobs import kinds
from core.jobs.job import State
from core.models import heads
from core.projects.plan import keep_plan
from core.projects.project import Project
from core.runs import trash as run_trash
from core.runs.choosing.in_use import ModelInUse
from core.runs.choosing.names import Listed, RunName
from core.runs.comparing import base_title
from core.runs.report import Report
from core.runs.run import MAX_REMARK, MAX_TITLE, Run, new_run_name
from core.training.continuing import can_go_on, create_continued, is_interrupted
from pages.components.shared import buttons, current, going_on, heading, run_choice
from pages.components.shared.markdown import plain

STATES = {
    State.STARTING: "starting",
    State.QUEUED: "waiting",
    State.RUNNING: "running",
    State.FINISHED: "finished",
    State.CANCELLED: "stopped",
    State.FAILED: "failed",
    State.LOST: "ended without a word",
}
COLUMNS = (
    *("run", "date", "in use", "accuracy", "likely between", "judged on", "log loss", "kappa"),
    *("base model", "strategy", "head", "epoch", "total", "device", "state", "note"),
)
AT_FIRST = 2  # runs that are selected until the user selects others: the newest


def show_used(used: ModelInUse, names: dict[str, str]) -> None:
    """Which model all pages use and why; `names` as of `short_names`."""
    run_choice.show_lost_pin(used)
    st.markdown(f":material/keep: **{plain(names[used.run.name])}** is in use on all pages. {plain(used.why)}")


def choose_runs(key: str, runs: list[Listed], used: ModelInUse | None, names: dict[str, str]) -> list[int]:
    """The table of runs, each with its report or None; the places of those that are selected, in their order.

    The selection (`key`) begins anew when other runs are listed. `names` as of `short_names`.
    """
    finished = [place for place, (_, report) in enumerate(runs) if report is not None]
    chosen = st.dataframe(
        pd.DataFrame([_row(run, report, used, names[run.name]) for run, report in runs], columns=COLUMNS),
        key=f"{key}_{hash(tuple(run.name for run, _ in runs))}",
        hide_index=True,
        placeholder="",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": finished[:AT_FIRST]}},
        column_config={
            "run": st.column_config.TextColumn(pinned=True, width=170),
            "in use": st.column_config.TextColumn(help="The one model that all pages use."),
            "accuracy": st.column_config.NumberColumn(format="%.1f %%", help="Share of the judged photos right."),
            "likely between": st.column_config.TextColumn(help="95 % interval by Wilson."),
            "log loss": st.column_config.NumberColumn(
                format="%.3f", help="How wrong its probabilities are; 0 is perfect."
            ),
            "kappa": st.column_config.NumberColumn(
                "Cohen's kappa", format="%.2f", help="Agreement beyond chance: 0 = guessing, 1 = perfect."
            ),
            "epoch": st.column_config.NumberColumn("an epoch", format="%.2f s", help="Mean of its epochs."),
            "total": st.column_config.NumberColumn("in all", format="%.0f s"),
            "device": st.column_config.TextColumn("learned on", help="The processor cores or the GPU that learned."),
        },
    )
    return sorted(row for row in chosen["selection"]["rows"] if row < len(runs))


def with_interrupted(chosen: list[Listed], listed: list[Listed]) -> list[Listed]:
    """The chosen runs, and behind them the newest that were interrupted, so that nobody has to look for them."""
    others = [each for each in listed if each not in chosen and is_interrupted(each[0])]
    return [*chosen, *others[:AT_FIRST]]


def _row(run: Run, report: Report | None, used: ModelInUse | None, name: str) -> dict[str, Any]:
    """One line; what is not known of an unfinished run is left out."""
    is_used = used is not None and used.run.name == run.name
    said = ("pinned" if used.is_pinned else "yes") if is_used else ""
    about = {"run": name, "date": RunName.of(run, report).made, "in use": said, "note": run.remark}
    if report is None:
        return {"state": STATES[run.job.state()], **about}
    test = report.test
    low, high = test.accuracy_interval
    return {
        "accuracy": 100 * test.accuracy,
        "likely between": f"{100 * low:.0f} and {100 * high:.0f} %",
        "judged on": report.photos_in_words,
        "log loss": test.log_loss,
        "kappa": test.kappa,
        "base model": base_title(report.base),
        "strategy": report.strategy.replace("-", " "),
        "head": _head(report.head),
        "epoch": fmean(epoch.seconds for epoch in report.epochs),
        "total": report.seconds.total,
        "device": report.device,
        "state": STATES[State.FINISHED],
        **about,
    }


def _head(name: str) -> str:
    """A head's title and name; of one that a newer version knows, its name."""
    return next((f"{row.title.lower()} ({name})" for row in heads.HEADS if row.name == name), name)


def show_card(project: Project, run: Run, report: Report | None, used: ModelInUse | None) -> None:
    """A run of the list; its report is None when it isn't finished."""
    name = RunName.of(run, report)
    with st.container(border=True):
        words, buttons = st.columns(2, vertical_alignment="center")
        badge = " :green-badge[:material/keep: in use]" if used and used.run.name == run.name else ""
        note = f": {plain(run.remark)}" if run.remark else ""
        words.markdown(f"**{plain(name.short)}**{note} :small[:gray[{plain(name.made)}]]{badge}")
        if run.lost_name:
            words.caption(":material/warning: The name and note that you gave it (about.json) can't be read any more.")
        outcome = f"{report.outcome_in_words} after {counted(len(report.epochs), 'epoch')}" if report else ""
        words.caption(plain(outcome) or f"Not finished: {STATES[run.job.state()]}")
        with buttons.container(horizontal=True, horizontal_alignment="right"):
            if report is not None:
                run_choice.show_pin("card", project, run, used)
            if st.button("Start again from these settings", key=f"again_{run.name}"):
                with heading.errors_in_words():
                    keep_plan(project, run.config())
                    st.switch_page("pages/train.py")
            if report is not None and can_go_on(run.config()):
                with st.popover("Go on", icon=":material/fast_forward:"):
                    _show_go_on(project, run)
            going_on.show(f"interrupted_{run.name}", run)
            with st.popover("More", icon=":material/more_horiz:"):
                _show_more(project, run)


def _show_go_on(project: Project, run: Run) -> None:
    st.caption("A new run goes on from what this one has learned, on the same photos. This one stays as it is.")
    more = st.number_input("Epochs more at most", 1, 1000, 10, key=f"more_{run.name}")
    if st.button("Train on", key=f"go_on_{run.name}", type="primary"):
        with heading.errors_in_words():
            continued = create_continued(project.runs_folder / new_run_name(), run, int(more))
            current.jobs().submit(kinds.TRAIN, continued.folder)
            st.switch_page("pages/train.py")


def _show_more(project: Project, run: Run) -> None:
    title = st.text_input(
        "Name", run.own_title, max_chars=MAX_TITLE, key=f"title_{run.name}", placeholder="Until then what it is"
    )
    remark = st.text_area("Note", run.remark, max_chars=MAX_REMARK, key=f"remark_{run.name}")
    buttons.show_action("Save", lambda: run.describe(title, remark), key=f"save_{run.name}")
    to_trash, icon = partial(run_trash.move_to_trash, project, run), ":material/delete:"
    buttons.show_action("Move to trash", to_trash, key=f"trash_{run.name}", icon=icon)
