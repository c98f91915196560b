"""The confusion matrix as a way in: a click on a cell, a row or a column chooses the photos to look at.

Two boxes hold what is chosen; the chart, and the list of the worst confusions, only set them. So all of it works by
keyboard too, and with 200 classes.
"""

from functools import partial

import plotly.graph_objects as go
import streamlit as st

from core.base.words import counted
from core.evaluation.confusions import confusion_csv, most_confused, most_mistaken
from pages.components.shared.charts import LEAF, QUIET, as_text
from pages.components.shared.markdown import plain

MOST = 25  # classes of which the counts can still be read, and clicked on a telephone
PAIRS = 20
NAME = 16  # characters of a class's name beside the chart; of a longer one beginning and end, where species differ
ALL = -1  # the row and the column of totals
Place = tuple[int, int, int, str]  # row, column, count, what is said of it


def show(key: str, class_names: list[str], confusion: list[list[int]]) -> tuple[str | None, str | None]:
    """The matrix and the worst confusions; the chosen true class and answer, None where any will do.

    Args:
        key: Unique on the page and of the run: another run has other classes.
        class_names: In index order.
        confusion: Photos by true class (row) and answer (column).
    """
    keys = (f"{key}_truth", f"{key}_answer")
    chosen = tuple(st.session_state.get(each) for each in keys)
    st.caption("Click a cell, or a total for its whole row or column, to see the photos behind it.")
    matrix, pairs = st.columns([5, 2], gap="medium")
    with matrix:
        _show_matrix(key, class_names, confusion, chosen)
    with pairs:
        _show_pairs(key, class_names, confusion)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        truth = st.selectbox("True class", class_names, index=None, key=keys[0], placeholder="Any", width=240)
        answer = st.selectbox("Taken for", class_names, index=None, key=keys[1], placeholder="Any", width=240)
        st.button("All mistakes", on_click=_choose, args=(key, None, None), key=f"{key}_all", disabled=not any(chosen))
        st.download_button(
            "Table (CSV)",
            partial(confusion_csv, class_names, confusion),
            "confusion.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
            key=f"{key}_csv",
        )
    return truth, answer


def _choose(key: str, truth: str | None, answer: str | None) -> None:
    st.session_state[f"{key}_truth"], st.session_state[f"{key}_answer"] = truth, answer


def _show_pairs(key: str, class_names: list[str], confusion: list[list[int]]) -> None:
    found = most_confused(class_names, confusion, PAIRS)
    if not found:
        st.markdown("It confused **no** classes.")
        return
    st.markdown("**Most often confused**")
    with st.container(height=min(420, 34 + 34 * len(found)), border=False, gap="xxsmall"):
        for i, pair in enumerate(found):
            st.button(
                f"{plain(pair.truth)} → {plain(pair.answer)}: {pair.n:,} of {pair.of:,}",
                type="tertiary",
                key=f"{key}_pair_{i}",
                on_click=_choose,
                args=(key, pair.truth, pair.answer),
            )


def _show_matrix(
    key: str, class_names: list[str], confusion: list[list[int]], chosen: tuple[str | None, str | None]
) -> None:
    shown = most_mistaken(confusion, MOST)
    if len(shown) < len(class_names):
        st.caption(
            f"The {len(shown)} of {len(class_names)} classes with the most mistakes. Choose any other one below."
        )
    names, counts = [class_names[i] for i in shown], [[confusion[i][j] for j in shown] for i in shown]
    totals = [sum(confusion[i]) for i in shown], [sum(row[j] for row in confusion) for j in shown]
    figure = _figure(names, counts, totals[0])
    _add_places_to_click(figure, names, counts, totals)
    _outline(figure, names, chosen)
    chart = f"{key}_chart"
    st.plotly_chart(
        figure,
        key=chart,
        config=QUIET,
        on_select=partial(_take, key, chart, names),
        selection_mode="points",
        alt="Confusion matrix. The boxes and buttons beside and below it choose the same photos.",
    )


