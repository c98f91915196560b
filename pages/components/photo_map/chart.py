"""The map of photos as a chart: a dot a photo, in colours by class, by part, or by what a run answered."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.components.shared.palette import COLOURS, LEAF, class_colours

RIGHT, WRONG, UNKNOWN = LEAF, "#D55E00", "#8C8C8C"
PARTS = {"train": "#0072B2", "validation": "#E69F00", "test": "#009E73", "": UNKNOWN}
PART_WORDS = {"": "no part yet"}
NOT_JUDGED = "not judged by this run"
HEIGHT = 560
CROWD = 3000  # dots; from here on they are smaller, and smaller again from ten times as many
BY_CLASS, BY_PART, BY_RIGHT, BY_SURE = "Class", "Part", "Right or wrong", "How sure"


def show(key: str, photos: pd.DataFrame, by: str, labels: list[str]) -> list[int]:
    """Show the map; dots are selected with a box or a lasso.

    Args:
        key: Unique on the page.
        photos: Columns id, x, y, name, label and split, and for BY_RIGHT and BY_SURE right and sure.
        by: What the colours say, one of BY_CLASS, BY_PART, BY_RIGHT and BY_SURE.
        labels: All classes of the project.

    Returns:
        The ids of the selected photos.
    """
    figure, ids = go.Figure(), []
    for name, part, marker in _traces(photos, by, labels):
        ids.append(part["id"].to_numpy())
        _add(figure, name, part, marker, len(photos))
    figure.update_layout(
        title="Photos that look alike lie together",
        height=HEIGHT,
        margin={"t": 50, "b": 10, "l": 10, "r": 10},
        xaxis={"visible": False},
        yaxis={"visible": False},
        legend={"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "itemsizing": "constant"},
        dragmode="lasso",
        uirevision=key,
    )
    config = {"scrollZoom": True, "displaylogo": False, "modeBarButtonsToRemove": ["toImage", "autoScale2d"]}
    event = st.plotly_chart(figure, key=f"{key}_chart", on_select="rerun", config=config)
    chosen = event["selection"]["points"]
    return sorted({int(ids[point["curve_number"]][point["point_index"]]) for point in chosen})


def _add(figure: go.Figure, name: str, part: pd.DataFrame, marker: dict[str, Any], n: int) -> None:
    size = 8 if n < CROWD else 5 if n < 10 * CROWD else 3.5
    figure.add_scattergl(
        x=part["x"].to_numpy(np.float32),
        y=part["y"].to_numpy(np.float32),
        customdata=part["id"].to_numpy(np.int32),  # for map_hover
        text=[_about(row) for row in part.itertuples()],
        hovertemplate="%{text}<extra></extra>",
        name=name,
        mode="markers",
        marker={"size": size, "opacity": 0.8, "line": {"width": 0}, **marker},
        unselected={"marker": {"opacity": 0.15}},
        showlegend=bool(name),
    )


def _about(row: Any) -> str:
    """What the mouse shows of a dot."""
    said = [row.name.rsplit("/", 1)[-1].replace("<", "&lt;"), row.label.replace("<", "&lt;")]
    if isinstance(getattr(row, "answer", None), str):
        said.append(f"called {row.answer}, {100 * row.sure:.0f} % sure".replace("<", "&lt;"))
    return "<br>".join(said)


def _traces(photos: pd.DataFrame, by: str, labels: list[str]) -> list[tuple[str, pd.DataFrame, dict[str, Any]]]:
    """Name ("" = none in the legend), dots and marker of each trace, those that matter most on top."""
    if by == BY_PART:
        found = [(PART_WORDS.get(part, part), photos[photos["split"] == part], PARTS[part]) for part in PARTS]
        return [(name, part, {"color": colour}) for name, part, colour in found if len(part)]
    if by == BY_CLASS:
        return _by_class(photos, labels)
    judged = photos["sure"].notna()
    rest = [(NOT_JUDGED, photos[~judged], {"color": UNKNOWN, "opacity": 0.3})] if not judged.all() else []
    known = photos[judged]
    if by == BY_SURE:
        bar = {"title": "sure", "tickformat": ".0%", "thickness": 12, "len": 0.7}
        scale = {"color": known["sure"].to_numpy(), "cmin": 0, "cmax": 1, "colorscale": "Viridis", "colorbar": bar}
        return [*rest, ("", known, scale)]
    right = known["right"].astype(bool)
    return [*rest, ("right", known[right], {"color": RIGHT}), ("wrong", known[~right], {"color": WRONG, "size": 9})]


def _by_class(photos: pd.DataFrame, labels: list[str]) -> list[tuple[str, pd.DataFrame, dict[str, Any]]]:
    """A trace a class; beyond the palette a trace a colour, and the mouse says which class it is."""
    colours = class_colours(labels)
    if len(labels) <= len(COLOURS):
        return [(name, part, {"color": colours[name]}) for name, part in photos.groupby("label", observed=True)]
    shades = photos["label"].map(colours)
    return [("", part, {"color": colour}) for colour, part in photos.groupby(shades)]
