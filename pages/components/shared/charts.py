"""What charts of several pages share: their frame, the colour of each class, bars, intervals and curves by epoch."""

from collections.abc import Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from core.base.colours import class_colours
from core.base.words import percent
from core.runs.report import Epoch

TRAINING, VALIDATION = "#E69F00", "#0072B2"
QUIET_GREY = "#85857B"  # readable on the paper of both themes, and fainter than text
QUIET = {"displayModeBar": False}  # no tool bar over the chart
LEAF = "#6FA565"  # between the accent greens of the light and the dark theme, readable on both
CURVES = {"height": 340, "margin": {"t": 50, "b": 10}, "legend": {"orientation": "h", "y": -0.3}, "showlegend": True}
EPOCH_AXIS = "epoch (one pass over the training photos)"
EPOCH_AXES = {"accuracy": {"tickformat": ".0%"}, "loss": {"title": "log loss", "rangemode": "tozero"}}


def show(key: str, figure: go.Figure, title: str, **layout: Any) -> None:
    """Draw a chart with its title; `layout` is Plotly's."""
    figure.update_layout({"title": title, "height": 360, "margin": {"t": 50, "b": 10, "r": 10}, **layout})
    st.plotly_chart(figure, key=key, config=QUIET)


def as_text(name: str) -> str:
    """A name as Plotly shows it as it is, wherever it reads a little HTML: in labels, legends, titles and hovers."""
    return escape(name, quote=False)


def whiskers(values: Sequence[float], intervals: Sequence[tuple[float, float]], **look: Any) -> dict[str, Any]:
    """Plotly's error bars: from each value to the ends of its interval."""
    ends = list(zip(values, intervals, strict=True))
    return {"array": [high - v for v, (_, high) in ends], "arrayminus": [v - low for v, (low, _) in ends], **look}


def show_epochs(
    key: str,
    titles: dict[str, str],
    lines: list[tuple[str, list[Epoch], str, dict[str, Any]]],
    best: int = 0,
    **layout: Any,
) -> None:
    """Accuracy and loss side by side, epoch by epoch.

    Args:
        key: The charts are called `{key}_accuracy` and `{key}_loss`.
        titles: Of the chart of "accuracy" and of "loss".
        lines: Name, epochs, "" for the training or "val_" for the validation photos, and how it looks.
        best: The epoch that is marked, 0 for none.
        layout: Plotly's, of both.
    """
    for column, (what, title) in zip(st.columns(2), titles.items(), strict=True):
        figure = go.Figure()
        for name, epochs, photos, look in lines:
            figure.add_scatter(
                x=[epoch.number for epoch in epochs],
                y=[getattr(epoch, photos + what) for epoch in epochs],
                name=name,
                mode="lines+markers" if len(epochs) < 40 else "lines",
                line={"width": 2.5, **look},
            )
        if best:
            figure.add_vline(best, line={"color": LEAF, "dash": "dot"}, annotation_text=f"best: {best}")
        with column:
            show(f"{key}_{what}", figure, title, yaxis=EPOCH_AXES[what], **CURVES, **layout)


def show_probabilities(key: str, probabilities: dict[str, float], at_most: int = 5) -> None:
    """The most probable classes as bars, in the colours of their classes."""
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])[:at_most]
    colours = class_colours(list(probabilities))
    figure = go.Figure(
        go.Bar(
            x=[p for _, p in ranked],
            y=[as_text(name) for name, _ in ranked],
            orientation="h",
            marker_color=[colours[name] for name, _ in ranked],
            text=[percent(p) for _, p in ranked],
            textposition="auto",
            hoverinfo="skip",
        )
    )
    figure.update_layout(
        xaxis={"range": [0, 1], "visible": False},
        yaxis={"autorange": "reversed", "type": "category"},
        height=40 + 34 * len(ranked),
        margin={"t": 5, "b": 5, "l": 5, "r": 5},
    )
    st.plotly_chart(figure, key=key, config=QUIET)
