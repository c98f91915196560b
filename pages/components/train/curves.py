"""The curves of a run: how well it does on training and validation photos, epoch by epoch."""

import plotly.graph_objects as go
import streamlit as st

from core.base.events import SVM
from core.runs.report import Epoch
from pages.components.shared.charts import QUIET, TRAINING, VALIDATION
from pages.components.shared.palette import LEAF

EPOCH_AXIS, TRY_AXIS = "epoch (one pass over the training photos)", "try (from a soft margin to a hard one)"


def are_tries(epochs: list[Epoch]) -> bool:
    """Whether these are not epochs but tries side by side, as a linear SVM has."""
    return epochs[-1].phase == SVM


def show_curves(key: str, epochs: list[Epoch], best_epoch: int) -> None:
    """Accuracy and loss by epoch, training and validation, the best epoch marked.

    Args:
        key: Unique on the page; the same key redraws in place.
        epochs: Those so far, at least one.
        best_epoch: Its number.
    """
    left, right = st.columns(2)
    with left:
        _curves(f"{key}_accuracy", epochs, best_epoch, "accuracy", "Share of photos right", percent_axis=True)
    with right:
        _curves(f"{key}_loss", epochs, best_epoch, "loss", "Loss: how wrong it is", percent_axis=False)


def _curves(key: str, epochs: list[Epoch], best_epoch: int, what: str, title: str, percent_axis: bool) -> None:
    numbers = [epoch.number for epoch in epochs]
    figure = go.Figure()
    for name, field, colour in (("training photos", what, TRAINING), ("validation photos", f"val_{what}", VALIDATION)):
        values = [getattr(epoch, field) for epoch in epochs]
        mode = "lines+markers" if len(epochs) < 40 else "lines"
        figure.add_scatter(x=numbers, y=values, name=name, mode=mode, line={"color": colour, "width": 2.5})
    if best_epoch:
        figure.add_vline(best_epoch, line={"color": LEAF, "dash": "dot"}, annotation_text=f"best: {best_epoch}")
    figure.update_layout(
        title=title,
        xaxis={"title": TRY_AXIS if are_tries(epochs) else EPOCH_AXIS, "range": [0.5, max(8, len(epochs)) + 0.5]},
        yaxis={"tickformat": ".0%"} if percent_axis else {"title": "log loss", "rangemode": "tozero"},
        legend={"orientation": "h", "y": -0.3},
        height=340,
        margin={"t": 50, "b": 10},
        uirevision=key,  # zoom and hidden lines survive the next epoch
    )
    st.plotly_chart(figure, key=key, config=QUIET)
