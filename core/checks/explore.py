"""What the photos are like, class by class: numbers and sizes from the database alone, no file is opened."""

from itertools import groupby
from operator import itemgetter

import numpy as np
import pandas as pd

from core.base.names import in_order
from core.base.words import counted, storage
from core.photos.appearance import BINS
from core.projects.project import Project

LEVELS = 256  # brightness levels of a colour channel
# Standard deviation of the Gaussian kernel, in levels. Silverman's rule, 1.06 s n^(-1/5), gives about 7 for one photo
# (s = 60 levels, n = 77,000 pixels of a thumbnail). It is held there for a whole class, as neighbouring pixels are no
# separate observations; and less than one bin of the histogram (8 levels) would draw the bins as stairs.
BANDWIDTH = 8.0
OCTAVE_SHARE = 0.2  # width of a bin of log2(width / height): 4:3, 3:2 and 16:9 fall into three bins, each mid-bin
WIDEST = 2.0  # log2(4 / 1): what is more stretched is counted at 4:1 and 1:4
SPREAD = {"low": 0.05, "q1": 0.25, "median": 0.5, "q3": 0.75, "high": 0.95}
SAMPLE_SEED = 0  # the same photos, the same picture


def overview(project: Project) -> pd.DataFrame:
    """The usable photos in numbers.

    Returns:
        One row a photo, in the order they came: label, width and height (pixels, upright), megapixels, aspect (width /
        height), bytes, and brightness (0..255) and sharpness (0 or more, see `Appearance`), both NaN where
        they are not known.
    """
    query = (
        "select label, width, height, bytes, brightness, sharpness from photos left join looks on looks.photo = id"
        " where set_aside = '' order by id"
    )
    with project.database() as db:
        table = pd.read_sql_query(query, db)
    table["megapixels"] = table["width"] * table["height"] / 1e6
    table["aspect"] = table["width"] / table["height"]
    numbers = ["megapixels", "aspect", "bytes", "brightness", "sharpness"]
    return table[["label", "width", "height", *numbers]].astype({"brightness": float, "sharpness": float})


def sizes(table: pd.DataFrame, at_most: int) -> tuple[pd.DataFrame, int]:
    """The sizes that occur in a table of `overview`; of more than `at_most`, so many are drawn by lot.

    Returns:
        Columns label, width, height, photos (of that class and size); and how many rows there were before the lot.
    """
    found = table.groupby(["label", "width", "height"]).size().reset_index(name="photos")
    drawn = found if len(found) <= at_most else found.sample(at_most, random_state=SAMPLE_SEED).sort_index()
    return drawn, len(found)


def shapes(table: pd.DataFrame) -> pd.DataFrame:
    """How wide for their height the photos of a table of `overview` are: int (bins, classes), photos in each.

    Returns:
        The index is the middle of each bin of log2(width / height): 0 = square, 1 = twice as wide as high. The columns
        are the classes.
    """
    octaves = np.log2(table["aspect"]).clip(-WIDEST, WIDEST)
    steps = (octaves / OCTAVE_SHARE).round().astype(int)
    counts = pd.crosstab(steps, table["label"])
    counts.index = counts.index * OCTAVE_SHARE
    return counts[in_order(counts.columns)]


def spread(table: pd.DataFrame, column: str) -> pd.DataFrame:
    """Where most photos of each class lie in a numeric column of a table of `overview`: what a box plot shows.

    Returns:
        One row a class, with the columns of SPREAD: the quantiles 5, 25, 50, 75 and 95 %. A class without a known
        value is left out.
    """
    known = table.dropna(subset=[column]).groupby("label")[column]
    found = pd.DataFrame({name: known.quantile(share) for name, share in SPREAD.items()})
    return found.loc[in_order(found.index)]


