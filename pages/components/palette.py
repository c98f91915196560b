"""The colour of each class, the same on every chart of a project."""

# Okabe and Ito (2008), safe for colour-blind eyes; then three of Paul Tol's that differ from them.
COLOURS = (
    *("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C8C8C", "#F0E442"),
    *("#332288", "#882255", "#999933"),
)
LEAF = "#6FA565"  # between the accent greens of the light and the dark theme, readable on both


def class_colours(classes: list[str]) -> dict[str, str]:
    """A colour per class by its place in the alphabet; beyond the palette they come again."""
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(sorted(classes))}
