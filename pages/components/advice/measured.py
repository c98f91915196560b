"""The base models that were tried and those that could be had; and the learning curve."""

import os

import plotly.graph_objects as go
import streamlit as st

from core.advice.record import BaseTrial, CurvePoint
from core.base.words import counted, percent
from core.jobs import kinds
from core.jobs.folder import JobFolder
from core.models.catalogue import BESIDE, BUILT_IN, CATALOGUE, BaseModel, base_model
from core.models.weights import DOWNLOAD, WeightsState, weights_state
from pages.components.shared import charts, current, heading, job_monitor
from pages.components.shared.charts import LEAF, QUIET_GREY
from pages.components.shared.markdown import plain

BAR, OTHER_BAR = "rgba(111,165,101,0.6)", "rgba(127,127,118,0.35)"  # pale, so that the intervals stand out
DOWNLOADING = job_monitor.JobWords(
    stop="Stop the download",
    after_stop="Nothing of it is kept.",
    cancelled="The download was stopped.",
    lost="The download ended without a word: its process was ended from outside. Try again.",
)


def show_bake_off(key: str, trials: list[BaseTrial]) -> None:
    """A bar per base model, the best first: the share of photos a new head on it tells apart, with its interval."""
    accuracies, intervals = [trial.accuracy for trial in trials], [trial.interval for trial in trials]
    figure = go.Figure(
        go.Bar(
            x=accuracies,
            y=[f"{_title(trial)}<br>{_rate(trial)}, {trial.megabytes:.0f} MB" for trial in trials],
            orientation="h",
            marker_color=[BAR if trial.recommended else OTHER_BAR for trial in trials],
            error_x=charts.whiskers(accuracies, intervals, color=QUIET_GREY, thickness=2.5),
            width=0.6,
            customdata=[_in_words(trial) for trial in trials],
            hovertemplate="%{customdata}<extra></extra>",
        )
    )
    charts.show(
        key,
        figure,
        "How well each base model tells them apart",
        xaxis={"title": "share of photos right", "range": [0, 1.02], "tickformat": ".0%"},
        yaxis={"type": "category", "autorange": "reversed", "automargin": True},
        height=150 + sum(46 + 16 * trial.title.count(BESIDE) for trial in trials),
    )


def _title(trial: BaseTrial) -> str:
    """In HTML; of several side by side a line each, or a narrow window would have no room for the bars."""
    return charts.as_text(trial.title).replace(f" {BESIDE} ", f" {BESIDE}<br>")


def _rate(trial: BaseTrial) -> str:
    return f"{trial.photos_per_second:.0f} photos/s"


def _in_words(trial: BaseTrial) -> str:
    low, high = trial.interval
    return (
        f"{charts.as_text(trial.title)}: {percent(trial.accuracy)} of {counted(trial.n, 'photo')} right,<br>"
        f"likely between {percent(low)} and {percent(high)}; {_rate(trial)}, {trial.megabytes:.0f} MB"
    )


def show_learning_curve(key: str, points: list[CurvePoint]) -> None:
    """Accuracy by rising photos per class: measured, and continued to twice as many."""
    measured = [point for point in points if point.measured]
    figure = go.Figure()
    continued = [measured[-1], *(point for point in points if not point.measured)]
    _curve(figure, continued, "expected with more photos", "dash")
    _curve(figure, measured, "measured", "solid")
    low = min(point.interval[0] for point in points)
    charts.show(
        key,
        figure,
        "What more photos bring",
        xaxis={"title": "photos per class", "rangemode": "tozero"},
        yaxis={"title": "share of photos right", "tickformat": ".0%", "range": [max(0.0, low - 0.05), 1.01]},
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "traceorder": "reversed"},
    )


def _curve(figure: go.Figure, points: list[CurvePoint], name: str, dash: str) -> None:
    accuracies = [point.accuracy for point in points]
    figure.add_scatter(
        x=[point.per_class for point in points],
        y=accuracies,
        error_y=charts.whiskers(accuracies, [point.interval for point in points], thickness=1.5),
        name=name,
        mode="lines+markers",
        line={"color": LEAF, "dash": dash, "width": 2.5},
        marker={"size": 8, "symbol": "circle" if dash == "solid" else "circle-open"},
        hovertemplate="%{x:.0f} photos per class: %{y:.0%} right<extra>%{fullData.name}</extra>",
    )


def show_missing(key: str) -> None:
    """A line for each, with its state and, where it can be had so, a button to download it."""
    states = [(base, weights_state(base, os.environ)) for base in CATALOGUE]
    missing = [(base, state) for base, state in states if not state.is_here]
    if not missing:
        return
    active = any(_download(base).job.state().is_active for base, _ in missing)
    words = f"{counted(len(missing), 'base model')} that could be had"
    with st.expander(words, icon=":material/download:", expanded=active, key=f"{key}_fold"):
        st.caption(
            "A larger one often sees more and takes longer. Each is checked after its download; only the weights come "
            "from the internet, your photos never leave this computer."
        )
        for base, state in missing:
            _show_base(f"{key}_{base.name}", base, state)


def _download(base: BaseModel) -> JobFolder:
    return JobFolder(current.workspace().home / "downloads" / base.name)


def _show_base(key: str, base: BaseModel, state: WeightsState) -> None:
    download = _download(base)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        work = base.multiply_adds_g / base_model(BUILT_IN).multiply_adds_g
        st.markdown(
            f"**{base.title}** {plain(state.words)} ({percent(base.imagenet_top1)} right on ImageNet, {work:.2g} × "
            "the work of the built-in one)",
            width="content",
        )
        can_start = state.kind == DOWNLOAD and not download.job.state().is_active
        if can_start and st.button("Download", key=f"{key}_download", icon=":material/download:"):
            with heading.errors_in_words():
                current.start(kinds.DOWNLOAD, download)
    job_monitor.show(key, download.job, DOWNLOADING)
