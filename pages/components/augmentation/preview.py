"""The user's own photos, each as it is and varied: the same pixels that the network will learn from."""

from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from core.photos.augmentation import Augmentation
from core.photos.decoding import PhotoError, pixels_or_error
from core.photos.views import seen_as, views_of
from core.projects.project import Photo, Project
from pages.components.shared.markdown import plain

SIDE = 224  # pixels, as most base models see photos
CELL = 100  # pixels on screen: five beside the sliders on a desk, three in a row on a telephone
MOST_CLASSES, PER_CLASS = 12, 8  # photos to look at; one of each class, then a second of each
ROWS = 4
SHOWN = 4  # varied views of each photo; there may be more


def sample(project: Project) -> list[Photo]:
    """Photos to look at, the classes in turn."""
    labels = list(project.class_counts())[:MOST_CLASSES]
    of_class = [project.photos(label, limit=PER_CLASS) for label in labels]
    there = [[photo for photo in photos if project.thumbnail(photo).exists()] for photos in of_class]
    return [photos[turn] for turn in range(PER_CLASS) for photos in there if turn < len(photos)]


def show(key: str, project: Project, photos: list[Photo], augmentation: Augmentation) -> None:
    """A row a photo: as it is, then varied; and a button that shows others.

    Args:
        key: Of the button.
        project: Whose photos.
        photos: From `sample`.
        augmentation: How they are varied.
    """
    views = views_of(augmentation.text())[: 1 + SHOWN]
    began = st.session_state.get(f"{key}_began", 0)
    for photo in turned_to(photos, began)[:ROWS]:
        pixels = pixels_of(project, photo)
        with st.container(horizontal=True, gap="small", vertical_alignment="top"):
            for view in views:
                caption = "" if view != views[0] else plain(photo.label)
                picture(photo, seen_as(pixels, view, photo.sha256), caption)
    more = augmentation.distinct_views() - SHOWN
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(photos) > ROWS:
            st.button("Other photos", icon=":material/refresh:", key=f"{key}_next", on_click=_next, args=(key,))
        beside = f", and {more} more like these" if more > 0 else ""
        st.caption(f"On the left as it is, then varied{beside}.", width="content")


def picture(photo: Photo, pixels: np.ndarray, caption: str = "") -> None:
    """Show varied pixels in the photo's own shape: the network sees every photo squeezed to a square.

    Args:
        photo: Whose they are.
        pixels: uint8 (SIDE, SIDE, 3).
        caption: Markdown; "" for none.
    """
    shape = (CELL * 2, max(1, round(CELL * 2 * photo.height / photo.width)))
    st.image(Image.fromarray(pixels).resize(shape), caption=caption or None, width=CELL, alt=photo.name)


def pixels_of(project: Project, photo: Photo) -> np.ndarray:
    """A photo as the network would see it, from its thumbnail: uint8 (SIDE, SIDE, 3)."""
    return _pixels(str(project.thumbnail(photo)))


def turned_to(photos: list[Photo], began: int) -> list[Photo]:
    """The photos from one on, and after the last the first again."""
    began %= max(1, len(photos))
    return photos[began:] + photos[:began]


@st.cache_data(max_entries=200, show_spinner=False)
def _pixels(path: str) -> np.ndarray:
    answer = pixels_or_error(Path(path), SIDE)
    return np.full((SIDE, SIDE, 3), 128, np.uint8) if isinstance(answer, PhotoError) else answer


def _next(key: str) -> None:
    st.session_state[f"{key}_began"] = st.session_state.get(f"{key}_began", 0) + ROWS
