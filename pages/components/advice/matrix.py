"""The size-similarity matrix as a chart, and the choice of a quadrant: by a click on it, or beside it."""

import math
import textwrap
from collections.abc import Callable
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from core.advice.advice_words import seconds_by_advice
from core.advice.quadrants import LARGE_PER_CLASS, QUADRANTS, SIMILAR, Quadrant, base_for, plan_for, risks
from core.advice.record import Advice
from core.base.words import duration
from pages.components.shared.charts import LEAF, QUIET, QUIET_GREY
from pages.components.shared.markdown import plain

# Measured with the built-in base model, as docs/log.md tells: name, similarity, photos per class.
KNOWN_SETS = (
    ("fruit photos", 0.77, 60),
    ("cats and dogs", 0.69, 1000),
    ("tiny photos<br>(CIFAR-10)", 0.38, 500),
    ("line drawings", 0.33, 100),
    ("noise", 0.06, 100),
)
NEAR = 0.12  # on the chart, as a share of its width and height: a known set so near the user's would hide behind it
TINTS = {1: "230,159,0", 2: "0,158,115", 3: "204,121,167", 4: "86,180,233"}  # Okabe and Ito's
LEAST, MOST = 1, 1_000_000  # photos per class on the upright axis: its line lies in the middle
PHOTO_TICKS = (10, 100, 1000, 10_000, 100_000)
LETTERS = 17  # of a title in one line: half of a telephone's width
SIMILARITY_AXIS = {
    "title": "similarity to what the base model knows",
    "range": [0, 1],
    "tickvals": [0, 0.25, SIMILAR, 0.75, 1],
    "ticktext": ["0", "0.25<br>different", f"{SIMILAR:g}", "0.75<br>similar", "1"],
    "ticklabeloverflow": "allow",
    "showgrid": False,
    "zeroline": False,
}
PHOTOS_AXIS = {
    "title": "photos per class",
    "type": "log",
    "range": [math.log10(LEAST), math.log10(MOST)],
    "tickvals": PHOTO_TICKS,
    "ticktext": [f"{tick:,}" for tick in PHOTO_TICKS],
    "showgrid": False,
}
TITLES = {number: f"{number}  {quadrant.title}" for number, quadrant in QUADRANTS.items()}
MATRIX_WIDTH, CHOICE_WIDTH = 500, 290  # pixels: side by side on a desk, else below each other


def show_chart(key: str, advice: Advice, chosen: int, choose: Callable[[int], None]) -> None:
    """The quadrants, of which `chosen` (1..4) stands out, known sets and the user's photos; a click calls `choose`."""
    figure = go.Figure()
    for quadrant in QUADRANTS.values():
        _tint(figure, quadrant, quadrant.number == chosen)
    _add_known_sets(figure, (advice.similarity, advice.photos_per_class.median))
    _add_own(figure, advice)
    _add_places_to_click(figure)
    figure.update_layout(
        title="Where your photos lie",
        xaxis=SIMILARITY_AXIS,
        yaxis=PHOTOS_AXIS,
        showlegend=False,
        height=480,
        margin={"t": 50, "b": 10, "r": 15},
        dragmode=False,
        hovermode="closest",
        hoverdistance=200,  # pixels: wherever in a quadrant the click falls, one of its marks is near
    )
    st.plotly_chart(figure, key=key, config=QUIET, on_select=partial(_take, key, choose), selection_mode="points")


def _take(key: str, choose: Callable[[int], None]) -> None:
    points = st.session_state[key].selection.points
    if points and points[0].get("customdata"):
        choose(points[0]["customdata"][0])


def _add_known_sets(figure: go.Figure, own: tuple[float, float]) -> None:
    """Marks of known data sets, but for those that would hide behind the user's own (similarity, photos per class)."""
    known = [each for each in KNOWN_SETS if not _hidden(each[1:], own)]
    figure.add_scatter(
        x=[each[1] for each in known],
        y=[each[2] for each in known],
        text=[each[0] for each in known],
        mode="markers+text",
        textposition="bottom center",
        textfont={"color": QUIET_GREY, "size": 11},
        marker={"color": QUIET_GREY, "size": 7, "symbol": "circle-open"},
        hovertemplate="for comparison: %{text}<br>similarity %{x}, %{y:,} photos per class<extra></extra>",
    )


def _add_own(figure: go.Figure, advice: Advice) -> None:
    per_class, similarity = advice.photos_per_class, advice.similarity
    low, high = advice.similarity_interval
    figure.add_scatter(
        x=[similarity],
        y=[per_class.median],
        text=["<b>your photos</b>"],
        mode="markers+text",
        textposition="top center",
        textfont={"size": 14},
        marker={"color": LEAF, "size": 17, "line": {"color": "white", "width": 2}},
        error_x={"array": [high - similarity], "arrayminus": [similarity - low], "color": LEAF, "thickness": 3},
        error_y={"array": [0], "arrayminus": [per_class.median - per_class.min], "color": LEAF, "thickness": 3},
        hovertemplate=f"your photos: similarity {similarity:.2f}, likely between {low:.2f} and {high:.2f}<br>"
        f"{per_class.median:,g} photos in the middle class, {per_class.min:,} in the smallest<extra></extra>",
    )


