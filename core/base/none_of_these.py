"""The class that is no class: photos of what the model shall refuse, in a folder called "none of these"."""

NONE_OF_THESE = "none of these"


def is_none_of_these(label: str) -> bool:
    """Whether a class holds what is none of the others; "None_of_these" and "none-of-these" do too."""
    return " ".join(label.casefold().replace("_", " ").replace("-", " ").split()) == NONE_OF_THESE
