"""What charts of several pages share: the colour of each class, the same on every chart of a project, and bars."""

import plotly.graph_objects as go
import streamlit as st

from core.base.words import percent

TRAINING, VALIDATION = "#E69F00", "#0072B2"
QUIET_GREY = "#85857B"  # readable on the paper of both themes, and fainter than text
QUIET = {"displayModeBar": False}  # no tool bar over the chart
# Okabe and Ito (2008), safe for colour-blind eyes; then three of Paul Tol's that stand out by 3:1 from the backgrounds
# of both themes and, seen with colour-blind eyes too (Machado et al. 2009), differ from the rest more than some of the
# eight do from each other.
COLOURS = (
    *("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C8C8C", "#F0E442"),
    *("#228833", "#994F88", "#CC3311"),
)
LEAF = "#6FA565"  # between the accent greens of the light and the dark theme, readable on both


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


def class_colours(classes: list[str]) -> dict[str, str]:
    """A colour per class by its place in the alphabet; beyond the palette they come again."""
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(sorted(classes))}
