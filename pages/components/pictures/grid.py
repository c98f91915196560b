"""Small parts of pages that show pictures: a choice of page or class, a strip of pictures, and the last change."""

import io
import math
from pathlib import Path
from typing import Any

import streamlit as st
from PIL import Image, ImageOps

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
            show_small(path, width, caption=caption or None)


def show_small(path: Path, width: int, is_square: bool = False, **look: Any) -> None:
    """A thumbnail, so many pixels wide; nothing where it is missing or damaged. `look` is for `st.image`."""
    if holds_something(path) and (jpeg := _shrunk(str(path), path.stat().st_mtime, width, is_square)):
        st.image(jpeg, width=width, **look)


@st.cache_data(max_entries=1000, show_spinner=False)
def _shrunk(path: str, changed: float, width: int, is_square: bool) -> bytes | None:
    """A thumbnail as a JPEG of at most that width, or its middle as a square that wide.

    `st.image` would shrink it anew whenever a page is run again.
    """
    encoded = io.BytesIO()
    try:
        with Image.open(path) as picture:
            small = picture.convert("RGB")
    except (OSError, ValueError):
        return None
    if is_square:
        small = ImageOps.fit(small, (width, width))
    elif small.width > width:
        small = small.resize((width, max(1, round(small.height * width / small.width))), reducing_gap=2.0)
    small.save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


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
