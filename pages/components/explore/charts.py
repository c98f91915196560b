"""The charts of the Explore page: each takes plain values and shows one statement, with its axes named."""

from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.base.colours import COLOURS
from core.base.names import in_order
from core.base.words import counted
from pages.components.shared import charts
from pages.components.shared.charts import LEAF, as_text

# Red, green and blue of Okabe and Ito's palette: each reads as its channel and all three differ for every kind of eye.
CHANNELS = (("red", "#D55E00", "solid"), ("green", "#009E73", "dash"), ("blue", "#0072B2", "dot"))
SIDES = (("1:4", 0.25), ("1:2", 0.5), ("3:4", 0.75), ("1:1", 1.0), ("4:3", 4 / 3), ("2:1", 2.0), ("4:1", 4.0))
SIZE_TICKS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000)  # pixels
ROOM = 1.6  # beyond the smallest and the largest; also around a single size there is a tick, as 1.6 ** 2 > 2.5
SMALLEST_DOT, LARGEST_DOT = 6, 26  # pixels across; the area grows with the photos of that size
CROWD = 1000  # dots; from here on they are smaller and fainter, so that they do not bury each other
LEGEND = {"orientation": "h", "yref": "container", "y": 0, "yanchor": "bottom", "title": None, "traceorder": "normal"}


def show_counts(key: str, counts: dict[str, int], colours: dict[str, str]) -> None:
    """A bar per class, as long as it has photos."""
    figure = go.Figure(
        go.Bar(
            x=list(counts.values()),
            y=[as_text(name) for name in counts],
            orientation="h",
            marker_color=[colours[name] for name in counts],
            text=[f"{n:,}" for n in counts.values()],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y}: %{x:,} photos<extra></extra>",
        )
    )
    charts.show(
        key,
        figure,
        "How many photos each class has",
        height=_by_classes(len(counts)),
        xaxis={"title": "photos", "range": [0, 1.15 * max(counts.values())]},
        yaxis=_class_axis(),
    )


def show_sizes(key: str, sizes: pd.DataFrame, colours: dict[str, str]) -> None:
    """A dot per size and class (columns label, width, height, photos), larger where more photos have it.

    The colours are those of all classes of the project, as in the other charts.
    """
    figure = go.Figure()
    smallest, opacity = (SMALLEST_DOT, 0.6) if len(sizes) < CROWD else (SMALLEST_DOT / 2, 0.4)
    for name, part, colour in _by_colour(sizes, colours):
        figure.add_scattergl(
            x=part["width"],
            y=part["height"],
            name=as_text(name),
            mode="markers",
            marker={
                "color": colour,
                "size": np.clip(smallest * np.sqrt(part["photos"]), None, LARGEST_DOT),
                "opacity": opacity,
                "line": {"width": 0},
            },
            customdata=[f"{as_text(row.label)}: {counted(row.photos, 'photo')}" for row in part.itertuples()],
            hovertemplate="%{customdata}<br>%{x} x %{y} pixels<extra></extra>",
        )
    charts.show(
        key,
        figure,
        "How large the photos are",
        xaxis=_pixel_axis("width in pixels", sizes["width"]),
        yaxis=_pixel_axis("height in pixels", sizes["height"]),
        legend=LEGEND | {"itemsizing": "constant"},
    )


def show_shapes(key: str, shapes: pd.DataFrame, colours: dict[str, str]) -> None:
    """A histogram of photos by bin (the middles of log2 of width / height) and class, these on top of each other."""
    figure = go.Figure()
    one_colour = len(colours) > len(COLOURS)
    drawn = {"all classes": shapes.sum(axis=1)} if one_colour else {name: shapes[name] for name in shapes.columns}
    for name, counts in drawn.items():
        figure.add_bar(
            x=counts.index,
            y=counts,
            name=as_text(name),
            marker_color=LEAF if one_colour else colours[name],
            customdata=[_sides(2.0**octaves) for octaves in counts.index],
            hovertemplate="%{y:,} photos about %{customdata}<extra>%{fullData.name}</extra>",
        )
    charts.show(
        key,
        figure,
        "How wide the photos are for their height",
        barmode="stack",
        bargap=0.08,
        xaxis={
            "title": "width : height (right of 1:1 is wider than high)",
            "range": [-2.2, 2.2],
            "tickvals": [np.log2(share) for _, share in SIDES],
            "ticktext": [words for words, _ in SIDES],
            "tickangle": 0,
        },
        yaxis={"title": "photos"},
        legend=LEGEND,
    )