def _take(key: str, chart: str, class_names: list[str]) -> None:
    """Choose what was clicked on; what is chosen already is let go of."""
    points = st.session_state[chart].selection.points
    if points:
        names = [None if i == ALL else class_names[i] for i in points[0]["customdata"][:2]]
        same = names == [st.session_state.get(f"{key}_truth"), st.session_state.get(f"{key}_answer")]
        _choose(key, *((None, None) if same else names))


def _figure(class_names: list[str], confusion: list[list[int]], totals: list[int]) -> go.Figure:
    n = len(class_names)
    shares = [[count / max(1, total) for count in row] for row, total in zip(confusion, totals, strict=True)]
    figure = go.Figure(
        go.Heatmap(
            z=shares,
            colorscale=[[0, "rgba(111,165,101,0.06)"], [1, "rgba(63,107,58,0.95)"]],
            zmin=0,
            zmax=1,
            showscale=False,
            hoverinfo="skip",
            xgap=3,
            ygap=3,
        )
    )
    ticks = {
        "tickvals": [ALL, *range(n)],
        "ticktext": ["all", *(_short(name) for name in class_names)],
        "range": [-1.5, n - 0.5],
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }
    figure.update_layout(
        title="What each class was taken for",
        xaxis={**ticks, "title": "the model's answer"},
        yaxis={**ticks, "title": "the true class", "range": [n - 0.5, -1.5]},
        height=max(340, min(900, 160 + 40 * (n + 1))),
        margin={"t": 50, "b": 10, "r": 10},
        dragmode=False,
        hovermode="closest",
        hoverdistance=200,  # pixels: wherever in a cell the click falls, its middle is what is clicked
        showlegend=False,
    )
    return figure


def _add_places_to_click(
    figure: go.Figure, class_names: list[str], confusion: list[list[int]], totals: tuple[list[int], list[int]]
) -> None:
    """The counts, written in the middle of every cell: a heatmap itself tells nobody about clicks, these marks do."""
    pale: list[Place] = []
    dark: list[Place] = []
    for i, (row, truth) in enumerate(zip(confusion, class_names, strict=True)):
        n = totals[0][i]
        pale.append((i, ALL, n, f"{counted(n, 'photo')} of {truth}"))
        for j, (count, answer) in enumerate(zip(row, class_names, strict=True)):
            said = f"{count:,} of {counted(n, 'photo')} of {truth} were called {answer}"
            (dark if count > n / 2 else pale).append((i, j, count, said))
    pale += [(ALL, j, n, f"{counted(n, 'photo')} were called {class_names[j]}") for j, n in enumerate(totals[1])]
    _add_marks(figure, pale, None)  # the theme's own colour of text
    _add_marks(figure, dark, "#FFFFFF")


def _add_marks(figure: go.Figure, places: list[Place], colour: str | None) -> None:
    figure.add_scatter(
        x=[column for _, column, _, _ in places],
        y=[row for row, _, _, _ in places],
        text=[f"{count:,}" if count else "" for _, _, count, _ in places],
        customdata=[[row, column, as_text(said)] for row, column, _, said in places],
        mode="markers+text",
        marker={"symbol": "square", "size": 12, "opacity": 0},
        textfont={"color": colour},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        hovertemplate="%{customdata[2]}<extra></extra>",
    )


def _outline(figure: go.Figure, class_names: list[str], chosen: tuple[str | None, str | None]) -> None:
    if not any(chosen) or not set(filter(None, chosen)) <= set(class_names):
        return
    rows, columns = (
        (-1.5, len(class_names) - 0.5)
        if name is None
        else (class_names.index(name) - 0.5, class_names.index(name) + 0.5)
        for name in chosen
    )
    figure.add_shape(
        type="rect", x0=columns[0], x1=columns[1], y0=rows[0], y1=rows[1], line={"color": LEAF, "width": 3}
    )


def _short(name: str) -> str:
    """A class's name as Plotly shows it: short, and nothing in it taken for markup."""
    return as_text(name if len(name) <= NAME else f"{name[: NAME - 7]}…{name[-6:]}")
