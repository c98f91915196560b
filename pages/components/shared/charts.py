"""What charts of several pages share."""

import plotly.graph_objects as go
import streamlit as st

from core.base.words import percent
from pages.components.shared.palette import class_colours

TRAINING, VALIDATION = "#E69F00", "#0072B2"
QUIET_GREY = "#85857B"  # readable on the paper of both themes, and fainter than text
QUIET = {"displayModeBar": False}  # no tool bar over the chart


def show_probabilities(key: str, probabilities: dict[str, float], at_most: int = 5) -> None:
    """The most probable classes as bars, in the colours of their classes."""
    ranked = sorted(probabilities.items(), key=lambda item: -item[1])[:at_most]
    colours = class_colours(list(probabilities))
    figure = go.Figure(
        go.Bar(
            x=[p for _, p in ranked],
            y=[name for name, _ in ranked],
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