def _add_places_to_click(figure: go.Figure) -> None:
    """Marks that can't be seen all over the quadrants: a shape tells nobody about clicks, these do."""
    places = [
        (low + (step + 0.5) / 8, 10**power, quadrant)
        for quadrant in QUADRANTS.values()
        for low in [SIMILAR if quadrant.similar else 0]
        for step in range(4)
        for power in ([3.4, 4.1, 4.8, 5.5] if quadrant.large else [0.5, 1.2, 1.9, 2.6])
    ]
    figure.add_scatter(
        x=[x for x, _, _ in places],
        y=[y for _, y, _ in places],
        customdata=[[quadrant.number, quadrant.title] for _, _, quadrant in places],
        mode="markers",
        marker={"symbol": "square", "size": 12, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        hovertemplate="choose: %{customdata[1]}<extra></extra>",
    )


def _tint(figure: go.Figure, quadrant: Quadrant, is_chosen: bool) -> None:
    """Colour a quadrant and write its title into its outer corner."""
    x = (SIMILAR, 1) if quadrant.similar else (0, SIMILAR)
    y = (LARGE_PER_CLASS, MOST) if quadrant.large else (LEAST, LARGE_PER_CLASS)
    figure.add_shape(
        type="rect",
        **{"x0": x[0], "x1": x[1], "y0": y[0], "y1": y[1]},
        fillcolor=f"rgba({TINTS[quadrant.number]},{0.24 if is_chosen else 0.08})",
        line={"width": 1, "color": "rgba(127,127,118,0.35)"},
        layer="below",
    )
    figure.add_annotation(
        x=1 if quadrant.similar else 0,
        y=1 if quadrant.large else 0,
        xref="x domain",
        yref="y domain",
        xanchor="right" if quadrant.similar else "left",
        yanchor="top" if quadrant.large else "bottom",
        align="right" if quadrant.similar else "left",
        text=f"<b>{quadrant.number}</b>  " + "<br>".join(textwrap.wrap(quadrant.title, LETTERS)),
        font={"size": 13 if is_chosen else 12},
        showarrow=False,
        xshift=-6 if quadrant.similar else 6,
        yshift=-4 if quadrant.large else 4,
    )


def _hidden(known: tuple[float, float], own: tuple[float, float]) -> bool:
    """Whether two points, similarity and photos per class, lie so near that their words would mix."""
    apart = abs(math.log(known[1] / own[1])) / math.log(MOST / LEAST)
    return abs(known[0] - own[0]) < NEAR and apart < NEAR


def choose_quadrant(key: str, advice: Advice, counts: dict[str, int]) -> int:
    """The matrix, and the quadrant whose plan is shown: the measured one unless the user chooses another.

    Args:
        counts: Photos per class, by which each plan's time is told.
    """
    measured = advice.quadrant
    choice = f"{key}_quadrant_{measured}"
    with st.container(horizontal=True, vertical_alignment="center"):
        matrix = st.container(width=MATRIX_WIDTH)
        with st.container(width=CHOICE_WIDTH):
            chosen = st.radio(
                "What to train",
                list(QUADRANTS),
                measured - 1,
                format_func=TITLES.get,
                captions=[f"{_place(each, measured)}{_time(each, advice, counts)}" for each in QUADRANTS.values()],
                key=choice,
                help="Or click on a quadrant of the matrix.",
            )
    with matrix:
        show_chart(f"{key}_matrix", advice, chosen, lambda quadrant: st.session_state.update({choice: quadrant}))
    why = QUADRANTS[chosen].why
    st.markdown(plain(why if chosen == measured else f"For photos that lie there: {why[0].lower()}{why[1:]}"))
    for risk in risks(measured, chosen):
        st.warning(plain(risk), icon=":material/warning:")
    return chosen


def _place(quadrant: Quadrant, measured: int) -> str:
    words = f"{'many' if quadrant.large else 'few'} photos, {'similar' if quadrant.similar else 'different'}"
    return f"{words}: here your photos lie" if quadrant.number == measured else words


def _time(quadrant: Quadrant, advice: Advice, counts: dict[str, int]) -> str:
    """What its plan takes, ", about 3 minutes", so that a gain can be weighed against it."""
    base = base_for(quadrant.number, advice.bake_off)
    plan = plan_for(quadrant.number, counts, base, advice.photo_side)
    seconds = seconds_by_advice(plan, advice, sum(counts.values()))
    return "" if seconds is None else f", about {duration(seconds)}"
