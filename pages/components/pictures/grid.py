"""Photos in a grid, each with a box to select it. The selection outlives turning the page."""

import math

import streamlit as st

from core.photos.labelled_photo import FEEDBACK
from core.projects.project import Photo, Project
from pages.components.shared.markdown import plain

CELL = 148  # pixels: two in a row on a telephone, seven or eight on a desk
NAME = 14  # characters of a file's name that fit under a photo


def show(key: str, project: Project, photos: list[Photo], with_class: bool = False) -> list[int]:
    """Show one page of photos by their thumbnails.

    Args:
        key: Of the selection, which is kept until `clear`.
        project: Whose photos.
        photos: Those of this page.
        with_class: Write its class under each photo, for pages on which classes mix; under one that is set aside, its
            class and why it is are always written.

    Returns:
        The ids of what is selected, on other pages too.
    """
    chosen = set(selected(key))
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom", key=f"{key}_grid"):
        for photo in photos:
            with st.container(width=CELL, gap="xxsmall"):
                _show_photo(key, project, photo, photo.id in chosen)
                if photo.set_aside:
                    st.caption(plain(f"{photo.label}: {photo.set_aside}"))
                elif with_class:
                    st.caption(plain(photo.label))
    return selected(key)


def choose_page(key: str, n: int, per_page: int) -> int:
    """Which page of `n` things to show, from 1; without a choice where one page holds them all."""
    pages = max(1, math.ceil(n / per_page))
    if pages == 1:
        return 1
    at = f"{key}_page"
    if st.session_state.get(at, 1) > pages:  # its last photos went elsewhere
        st.session_state[at] = pages
    return st.pagination(pages, key=at)


def selected(key: str) -> list[int]:
    """The ids of what is selected."""
    return st.session_state.get(f"{key}_selected", [])


def select(key: str, photo_ids: list[int]) -> None:
    """Select these too."""
    st.session_state[f"{key}_selected"] = sorted({*selected(key), *photo_ids})


def clear(key: str) -> None:
    """Select nothing."""
    st.session_state[f"{key}_selected"] = []


def _show_photo(key: str, project: Project, photo: Photo, is_chosen: bool) -> None:
    thumbnail = project.thumbnail(photo)
    if thumbnail.exists():
        st.image(str(thumbnail), width=CELL, alt=photo.name)
    else:
        st.markdown(":material/broken_image: no picture")
    box = f"{key}_photo_{photo.id}"
    st.session_state[box] = is_chosen  # the list decides: a box that was on another page has forgotten its state
    st.checkbox(
        _short(photo.name),
        key=box,
        disabled=not photo.width,  # what is no photo can't be put anywhere
        on_change=_toggle,
        args=(key, photo.id),
    )


def _toggle(key: str, photo_id: int) -> None:
    st.session_state[f"{key}_selected"] = sorted({*selected(key)} ^ {photo_id})


def _short(name: str) -> str:
    """The end of a name, which is what tells photos of one camera apart."""
    name = name.rsplit("/", 1)[-1]
    return plain(name if len(name) <= NAME else f"…{name[1 - NAME :]}")


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
