"""The photos of a project in the gallery, with what chooses among them above it."""

from collections.abc import Callable

import streamlit as st

from core.projects import edits
from core.projects.project import Project
from pages.components.photos import choosing
from pages.components.pictures import gallery
from pages.components.pictures.actions import USUAL, Action


def show(
    key: str, project: Project, actions: tuple[Action, ...] = USUAL, beside: Callable[[str], object] | None = None
) -> None:
    """Choose which photos, and show them.

    Args:
        key: Unique on the page.
        project: Whose photos.
        actions: What can be done with them.
        beside: Shows more beside the choice, given what is chosen: a class, or one of `choosing`'s.
    """
    edits.repair(project)
    with st.container(horizontal=True, vertical_alignment="center"):
        choice = choosing.choose(key, project)
        if beside:
            beside(choice.view)
    empty = "No photo is like that. Choose others above." if choice.is_narrowed else "There are no photos here."
    look = gallery.Look(title=choice.title, empty=empty, with_class=choice.view == choosing.ALL)
    listing = choosing.listing_of(project, choice.wanted)
    gallery.show(f"{key} {choice.words}", project, listing, actions, look)
