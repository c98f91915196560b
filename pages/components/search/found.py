"""What a search found: the loss of each try, the best of them, and the way to use it."""

from functools import partial

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.base.words import counted
from core.models.config import TrainConfig
from core.projects.plan import keep_plan
from core.projects.project import Project
from core.search import words
from core.search.settings import best_settings, with_settings
from core.search.table import SearchTable, SearchTrial
from pages.components.shared import buttons, charts
from pages.components.shared.charts import CURVES, LEAF
from pages.components.shared.markdown import plain

GIVEN_UP, PLAN = "#8C8C8C", "#B5651D"  # both stand out by 3:1 from the backgrounds of both themes
BEST = 5  # rows of the table
WORST_SHOWN = 3.0  # times the plan's loss; a rate that is far too high would press all others into one line


def show_found(key: str, project: Project, plan: TrainConfig, table: SearchTable) -> None:
    """What was tried, what may be said of it, and the way to use it."""
    best, own = table.best_trial, table.own_trial
    st.subheader("What it found", anchor=False)
    st.caption(plain(words.searched(table)))
    what = words.in_words(best.settings)
    st.markdown(f"**{plain(what[0].upper() + what[1:])}**: {plain(words.result(table, best))}.")
    if best is not own:
        began = f"The plan that it began with, {words.in_words(own.settings)}: {words.result(table, own)}."
        st.markdown(plain(began))
    st.markdown(plain(words.verdict(table)))
    show_use(project, plan, table)
    show_trials(f"{key}_chart", table)
    st.markdown(f"**The best of {counted(len(table.trials), 'try', 'tries')}**")
    show_best(f"{key}_table", table)
    st.caption(plain(f"{words.how_judged(table)} {words.caution(table)}"))


def show_use(project: Project, plan: TrainConfig, table: SearchTable) -> None:
    """What the best would change in the present plan, and the button that does it."""
    settings = best_settings(table)
    if why := words.of_another_plan(table, plan):
        st.info(plain(why), icon=":material/update:")
        return
    changes = words.differences(plan, settings)
    if not changes:
        st.markdown("Your plan has these settings.")
        st.page_link("pages/train.py", label="Go to the training", icon=":material/arrow_forward:")
        return
    st.markdown(
        "What that changes in your plan:\n"
        + "\n".join(f"- {plain(name)}: {plain(old)} → {plain(new)}" for name, old, new in changes)
    )
    kind = "primary" if words.is_surely_better(table) else "secondary"  # what may be chance is offered, not urged
    keep = partial(keep_plan, project, with_settings(plan, settings))
    buttons.show_way_on("Use these settings", "pages/train.py", kind, keep)


def show_trials(key: str, table: SearchTable) -> None:
    """A dot for each try, the best so far as a line, the plan's loss as another."""
    own = table.own_trial.loss
    top = min(max(each.loss for each in table.trials), WORST_SHOWN * own)
    figure = go.Figure()
    for name, pruned, mark in (
        ("tried to the end", False, {"color": LEAF, "size": 9}),
        ("given up early", True, {"color": GIVEN_UP, "size": 9, "symbol": "x-thin", "line": {"width": 2}}),
    ):
        chosen = [each for each in table.trials if each.pruned is pruned]
        if chosen:
            figure.add_scatter(
                x=[each.number for each in chosen],
                y=[min(each.loss, top) for each in chosen],
                customdata=[[each.loss, "" if each.loss <= top else " (beyond the chart)"] for each in chosen],
                hovertemplate="try %{x}: log loss %{customdata[0]:.3f}%{customdata[1]}<extra></extra>",
                name=name,
                mode="markers",
                marker={**mark, "line": {"color": GIVEN_UP, "width": 2} if pruned else {"width": 0}},
            )
    numbers, best = _best_so_far(table)
    figure.add_scatter(
        x=numbers, y=best, name="best so far", mode="lines", hoverinfo="skip", line={"shape": "hv", "color": LEAF}
    )
    ends = [0.4, max(10, len(table.trials)) + 0.6]
    line = {"color": PLAN, "dash": "dot"}
    figure.add_scatter(x=ends, y=[own, own], name="your plan", mode="lines", hoverinfo="skip", line=line)
    charts.show(
        key,
        figure,
        "How wrong each try was",
        xaxis={"title": "try", "range": ends, "tickformat": "d"},
        yaxis={"title": "log loss (lower is better)", "range": [0, 1.08 * top]},
        uirevision=key,
        **CURVES,
    )


def _best_so_far(table: SearchTable) -> tuple[list[int], list[float]]:
    numbers, best = [], []
    for trial in table.whole_trials:
        best.append(min([trial.loss, *best]))
        numbers.append(trial.number)
    return [*numbers, table.trials[-1].number], [*best, best[-1]]


def show_best(key: str, table: SearchTable) -> None:
    """The tries with the lowest loss, in words."""
    rows = sorted(table.whole_trials, key=lambda each: each.loss)[:BEST]
    st.dataframe(
        pd.DataFrame([_row(table, each) for each in rows]),
        key=key,
        hide_index=True,
        column_config={
            "try": st.column_config.TextColumn(width=90),
            "right": st.column_config.NumberColumn(format="%.1f %%", help="Share of the judged photos right."),
            "log loss": st.column_config.NumberColumn(format="%.3f", help="How wrong it was; 0 is perfect."),
        },
    )


def _row(table: SearchTable, trial: SearchTrial) -> dict[str, str | float]:
    settings = trial.settings
    values = {
        name.replace("_", " "): words.shown(name, settings[name]) if name in settings else ""
        for name in words.names_of(table)
    }
    number = f"{trial.number}, your plan" if trial.number == table.own else str(trial.number)
    return {"try": number, "log loss": trial.loss, "right": 100 * trial.accuracy, **values}