def extremes(numbers: pd.Series, at_most: int) -> list[str]:
    """The classes with the lowest and the highest numbers, half of each, in the order of `numbers`.

    Args:
        numbers: By class.
        at_most: Classes to return; all of them when they are few enough.
    """
    if len(numbers) <= at_most:
        return list(numbers.index)
    ranked = numbers.sort_values(kind="stable").index
    kept = set(ranked[: at_most // 2]) | set(ranked[len(ranked) - (at_most - at_most // 2) :])
    return [label for label in numbers.index if label in kept]


def colour_densities(project: Project) -> dict[str, np.ndarray]:
    """How often each level of red, green and blue occurs in a class: a kernel density estimate.

    The mean of the class's colour histograms, so that each photo counts the same, smoothed with a Gaussian kernel of
    BANDWIDTH levels that is reflected at black and at full light, so that nothing is lost beyond the ends.

    Returns:
        By class: float64 (3, 256), R, G, B by level 0..255, each row summing to 1. Of known appearances only.
    """
    query = "select label, colours from photos join looks on looks.photo = id where set_aside = '' order by label"
    smooth = _bins_to_levels()
    with project.database() as db:
        found = {
            label: _mean_histogram(b"".join(blob for _, blob in rows)) @ smooth
            for label, rows in groupby(db.execute(query), key=itemgetter(0))
        }
    return {label: found[label] for label in in_order(found)}


def typical_first(project: Project, label: str) -> list[tuple[int, str]]:
    """The photos of a class from the most to the least usual in their colours.

    Each photo is compared with the class's mean histogram by the Hellinger distance, the Euclidean distance between
    the roots of the shares, in which a rare colour is not drowned by the common ones.

    Returns:
        (id, name) of each usable photo whose appearance is known; the odd ones are at the end.
    """
    query = (
        "select id, name, colours from photos join looks on looks.photo = id"
        " where label = ? and set_aside = '' order by id"
    )
    with project.database() as db:
        rows = db.execute(query, (label,)).fetchall()
    if not rows:
        return []
    colours = b"".join(blob for _, _, blob in rows)
    roots = np.sqrt(np.frombuffer(colours, np.float16).reshape(len(rows), -1).astype(np.float32))
    middle = np.sqrt(_mean_histogram(colours)).ravel()
    order = np.argsort(((roots - middle) ** 2).sum(1), kind="stable")
    return [rows[i][:2] for i in order]


def _mean_histogram(colours: bytes) -> np.ndarray:
    """Mean of many appearances' colours: float64 (3, BINS), each row summing to 1 in spite of float16."""
    mean = np.frombuffer(colours, np.float16).reshape(-1, 3, BINS).mean(0, dtype=np.float64)
    return mean / mean.sum(1, keepdims=True)


def _bins_to_levels() -> np.ndarray:
    """The kernel: float64 (BINS, 256), row i the density of a pixel of which only its bin i is known; rows sum to 1."""
    per_bin = LEVELS // BINS
    level = np.arange(LEVELS)
    mirrored = np.stack([level, -1 - level, 2 * LEVELS - 1 - level])  # itself, and reflected at either end
    kernel = np.exp(-0.5 * ((level[:, None, None] - mirrored) / BANDWIDTH) ** 2).sum(1)  # (256 pixel, 256 density)
    kernel /= kernel.sum(1, keepdims=True)
    return kernel.reshape(BINS, per_bin, LEVELS).mean(1)


def summary_in_words(table: pd.DataFrame, n_classes: int) -> str:
    """What there is in a table of `overview` with at least one photo, in one sentence of Markdown."""
    small, large = _size(table.loc[table["megapixels"].idxmin()]), _size(table.loc[table["megapixels"].idxmax()])
    span = f"from {small} to {large} pixels" if small != large else f"{small} pixels"
    return (
        f"**{counted(len(table), 'photo')}** in **{counted(n_classes, 'class', 'classes')}**, {span}, "
        f"{storage(table['bytes'].sum())} together."
    )


def _size(photo: pd.Series) -> str:
    return f"{photo['width']:,} × {photo['height']:,}"
