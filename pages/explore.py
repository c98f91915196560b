"""Explore: look at the photos before training, to find out early what would mislead the model."""

import numpy as np
import pandas as pd
import streamlit as st

from core.base.colours import class_colours
from core.checks import explore
from pages.components.explore import charts as explore_charts
from pages.components.explore import contact_sheet
from pages.components.explore.seen import Seen, look_at
from pages.components.shared import buttons, current, heading, remembered

MOST_ROWS = 40  # classes in a chart with one row each
COLOURS_AT_ONCE = 4  # classes whose colours are drawn until others are chosen


def show_classes(spread: pd.DataFrame, counts: dict[str, int], colours: dict[str, str]) -> None:
    """Photos per class, and how bright they are."""
    left, right = st.columns(2, gap="large")
    with left:
        shown = explore.extremes(pd.Series(counts), MOST_ROWS)
        explore_charts.show_counts("counts", {label: counts[label] for label in shown}, colours)
        st.caption(
            "If one class has far more photos than another, the model may favour it whenever it is in doubt."
            + _left_out(shown, counts, "fewest and the most photos")
        )
    with right:
        shown = explore.extremes(spread["median"], MOST_ROWS)
        explore_charts.show_spread(
            "brightness",
            spread.loc[shown],
            colours,
            "How bright the photos of each class are",
            {
                "title": "mean brightness (0 = black, 255 = white)",
                "range": [0, 255],
                "tickvals": [0, 64, 128, 192, 255],
            },
        )
        st.caption(
            "If one class is much brighter than the others, the model may learn the light, not the thing. A box holds "
            "the middle half of the photos, the line in it is the median, the whiskers reach from 5 to 95 %."
            + _left_out(shown, counts, "darkest and the brightest photos")
        )


def _left_out(shown: list[str], counts: dict[str, int], which: str) -> str:
    if len(shown) < MOST_ROWS or len(shown) == len(counts):
        return ""
    return f" Of the {len(counts):,} classes the {len(shown)} with the {which} are shown."


def show_pixels(seen: Seen, colours: dict[str, str]) -> None:
    """How large the photos are, and of what shape."""
    sizes, n_sizes = seen.sizes, seen.n_sizes
    left, right = st.columns(2, gap="large")
    with left:
        explore_charts.show_sizes("sizes", sizes, colours)
        st.caption(
            "If one class comes in other sizes than the rest, it may be from another source, and the model may learn "
            "the camera, not the thing. A larger dot stands for more photos of the same size."
            + (f" {len(sizes):,} of the {n_sizes:,} sizes are drawn, chosen by lot." if n_sizes > len(sizes) else "")
        )
    with right:
        explore_charts.show_shapes("shapes", seen.shapes, colours)
        st.caption(
            "The model sees every photo as a square: what is far from 1:1 is squeezed, and thin things get harder to "
            "tell apart. Bars at 1:4 and 4:1 also hold what is more stretched."
        )


@st.fragment
def show_colours(key: str, densities: dict[str, np.ndarray]) -> None:
    """The colours of a few classes side by side."""
    st.subheader("Colours")
    names = list(densities)
    chosen = names
    if len(names) > COLOURS_AT_ONCE:
        chosen = st.multiselect("Classes to compare", names, names[:COLOURS_AT_ONCE], key=f"{key}_classes")
    highest = 1.05 * max((densities[name].max() for name in chosen), default=1.0)
    for i in range(0, len(chosen), 2):
        for column, name in zip(st.columns(2, gap="large"), chosen[i : i + 2], strict=False):
            with column:
                explore_charts.show_colours(f"{key}_{name}", name, densities[name], highest)
    st.caption(
        "A hill on the left is dark, a hill on the right is light; where the three lines part, the photos have a tint. "
        "If the classes differ mainly in their background, the model may learn the background. "
        "(Kernel density of red, green and blue; every photo counts the same.)"
    )


heading.show("Explore", "See what your photos are like: whatever sets the classes apart, the model may learn.")
project = current.project_or_stop()
with heading.errors_in_words():
    counts = project.class_counts()
    is_blocked = current.show_blockers(counts)
    if not counts:
        st.stop()
    seen = remembered.of_photos(look_at, project)
    st.markdown(seen.summary)
    st.page_link("pages/findings.py", label="Check for copies and doubtful photos", icon=":material/fact_check:")
    class_colour = class_colours(list(counts))
    show_classes(seen.brightness, counts, class_colour)
    show_pixels(seen, class_colour)
    show_colours(f"colours_{project.id}", seen.colours)
    contact_sheet.show(project, list(counts))
    if not is_blocked:
        buttons.show_way_on("Go on to Advice", "pages/advice.py")
