"""How far what it calls sure can be trusted, and what it would cost to answer only when sure."""

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.base.words import counted, percent
from core.evaluation.calibration import Calibration, calibration_error, reliability
from core.evaluation.metrics import wilson_interval
from core.evaluation.thresholds import answered_and_right, threshold_curve
from pages.components.shared.charts import QUIET, TRAINING, VALIDATION
from pages.components.shared.palette import LEAF

FRAME = {"height": 380, "margin": {"t": 50, "b": 10, "r": 10}}
LEGEND = {"orientation": "h", "y": -0.3}


def show_calibration(key: str, answers: pd.DataFrame, calibration: Calibration | None) -> None:
    """What its probabilities are worth, in words and as a reliability diagram.

    Args:
        key: Unique on the page.
        answers: Of `read_answers`, those judged.
        calibration: The report's, None when it has none.
    """
    bins = reliability(answers["sure"].to_numpy(), answers["right"].to_numpy())
    st.markdown(calibration_in_words(answers, bins))
    raw = reliability(answers["raw"].to_numpy(), answers["right"].to_numpy()) if calibration else None
    if calibration:
        st.markdown(_temperature_in_words(calibration))
    else:
        st.caption(
            "No temperature was fitted: that needs validation photos with mistakes among them, at training time."
        )
    _show_reliability(key, bins, raw)


def calibration_in_words(answers: pd.DataFrame, bins: pd.DataFrame) -> str:
    """How sure it is on average, how often right, and where the two are furthest apart, with doubt."""
    n, sure = len(answers), float(answers["sure"].mean())
    right = int(answers["right"].sum())
    low, high = wilson_interval(right, n)
    verdict = "too sure of itself" if sure > high else "more careful than it need be" if sure < low else ""
    overall = f"On average it is {percent(sure)} sure and {percent(right / n)} right"
    overall += f": {verdict}." if verdict else f", which agrees, as far as {counted(n, 'photo')} can tell."
    worst = bins.loc[(bins["n"] * (bins["right"] - bins["sure"]).abs()).idxmax()]
    return (
        f"{overall} When it says about {percent(worst['sure'])}, it is right **{percent(worst['right'])}** of the time "
        f"({counted(int(worst['n']), 'photo')}; likely {100 * worst['low']:.0f} to {100 * worst['high']:.0f} %). "
        f"Its sureness is off by {100 * calibration_error(bins):.1f} points on average (expected calibration error)."
    )


def _temperature_in_words(calibration: Calibration) -> str:
    before, after = calibration.ece_before, calibration.ece_after
    what = "less sure" if calibration.temperature > 1 else "surer"
    lead = f"All its probabilities, here and wherever it answers, were made {what} by one number (temperature "
    lead += f"{calibration.temperature:.2f}), fitted on {counted(calibration.n_validation, 'validation photo')}. "
    lead += f"As the network gave them, they would be off by {100 * before:.1f} instead of {100 * after:.1f} points on "
    lead += "the test photos. The answers stay the same."
    return lead if after < before else f"{lead} Here that is no gain, which validation photos could not tell."


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
    figure.update_layout(
        **FRAME,
        title="How sure it is, and how often right then",
        xaxis={"title": "how sure it is", "tickformat": ".0%", "range": [-0.02, 1.02]},
        yaxis={"title": "share of these photos right", "tickformat": ".0%", "range": [-0.02, 1.05]},
        legend=LEGEND,
    )
    st.plotly_chart(figure, key=key, config=QUIET)


def _add_bins(figure: go.Figure, bins: pd.DataFrame, name: str, colour: str, symbol: str) -> None:
    figure.add_scatter(
        x=bins["sure"],
        y=bins["right"],
        name=name,
        mode="markers",
        marker={"color": colour, "symbol": symbol, "size": np.clip(5 + 1.5 * np.sqrt(bins["n"]), 7, 24)},
        error_y={
            "type": "data",
            "symmetric": False,
            "array": bins["high"] - bins["right"],
            "arrayminus": bins["right"] - bins["low"],
            "color": colour,
            "thickness": 1.5,
            "width": 0,
        },
        customdata=[counted(n, "photo") for n in bins["n"]],
        hovertemplate="%{customdata}: %{x:.0%} sure, %{y:.0%} right<extra></extra>",
    )


@st.fragment
def show_threshold(key: str, answers: pd.DataFrame) -> None:
    """A slider: how often it answers when it has to be so sure, and how often it is right then."""
    percents = st.slider("Answer only when at least this sure", 0, 99, 0, format="%d %%", key=f"{key}_least")
    answered, right = answered_and_right(answers, percents / 100)
    low, high = right.interval
    if answered.n:
        st.markdown(
            f"It answers on **{percent(answered.value)}** of the photos ({answered.n:,} of {answered.of:,}) and is "
            f"right on **{percent(right.value)}** of these; likely {100 * low:.0f} to {100 * high:.0f} %. "
            f"On {answered.of - answered.n:,} it says “not sure”."
        )
    else:
        st.markdown("So sure it never is: it would not answer at all.")
    _show_curve(f"{key}_curve", threshold_curve(answers, np.linspace(0, 0.99, 100)), percents / 100)


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
    figure.update_layout(
        **FRAME,
        title="Answering less often, being right more often",
        xaxis={"title": "answer only when at least this sure", "tickformat": ".0%", "range": [-0.01, 1]},
        yaxis={"title": "share of the photos", "tickformat": ".0%", "range": [0, 1.02]},
        legend=LEGEND,
        hovermode="x unified",
    )
    st.plotly_chart(figure, key=key, config=QUIET)
