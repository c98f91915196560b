"""What stands in the way of learning from a project's photos, and the way to put it right."""

import streamlit as st

from core.checks.readiness import problems


def show(class_counts: dict[str, int]) -> bool:
    """Show it; nothing when nothing does.

    Args:
        class_counts: Usable photos per class.

    Returns:
        Whether something stands in the way.
    """
    found = problems(class_counts)
    for blocker in found:
        st.warning(blocker, icon=":material/warning:")
    if found:
        st.page_link("pages/photos.py", label="Go to the photos", icon=":material/arrow_back:")
    return bool(found)
