"""The map of a tutorial as a picture that any browser opens, a dot a photo in the colour of its class."""

from xml.sax.saxutils import escape

import numpy as np
import pandas as pd

from core.base.colours import class_colours
from core.base.names import in_order

SIDE, MARGIN, LINE = 720, 20, 22  # pixels of the picture, around the dots, and of a line of the legend
RADIUS = 3.5


def picture_of(places: pd.DataFrame) -> str:
    """SVG of a map with the columns x, y and label."""
    names = in_order(set(places["label"]))
    colours = class_colours(names)
    spots = _within(places[["x", "y"]].to_numpy(np.float64))
    dots = [
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{RADIUS}" fill="{colours[label]}" fill-opacity="0.8"/>'
        for (x, y), label in zip(spots, places["label"], strict=True)
    ]
    legend = [
        f'<circle cx="{MARGIN}" cy="{SIDE + LINE * n}" r="6" fill="{colours[name]}"/>'
        f'<text x="{MARGIN + 14}" y="{SIDE + LINE * n + 5}">{escape(_printable(name))}</text>'
        for n, name in enumerate(names)
    ]
    height = SIDE + LINE * (len(names) + 1)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIDE} {height}" font-family="serif" font-size="15">'
    return "\n".join([head, '<rect width="100%" height="100%" fill="#FFFFFF"/>', *dots, *legend, "</svg>\n"])


def _printable(name: str) -> str:
    """The name without control characters, of which XML knows no spelling."""
    return "".join(letter if letter.isprintable() else " " for letter in name)


def _within(points: np.ndarray) -> np.ndarray:
    """The points, float64 (n, 2), moved and scaled alike in both directions, so that they fill the picture."""
    low, high = points.min(0), points.max(0)
    scale = (SIDE - 2 * MARGIN) / max(float((high - low).max()), 1e-9)
    return MARGIN + (points - low) * scale
