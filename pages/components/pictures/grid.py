"""Small parts of pages that show pictures: a choice of page or class, a strip of pictures, and the last change."""

import math
from pathlib import Path
from typing import Any

import streamlit as st

from core.base.files import holds_something
from core.projects import edits
from core.projects.project import Project
from pages.components.shared import heading
from pages.components.shared.markdown import plain

KEEP, ASIDE = ":material/check:", ":material/inventory_2:"


def choose_page(key: str, n: int, per_page: int) -> slice:
    """Which of `n` things to show: the chosen page of them; without a choice where one page holds them all."""
    pages = max(1, math.ceil(n / per_page))
    if pages == 1:
        return slice(0, per_page)
    at = f"{key}_page"
    if st.session_state.get(at, 1) > pages:  # its last photos went elsewhere
        st.session_state[at] = pages
    page = st.pagination(pages, key=at)
    return slice((page - 1) * per_page, page * per_page)


def choose_class(words: str, labels: list[str], key: str, placeholder: str, **look: Any) -> str | None:
    """One of the classes or a new name; None until one is chosen. `look` is for the box."""
    return st.selectbox(words, labels, index=None, key=key, placeholder=placeholder, accept_new_options=True, **look)


def show_strip(pictures: list[tuple[Path, str]], width: int = 132) -> None:
    """Pictures, each a file and its caption ("" = none), so many pixels wide; a missing or empty file is left out."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        for path, caption in pictures:
            if holds_something(path):
                st.image(str(path), caption=caption or None, width=width)


def show_last_change(key: str, project: Project) -> None:
    """The last change, and a button that takes it back."""
    if undone := st.session_state.pop(f"{key}_undone", None):
        st.caption(f"Undone: {plain(undone)}.")
    last = edits.last_edit(project)
    if last is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Last change: {plain(last.what)}.", width="content")
        if st.button("Undo", icon=":material/undo:", key=f"{key}_undo"):
            with heading.errors_in_words():
                st.session_state[f"{key}_undone"] = edits.undo(project).what
                st.rerun()
