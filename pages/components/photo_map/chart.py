"""The map of photos as a chart: how it is laid out, what its colours say, and the photo of the dot under the mouse."""

import base64
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.components.v1 import declare_component

from core.base.colours import COLOURS, class_colours
from core.base.names import in_order
from core.photo_map.folder import judged_by, with_verdicts
from core.projects.project import Project
from core.runs.choosing.in_use import finished_runs, model_in_use
from pages.components.shared import heading, run_choice
from pages.components.shared.charts import LEAF, as_text

RIGHT, WRONG, UNKNOWN = LEAF, "#D55E00", "#8C8C8C"
PARTS = {"train": "#0072B2", "validation": "#E69F00", "test": "#009E73", "": UNKNOWN}
PART_WORDS = {"": "no part yet"}
NOT_JUDGED = "not judged by this run"
HEIGHT = 560
CROWD = 3000  # dots; from here on they are smaller, and smaller again from ten times as many
BY_CLASS, BY_PART, BY_RIGHT, BY_SURE = "Class", "Part", "Right or wrong", "How sure"
LAYOUTS = ("Spread (t-SNE)", "Tight groups (like UMAP)")
MOST_PICTURE_BYTES = 1_000_000  # of a thumbnail: one of 512 pixels seldom has a tenth of it, but may carry anything


def show(key: str, photos: pd.DataFrame, by: str, labels: list[str]) -> list[int]:
    """The map; the ids of the photos whose dots were last selected with a box or a lasso.

    They stay chosen when the chart is drawn anew, with other colours or with photos in other classes.

    Args:
        key: Unique on the page.
        photos: Columns id, x, y, name, label and split, and for BY_RIGHT and BY_SURE right and sure.
        by: What the colours say, one of BY_CLASS, BY_PART, BY_RIGHT and BY_SURE.
        labels: All classes of the project.
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
        uirevision=f"{key}_{by}",
    )
    config = {"scrollZoom": True, "displaylogo": False, "modeBarButtonsToRemove": ["toImage", "autoScale2d"]}
    st.plotly_chart(figure, key=f"{key}_{by}_chart", on_select=partial(_choose, key, by, ids), config=config)
    return st.session_state.get(f"{key}_chosen", [])


def _choose(key: str, by: str, ids: list[np.ndarray]) -> None:
    """Keep which photos the selected dots are, by trace and place in it: a chart drawn anew has others there."""
    points = st.session_state[f"{key}_{by}_chart"]["selection"]["points"]
    chosen = {int(ids[point["curve_number"]][point["point_index"]]) for point in points}
    st.session_state[f"{key}_chosen"] = sorted(chosen)


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
    said = [row.name.rsplit("/", 1)[-1], row.label]
    if isinstance(getattr(row, "answer", None), str):
        said.append(f"called {row.answer}, {100 * row.sure:.0f} % sure")
    return "<br>".join(map(as_text, said))


def _traces(photos: pd.DataFrame, by: str, labels: list[str]) -> list[tuple[str, pd.DataFrame, dict[str, Any]]]:
    """Name ("" = none in the legend), dots and marker of each trace, those that matter most on top."""
    if by == BY_PART:
        found = [(PART_WORDS.get(part, part), photos[photos["split"] == part], PARTS[part]) for part in PARTS]
        return [(name, part, {"color": colour}) for name, part, colour in found if len(part)]
    if by == BY_CLASS:
        return traces_by_class(photos, labels)
    judged = photos["sure"].notna()
    rest = [(NOT_JUDGED, photos[~judged], {"color": UNKNOWN, "opacity": 0.3})] if not judged.all() else []
    known = photos[judged]
    if by == BY_SURE:
        bar = {"title": "sure", "tickformat": ".0%", "thickness": 12, "len": 0.7}
        scale = {"color": known["sure"].to_numpy(), "cmin": 0, "cmax": 1, "colorscale": "Viridis", "colorbar": bar}
        return [*rest, ("", known, scale)]
    right = known["right"].astype(bool)
    return [*rest, ("right", known[right], {"color": RIGHT}), ("wrong", known[~right], {"color": WRONG, "size": 9})]


def traces_by_class(photos: pd.DataFrame, labels: list[str]) -> list[tuple[str, pd.DataFrame, dict[str, Any]]]:
    """A trace a class; beyond the palette a trace a colour, and the mouse says which class it is."""
    colours = class_colours(labels)
    if len(labels) <= len(COLOURS):
        parts = dict(list(photos.groupby("label", observed=True)))
        return [(as_text(name), parts[name], {"color": colours[name]}) for name in in_order(parts)]
    shades = photos["label"].map(colours)
    return [("", part, {"color": colour}) for colour, part in photos.groupby(shades)]


def choose_layout(key: str, photos: pd.DataFrame) -> pd.DataFrame:
    """The photos with x and y of the layout that is asked for."""
    if "tight_x" not in photos:  # a map of an earlier version
        return photos
    how = st.segmented_control("Layout", LAYOUTS, default=LAYOUTS[0], required=True, key=f"{key}_layout")
    if how == LAYOUTS[0]:
        return photos
    return photos.assign(x=photos["tight_x"], y=photos["tight_y"])


def choose_colours(key: str, project: Project, photos: pd.DataFrame) -> tuple[str, pd.DataFrame]:
    """What the colours say, and the photos with what the chosen run answered, where that is asked for."""
    finished = finished_runs(project)
    used = model_in_use(project, finished)
    kinds = [BY_CLASS, BY_PART, *([BY_RIGHT, BY_SURE] if used else [])]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        by = st.segmented_control("Colours", kinds, default=BY_CLASS, required=True, key=f"{key}_by")
        if used is None or by not in (BY_RIGHT, BY_SURE):
            return by, photos
        run_choice.show_lost_pin(used)
        name = run_choice.show_menu(f"{key}_run", finished, used)
    return by, with_verdicts(photos, judged_by(next(run for run, _ in finished if run.name == name)))


@cache
def _component() -> Any:
    return declare_component("espalier_map_hover", path=Path(__file__).with_name("browser"))


@st.fragment
@heading.in_words
def show_hover(key: str, project: Project) -> None:
    """Let the dots of a chart show their photos; only the picture asked for is made anew, neither page nor chart.

    The key of the chart, or of what is around it, begins with `key`. Its dots have photo ids as `customdata`.
    """
    asked = st.session_state.get(f"{key}_hover")
    _component()(key=f"{key}_hover", chart=key, picture=picture_of(project, asked), height=0)


def picture_of(project: Project, photo_id: Any) -> dict[str, Any] | None:
    """The small JPEG of what the browser asked for, an id if all is well; None where there is no such photo.

    Its bytes are in base64, as jpeg, beside the id; "" where there is no such file.
    """
    photos = project.photos_with_ids([photo_id]) if isinstance(photo_id, int) else []
    if not photos:
        return None
    path = project.thumbnail(photos[0])
    small = path.exists() and path.stat().st_size <= MOST_PICTURE_BYTES
    return {"id": photo_id, "jpeg": base64.b64encode(path.read_bytes()).decode() if small else ""}
