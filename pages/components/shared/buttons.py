"""Buttons of several pages: start a job, do a thing, go on to another page, bring back what was removed."""

from collections.abc import Callable
from typing import Any, TypeVar

import streamlit as st

from core.jobs.folder import JobFolder
from core.jobs.kinds import JobKind
from pages.components.shared import current, heading
from pages.components.shared.markdown import plain

Removed = TypeVar("Removed")  # it has a title


def show_start(label: str, kind: JobKind, this: JobFolder, **button: Any) -> None:
    """Start a job, as `current.start` does."""
    if st.button(label, **button):
        current.start(kind, this)


def show_action(label: str, act: Callable[[], object], **button: Any) -> None:
    """Do a thing at once and draw the page anew, or say in words why it can't be done."""
    if st.button(label, **button):
        with heading.errors_in_words():
            act()
            st.rerun()


def show_way_on(label: str, page: str, kind: str = "primary", before: Callable[[], object] | None = None) -> None:
    """Go to a page such as "pages/train.py", `before` it do a thing; `kind` is the button's type."""
    if st.button(label, type=kind, icon=":material/arrow_forward:", icon_position="right"):
        if before:
            before()
        st.switch_page(page)


def show_trash(trash: dict[str, Removed], caption: str, restore: Callable[[Removed], object]) -> None:
    """What was removed, by its name on disk, each with a button that brings it back; nothing where nothing was."""
    if not trash:
        return
    with st.expander(f"Trash ({len(trash)})", icon=":material/delete:"):
        st.caption(caption)
        for name, removed in trash.items():
            title, button = st.columns([3, 1], vertical_alignment="center")
            title.markdown(plain(removed.title))
            if button.button("Restore", key=f"restore_{name}"):
                with heading.errors_in_words():
                    restore(removed)
                    st.rerun()
