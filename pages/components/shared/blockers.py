"""What stands in the way of learning from a project's photos, and the way to mend it."""

import streamlit as st

from core.checks.readiness import problems


def show(class_counts: dict[str, int]) -> bool:
    """Show it; nothing when nothing does.

    Args:
        class_counts: Usable photos per class.

    Returns:
        Whether something stands in the way.
    """
    hindrances = problems(class_counts)
    for hindrance in hindrances:
        st.warning(hindrance, icon=":material/warning:")
    if hindrances:
        st.page_link("pages/photos.py", label="Go to the photos", icon=":material/arrow_back:")
    return bool(hindrances)
