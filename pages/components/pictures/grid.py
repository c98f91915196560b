"""Photos in a grid, each with a box to select it, what puts those right that are selected, and the way back.

The selection outlives turning the page.
"""

import math
from pathlib import Path
from typing import Any

import streamlit as st

from core.base.files import holds_something
from core.photos.labelled_photo import FEEDBACK
from core.projects import edits
from core.projects.project import Photo, Project
from pages.components.shared import heading
from pages.components.shared.markdown import plain

CELL = 148  # pixels: two in a row on a telephone, seven or eight on a desk
NAME = 14  # characters of a file's name that fit under a photo
KEEP, ASIDE = ":material/check:", ":material/inventory_2:"


def show(key: str, project: Project, photos: list[Photo], with_class: bool = False) -> list[int]:
    """Show one page of photos by their thumbnails; the ids of what is selected (`key`), on other pages too.

    Under each photo stands its class, if asked for, and always its class and the reason where it is set aside.
    """
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key=f"{key}_grid"):
        for photo in photos:
            with st.container(width=CELL, gap="xxsmall"):
                _show_photo(key, project, photo)
                if photo.set_aside:
                    st.caption(plain(f"{photo.label}: {photo.set_aside}" if photo.label else photo.set_aside))
                elif with_class:
                    st.caption(plain(photo.label))
    return selected(key)


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


def selected(key: str) -> list[int]:
    """The ids of what is selected."""
    return st.session_state.get(f"{key}_selected", [])


def select(key: str, photo_ids: list[int]) -> None:
    """Select these too."""
    st.session_state[f"{key}_selected"] = sorted({*selected(key), *photo_ids})


def clear(key: str) -> None:
    """Select nothing."""
    st.session_state[f"{key}_selected"] = []


def _show_photo(key: str, project: Project, photo: Photo) -> None:
    thumbnail = project.thumbnail(photo)
    if holds_something(thumbnail):
        st.image(str(thumbnail), width=CELL, alt=photo.name)
    else:
        st.markdown(":material/broken_image: no picture")
    show_box(key, f"{key}_photo_{photo.id}", photo, short(photo.name))


def show_box(key: str, box: str, photo: Photo, words: str) -> None:
    """The box, with a key of its own, that selects a photo; what is no photo can't be put anywhere."""
    # The list decides: a box that was on another page has forgotten its state.
    st.session_state[box] = photo.id in selected(key)
    st.checkbox(words, key=box, disabled=not photo.width, on_change=_toggle, args=(key, photo.id))


def _toggle(key: str, photo_id: int) -> None:
    st.session_state[f"{key}_selected"] = sorted({*selected(key)} ^ {photo_id})


def short(name: str, most: int = NAME) -> str:
    """The end of a name, which is what tells photos of one camera apart, as Markdown of at most so many characters."""
    name = name.rsplit("/", 1)[-1]
    return plain(name if len(name) <= most else f"…{name[1 - most :]}")


def about(photo: Photo) -> str:
    """What is known of a photo, as Markdown in one line."""
    size = f"{photo.width} × {photo.height} pixels" if photo.width else "can't be read"
    said = [plain(photo.name), size, f"class {plain(photo.label)}"]
    if photo.split:
        said.append(f"part: {photo.split}")
    if photo.origin == FEEDBACK:
        said.append("from feedback, so it only teaches")
    if photo.set_aside:
        said.append(f"set aside: {plain(photo.set_aside)}")
    return " · ".join(said)


def show_fixes(key: str, project: Project, photo_ids: list[int], words: str, labels: list[str]) -> None:
    """A choice of the class to move to, and buttons to move and to set aside; a change draws the page anew.

    `words` say how many photos they are and why these: "3 selected", "all 12"; `key` is that of the selection.
    """
    target = choose_class(f"Move {words} to", labels, f"{key}_target", "A class, or a new name", width=240)
    if st.button("Move", type="primary", disabled=not (photo_ids and target), key=f"{key}_move"):
        edits.move(project, photo_ids, target)
        finish(key)
    if st.button(f"Set aside {words}", icon=ASIDE, disabled=not photo_ids, key=f"{key}_aside"):
        edits.set_aside(project, photo_ids)
        finish(key)


def finish(key: str) -> None:
    """After a change nothing is selected, and the page shows what is now."""
    clear(key)
    st.rerun()


def show_strip(pictures: list[tuple[Path, str]], width: int = 132) -> None:
    """Pictures, each a file and its caption ("" = none), so many pixels wide; a missing or empty file is left out."""
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        for path, caption in pictures:
            if holds_something(path):
                st.image(str(path), caption=caption or None, width=width)


def show_last_change(key: str, project: Project, clears: bool = False) -> None:
    """The last change, and a button that takes it back; then nothing is selected any more, if it `clears`."""
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
                if clears:
                    clear(key)
                st.rerun()
