"""All runs of a project in one table, to select some of them."""

from statistics import fmean
from typing import Any

import pandas as pd
import streamlit as st

from core.jobs.job import State
from core.models import heads
from core.runs.comparing import base_title
from core.runs.report import Report
from core.runs.run import Run

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
    *("run", "accuracy", "likely between", "judged on", "log loss", "kappa"),
    *("base model", "strategy", "head", "epoch", "total", "state", "date", "note"),
)
AT_FIRST = 2  # runs that are selected until the user selects others: the newest


def show(key: str, runs: list[tuple[Run, Report | None]]) -> list[int]:
    """Show the table.

    Args:
        key: Of the selection, which begins anew when other runs are listed.
        runs: Run and report, None of one that isn't finished.

    Returns:
        The places in `runs` of those that are selected, in their order.
    """
    finished = [place for place, (_, report) in enumerate(runs) if report is not None]
    chosen = st.dataframe(
        pd.DataFrame([_row(run, report) for run, report in runs], columns=COLUMNS),
        key=f"{key}_{hash(tuple(run.name for run, _ in runs))}",
        hide_index=True,
        placeholder="",
        on_select="rerun",
        selection_mode="multi-row",
        selection_default={"selection": {"rows": finished[:AT_FIRST]}},
        column_config={
            "run": st.column_config.TextColumn(pinned=True, width=170),
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
        },
    )
    return sorted(row for row in chosen["selection"]["rows"] if row < len(runs))


def _row(run: Run, report: Report | None) -> dict[str, Any]:
    """One line; what is not known of an unfinished run is left out."""
    about = {"date": run.name[:16], "note": run.remark}
    if report is None:
        return {"run": run.title, "state": STATES[run.job.state()], **about}
    test = report.test
    low, high = test.accuracy_interval
    return {
        "run": run.title,
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
        "state": STATES[State.FINISHED],
        **about,
    }


def _head(name: str) -> str:
    """A head's title and name; of one that a newer version knows, its name."""
    return next((f"{row.title.lower()} ({name})" for row in heads.HEADS if row.name == name), name)