def show_spread(key: str, spread: pd.DataFrame, colours: dict[str, str], title: str, axis: dict[str, Any]) -> None:
    """A box per class: the middle half of its photos (q1, median, q3), with whiskers to 5 and 95 % (low, high).

    `axis` holds Plotly's settings of the value axis, with its title.
    """
    figure = go.Figure()
    for row in spread.itertuples():
        figure.add_box(
            y=[as_text(row.Index)],
            q1=[row.q1],
            median=[row.median],
            q3=[row.q3],
            lowerfence=[row.low],
            upperfence=[row.high],
            orientation="h",
            line={"color": colours[row.Index], "width": 2},
            name=as_text(row.Index),
            showlegend=False,
            hoverinfo="x",
            width=0.55,
        )
    charts.show(
        key, figure, title, height=_by_classes(len(spread)), xaxis={"hoverformat": ".0f", **axis}, yaxis=_class_axis()
    )


def show_colours(key: str, label: str, densities: np.ndarray, highest: float) -> None:
    """How often each level of red, green and blue occurs in a class: (3, 256), each row summing to 1.

    The upright axis ends at `highest`, the same for all classes, so that they can be compared.
    """
    figure = go.Figure()
    for (name, colour, dash), values in zip(CHANNELS, densities, strict=True):
        figure.add_scatter(
            x=np.arange(len(values)),
            y=np.round(values, 6),
            name=name,
            mode="lines",
            line={"color": colour, "dash": dash, "width": 2.5},
            hovertemplate=name + " %{x}: %{y:.2%} of the pixels<extra></extra>",
        )
    charts.show(
        key,
        figure,
        f"The colours of {as_text(label)}",
        height=300,
        xaxis={"title": "level (0 = none, 255 = full)", "range": [0, 255], "tickvals": [0, 64, 128, 192, 255]},
        yaxis={"title": "share of pixels per level", "tickformat": ".1%", "range": [0, highest]},
        legend=LEGEND,
    )


def _by_colour(table: pd.DataFrame, colours: dict[str, str]) -> list[tuple[str, pd.DataFrame, str]]:
    """The rows of each class with its colour; in one colour together when the classes outnumber the colours."""
    if len(colours) > len(COLOURS):
        return [("all classes", table, LEAF)]
    parts = dict(list(table.groupby("label")))
    return [(name, parts[name], colours[name]) for name in in_order(parts)]


def _by_classes(n: int) -> int:
    return max(360, 130 + 24 * n)


def _class_axis() -> dict[str, Any]:
    return {"type": "category", "autorange": "reversed", "automargin": True, "dtick": 1}


def _pixel_axis(title: str, values: pd.Series) -> dict[str, Any]:
    """A logarithmic axis, so that twice as large is the same way everywhere."""
    ends = [np.log10(values.min() / ROOM), np.log10(values.max() * ROOM)]
    ticks = {"tickvals": SIZE_TICKS, "ticktext": [f"{tick:,}" for tick in SIZE_TICKS]}
    return {"title": title, "type": "log", "range": ends, **ticks}


def _sides(aspect: float) -> str:
    """ "1.3 : 1", "1 : 1.3": the longer side in units of the shorter."""
    return f"{aspect:.1f} : 1" if aspect >= 1 else f"1 : {1 / aspect:.1f}"
