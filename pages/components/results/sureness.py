"""How far what it calls sure can be trusted, what it costs to answer only when sure, and which mistakes hurt."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.base.words import counted
from core.evaluation import thresholds
from core.evaluation.calibration import (
    Calibration,
    calibration_in_words,
    final_temperature_in_words,
    reliability,
    temperature_in_words,
    temperature_of,
)
from core.evaluation.final_model import FinalModel
from core.projects.project import Project
from pages.components.shared import charts
from pages.components.shared.charts import LEAF, TRAINING, VALIDATION
from pages.components.shared.markdown import plain

FRAME = {"height": 380, "legend": {"orientation": "h", "y": -0.3}}


def show_calibration(
    key: str, answers: pd.DataFrame, calibration: Calibration | None, final: FinalModel | None = None
) -> None:
    """What the probabilities of `read_answers` are worth, in words and as a reliability diagram.

    Args:
        final: The model that is taken away, where that isn't the one that gave these answers.
    """
    bins = reliability(answers["sure"].to_numpy(), answers["right"].to_numpy())
    st.markdown(calibration_in_words(answers, bins))
    raw = reliability(answers["raw"].to_numpy(), answers["right"].to_numpy()) if calibration else None
    if calibration:
        st.markdown(plain(temperature_in_words(calibration, final)))
    else:
        st.caption(
            "No temperature was fitted: that needs validation photos with mistakes among them, at training time."
        )
    if words := final_temperature_in_words(final, temperature_of(calibration)):
        st.markdown(plain(words))
    _show_reliability(key, bins, raw)


def _show_reliability(key: str, bins: pd.DataFrame, raw: pd.DataFrame | None) -> None:
    figure = go.Figure()
    figure.add_scatter(
        x=[0, 1],
        y=[0, 1],
        mode="lines",
        name="as sure as right",
        line={"dash": "dot", "color": "#8C8C8C"},
        hoverinfo="skip",
    )
    _add_bins(figure, bins, "as it answers", VALIDATION, "circle")
    if raw is not None:
        _add_bins(figure, raw, "as the network gave it", TRAINING, "diamond-open")
    charts.show(
        key,
        figure,
        "How sure it is, and how often right then",
        xaxis={"title": "how sure it is", "tickformat": ".0%", "range": [-0.02, 1.02]},
        yaxis={"title": "share of these photos right", "tickformat": ".0%", "range": [-0.02, 1.05]},
        **FRAME,
    )


def _add_bins(figure: go.Figure, bins: pd.DataFrame, name: str, colour: str, symbol: str) -> None:
    intervals = list(zip(bins["low"], bins["high"], strict=True))
    figure.add_scatter(
        x=bins["sure"],
        y=bins["right"],
        name=name,
        mode="markers",
        marker={"color": colour, "symbol": symbol, "size": np.clip(5 + 1.5 * np.sqrt(bins["n"]), 7, 24)},
        error_y=charts.whiskers(bins["right"], intervals, color=colour, thickness=1.5, width=0),
        customdata=[counted(n, "photo") for n in bins["n"]],
        hovertemplate="%{customdata}: %{x:.0%} sure, %{y:.0%} right<extra></extra>",
    )


@st.fragment
def show_threshold(key: str, answers: pd.DataFrame) -> None:
    """A slider: how often it answers when it has to be so sure, and how often it is right then."""
    percents = st.slider("Answer only when at least this sure", 0, 99, 0, format="%d %%", key=f"{key}_least")
    st.markdown(thresholds.answering_in_words(answers, percents / 100))
    _show_curve(f"{key}_curve", thresholds.threshold_curve(answers, np.linspace(0, 0.99, 100)), percents / 100)


def _show_curve(key: str, curve: pd.DataFrame, chosen: float) -> None:
    figure = go.Figure()
    both = pd.concat([curve["threshold"], curve["threshold"][::-1]])
    figure.add_scatter(
        x=both,
        y=pd.concat([curve["high"], curve["low"][::-1]]),
        fill="toself",
        mode="none",
        fillcolor="rgba(0,114,178,0.18)",
        name="95 % interval",
        hoverinfo="skip",
    )
    for name, column, colour, dash in (
        ("right, of those answered (precision)", "right", VALIDATION, "solid"),
        ("answered, of all", "answered", TRAINING, "dash"),
    ):
        figure.add_scatter(
            x=curve["threshold"],
            y=curve[column],
            name=name,
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2.5},
        )
    figure.add_vline(chosen, line={"color": LEAF, "width": 2})
    charts.show(
        key,
        figure,
        "Answering less often, being right more often",
        xaxis={"title": "answer only when at least this sure", "tickformat": ".0%", "range": [-0.01, 1]},
        yaxis={"title": "share of the photos", "tickformat": ".0%", "range": [0, 1.02]},
        hovermode="x unified",
        **FRAME,
    )


def show_costly(
    key: str, project: Project, class_names: list[str], validation: pd.DataFrame, test: pd.DataFrame
) -> None:
    """The editor of costly confusions, which the project keeps, and what avoiding them costs.

    Args:
        key: Unique on the page and of the run.
        class_names: Of the run.
        validation: Of `read_answers`: these photos choose the threshold; empty after cross-validation.
        test: The same of the judged photos: these say what comes of it.
    """
    st.markdown(
        "Some mistakes cost more than others, such as a poisonous mushroom taken for an edible one. "
        "Mark those, and the app finds how sure an answer must be to avoid them."
    )
    pairs = _show_editor(key, project, class_names)
    known = [pair for pair in pairs if set(pair) <= set(class_names)]
    if not known:
        return
    if validation.empty:
        st.info(
            "The threshold is chosen on validation photos, so that the test stays a test. This run was judged by "
            "cross-validation and has none to spare: with more photos per class it will."
        )
        return
    share = st.select_slider("May remain", thresholds.SHARES, 0.0, thresholds.SHARES.get, key=f"{key}_share", width=320)
    least = thresholds.threshold_for(validation, known, share)
    st.markdown(thresholds.threshold_in_words(validation, known, share, least))
    st.markdown(thresholds.threshold_outcome_in_words(test, known, least))


def _show_editor(key: str, project: Project, class_names: list[str]) -> list[thresholds.Costly]:
    pairs = thresholds.costly_pairs(project)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        truth = st.selectbox(
            "What is truly", class_names, index=None, key=f"{key}_truth", placeholder="A class", width=220
        )
        others = [name for name in class_names if name != truth]
        answer = st.selectbox(
            "must not be taken for", others, index=None, key=f"{key}_answer", placeholder="A class", width=220
        )
        if st.button("Mark as costly", icon=":material/warning:", disabled=not (truth and answer), key=f"{key}_mark"):
            thresholds.keep_costly_pairs(project, [*pairs, (truth, answer)])
            st.rerun()
    with st.container(horizontal=True):
        for i, pair in enumerate(pairs):
            words = f"{plain(pair[0])} taken for {plain(pair[1])}"
            if st.button(words, icon=":material/close:", key=f"{key}_unmark_{i}", help="No longer costly"):
                thresholds.keep_costly_pairs(project, [each for each in pairs if each != pair])
                st.rerun()
    return pairs
