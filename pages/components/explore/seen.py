"""What the charts of the Explore page show, found in one look at the list of photos."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.checks import explore
from core.projects.project import Project

MOST_DOTS = 5000  # sizes in one chart; more are slow to draw in the browser


@dataclass(frozen=True)
class Seen:
    """What the charts show of all photos; `sizes` are some of `n_sizes`. See `core.checks.explore`."""

    summary: str
    brightness: pd.DataFrame
    sizes: pd.DataFrame
    n_sizes: int
    shapes: pd.DataFrame
    colours: dict[str, np.ndarray]


def look_at(project: Project) -> Seen:
    """Read all photos' numbers once; a project needs one photo at least."""
    table = explore.overview(project)
    sizes, n_sizes = explore.sizes(table, MOST_DOTS)
    return Seen(
        summary=explore.summary_in_words(table, table["label"].nunique()),
        brightness=explore.spread(table, "brightness"),
        sizes=sizes,
        n_sizes=n_sizes,
        shapes=explore.shapes(table),
        colours=explore.colour_densities(project),
    )
