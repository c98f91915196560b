"""What puts selected photos right: another class, or aside; wherever photos are selected, it is the same two."""

import streamlit as st

from core.projects import edits
from core.projects.project import Project
from pages.components.pictures import grid as photo_grid

KEEP, ASIDE = ":material/check:", ":material/inventory_2:"


def show(key: str, project: Project, photo_ids: list[int], words: str, labels: list[str]) -> None:
    """A choice of the class to move to, and buttons to move and to set aside; a change draws the page anew.

    Args:
        key: Of the selection and the buttons.
        project: Whose photos.
        photo_ids: Those to put right; without any the buttons can't be pressed.
        words: How many they are, and why these: "3 selected", "all 12".
        labels: The classes to choose from; another name makes a new class.
    """
    target = st.selectbox(
        f"Move {words} to",
        labels,
        index=None,
        key=f"{key}_target",
        placeholder="A class, or a new name",
        accept_new_options=True,
        width=240,
    )
    if st.button("Move", type="primary", disabled=not (photo_ids and target), key=f"{key}_move"):
        edits.move(project, photo_ids, target)
        finish(key)
    if st.button(f"Set aside {words}", icon=ASIDE, disabled=not photo_ids, key=f"{key}_aside"):
        edits.set_aside(project, photo_ids)
        finish(key)


def finish(key: str) -> None:
    """After a change nothing is selected, and the page shows what is now."""
    photo_grid.clear(key)
    st.rerun()
