"""The charts of the Runs page. Their colours are none of the classes'."""

from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.base.words import counted, percent
from core.evaluation.metrics import Metrics
from core.runs.report import Epoch, Report
from pages.components.shared.charts import LEAF, QUIET

# Each stands out by 3:1 from the backgrounds of both themes; the dashes tell runs apart without colours too.
COLOURS = ("#B5651D", "#3A8F8F", "#9A6FD0", "#C05A6E")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
NAME = 26  # characters of a run's title that fit beside a chart on a telephone


def show_accuracies(key: str, runs: list[tuple[str, Report]]) -> None:
    """A row per run, given as title and report: its accuracy as a dot, its interval as a line."""
    lows = [report.test.accuracy_interval[0] for _, report in runs]
    rows = list(range(len(runs)))  # titles could be equal, and equal names share a row
    figure = go.Figure(_dots(runs, rows))
    figure.update_layout(
        title="How good each run is, and how sure",
        xaxis={
            "title": "photos right; line: 95 % interval",
            "tickformat": ".0%",
            "range": [max(0.0, min(lows) - 0.03), 1.02],
        },
        yaxis={
            "tickvals": rows,
            "ticktext": [_short(title) for title, _ in runs],
            "range": [len(runs) - 0.5, -0.5],
            "showgrid": False,
            "zeroline": False,
        },
        height=140 + 34 * len(runs),
        margin={"t": 50, "b": 10, "r": 20},
    )
    st.plotly_chart(figure, key=key, config=QUIET)


def _dots(runs: list[tuple[str, Report]], rows: list[int]) -> go.Scatter:
    tests = [report.test for _, report in runs]
    return go.Scatter(
        x=[test.accuracy for test in tests],
        y=rows,
        mode="markers",
        cliponaxis=False,
        marker={"size": 11, "color": LEAF},
        error_x={
            "type": "data",
            "symmetric": False,
            "array": [test.accuracy_interval[1] - test.accuracy for test in tests],
            "arrayminus": [test.accuracy - test.accuracy_interval[0] for test in tests],
            "color": LEAF,
            "thickness": 3,
            "width": 0,
        },
        customdata=[_about(title, report.test) for title, report in runs],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _about(title: str, test: Metrics) -> str:
    return f"{title}: {percent(test.accuracy)} of {counted(test.n, 'photo')}, {test.likely}"


def _short(title: str) -> str:
    return title if len(title) <= NAME else f"{title[: NAME - 1]}…"


def show_overlaid(key: str, runs: list[tuple[str, list[Epoch]]]) -> None:
    """Validation accuracy and loss of several runs, given as title and epochs, epoch by epoch."""
    left, right = st.columns(2)
    with left:
        _overlaid(f"{key}_accuracy", runs, "val_accuracy", "Validation photos right", {"tickformat": ".0%"})
    with right:
        axis = {"title": "log loss", "rangemode": "tozero"}
        _overlaid(f"{key}_loss", runs, "val_loss", "Loss on the validation photos", axis)


def _overlaid(key: str, runs: list[tuple[str, list[Epoch]]], field: str, title: str, y_axis: dict[str, Any]) -> None:
    figure = go.Figure()
    for number, (name, epochs) in enumerate(runs):
        figure.add_scatter(
            x=[epoch.number for epoch in epochs],
            y=[getattr(epoch, field) for epoch in epochs],
            name=_short(name),
            mode="lines+markers" if len(epochs) < 40 else "lines",
            line={"color": COLOURS[number % len(COLOURS)], "dash": DASHES[number % len(DASHES)], "width": 2.5},
        )
    figure.update_layout(
        title=title,
        xaxis={"title": "epoch (one pass over the training photos)"},
        yaxis=y_axis,
        showlegend=True,
        legend={"orientation": "h", "y": -0.3},
        height=340,
        margin={"t": 50, "b": 10},
    )
    st.plotly_chart(figure, key=key, config=QUIET)
