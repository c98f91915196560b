"""The colour of each class, the same on every chart."""

from core.base.names import in_order

# Okabe and Ito (2008), safe for colour-blind eyes; then three of Paul Tol's that stand out by 3:1 from the backgrounds
# of both themes and, seen with colour-blind eyes too (Machado et al. 2009), differ from the rest more than some of the
# eight do from each other.
COLOURS = (
    *("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8C8C8C", "#F0E442"),
    *("#228833", "#994F88", "#CC3311"),
)


def class_colours(class_names: list[str]) -> dict[str, str]:
    """A colour per class by its place in their order; beyond the palette they come again."""
    return {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(in_order(class_names))}
