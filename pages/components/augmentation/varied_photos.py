"""The user's own photos, varied: in rows to look at, and each option alone, asked about.

The pixels are those that the network will learn from. A "no" switches an option off, until it is taken back.
"""

import io
from pathlib import Path

import numpy as np
import streamlit as st
from PIL import Image

from core.base.files import holds_something
from core.photos.augmentation import OPTIONS, Augmentation
from core.photos.decoding import PhotoError, pixels_or_error
from core.photos.pictures import USUAL
from core.photos.views import Variation, at_most, seen_as, vary, views_of
from core.projects import augmentation_answers as augment_answers
from core.projects.augmentation_answers import Answer
from core.projects.project import Photo, Project
from pages.components.augmentation import options as augment_options
from pages.components.shared import heading
from pages.components.shared.markdown import plain

SIDE = 224  # pixels, as most base models see photos
CELL = 100  # pixels on screen: five beside the sliders on a desk, three in a row on a telephone
MOST_CLASSES, PER_CLASS = 12, 8  # photos to look at; one of each class, then a second of each
ROWS = 4
SHOWN = 4  # varied views of each photo; there may be more
IN_VIEW = "varied_in_view"  # the key of the container that stays in view, as the style sheet names it
CARD = 2 * CELL + 50  # pixels: two pictures, the gap between them and the card's edges


def keep_in_view() -> None:
    """Let the container with the key IN_VIEW stay in view while the page is scrolled."""
    st.html(Path(__file__).with_name("in_view.css"))


def sample(project: Project) -> list[Photo]:
    """Photos to look at, the classes in turn."""
    labels = list(project.class_counts())[:MOST_CLASSES]
    of_class = [project.photos(label, limit=PER_CLASS) for label in labels]
    there = [[photo for photo in photos if holds_something(project.thumbnail(photo))] for photos in of_class]
    return [photos[turn] for turn in range(PER_CLASS) for photos in there if turn < len(photos)]


def show_varied(key: str, project: Project, photos: list[Photo], augmentation: Augmentation) -> None:
    """A row for each photo of `sample`: as it is, then varied; and a button that shows others."""
    views = views_of(augmentation.text())[: 1 + SHOWN]
    began = st.session_state.get(f"{key}_began", 0)
    for photo in turned_to(photos, began)[:ROWS]:
        with st.container(horizontal=True, gap="small", vertical_alignment="top"):
            for view in views:
                caption = None if view != views[0] else plain(photo.label)
                _show(_in_view(*_file_of(project, photo), photo.sha256, view, _shape(photo)), photo, caption)
    more = augmentation.distinct_views() - SHOWN
    with st.container(horizontal=True, vertical_alignment="center"):
        if len(photos) > ROWS:
            st.button("Other photos", icon=":material/refresh:", key=f"{key}_next", on_click=_turn, args=(key,))
        beside = f", and {more} more like these" if more > 0 else ""
        st.caption(f"On the left as it is, then varied{beside}.", width="content")


def _show(jpeg: bytes, photo: Photo, caption: str | None = None) -> None:
    st.image(jpeg, caption=caption, width=CELL, alt=photo.name)


def _shape(photo: Photo) -> tuple[int, int]:
    """Width and height on screen, those of the photo: the network sees it squeezed to a square."""
    return CELL, max(1, round(CELL * photo.height / photo.width))


def pixels_of(project: Project, photo: Photo) -> np.ndarray:
    """A photo as the network would see it, from its thumbnail: uint8 (SIDE, SIDE, 3)."""
    return _pixels(*_file_of(project, photo))


def _file_of(project: Project, photo: Photo) -> tuple[str, float]:
    """The thumbnail, and when it was written."""
    path = project.thumbnail(photo)
    return str(path), path.stat().st_mtime if path.exists() else 0.0


def turned_to(photos: list[Photo], began: int) -> list[Photo]:
    """The photos from one on, and after the last the first again."""
    began %= max(1, len(photos))
    return photos[began:] + photos[:began]


@st.cache_data(max_entries=200, show_spinner=False)
def _pixels(path: str, changed: float) -> np.ndarray:
    answer = pixels_or_error(Path(path), SIDE, USUAL)
    return np.full((SIDE, SIDE, 3), 128, np.uint8) if isinstance(answer, PhotoError) else answer


@st.cache_data(max_entries=500, show_spinner=False)
def _in_view(path: str, changed: float, content: str, view: str, shape: tuple[int, int]) -> bytes:
    """A photo in a view, as a JPEG; kept, since each slider runs the page again and changes few of them."""
    return _jpeg(seen_as(_pixels(path, changed), view, content), shape)


@st.cache_data(max_entries=500, show_spinner=False)
def _changed_by(path: str, changed: float, variation: Variation, shape: tuple[int, int]) -> bytes:
    """A photo in one variation, as a JPEG."""
    return _jpeg(vary(_pixels(path, changed), variation), shape)


def _jpeg(pixels: np.ndarray, shape: tuple[int, int]) -> bytes:
    encoded = io.BytesIO()
    Image.fromarray(pixels).resize(shape, reducing_gap=2.0).save(encoded, "JPEG", quality=90)
    return encoded.getvalue()


def _turn(key: str) -> None:
    st.session_state[f"{key}_began"] = st.session_state.get(f"{key}_began", 0) + ROWS


def show_questions(
    key: str, options_key: str, project: Project, photos: list[Photo], augmentation: Augmentation
) -> None:
    """A question for each option that is on, about these photos in turn; a "no" moves the slider (`options_key`)."""
    said = augment_answers.answers(project)
    with st.container(horizontal=True, gap="small"):
        for name, strength in augmentation.strengths().items():
            with st.container(border=True, width=CARD, key=f"{key}_{name}"):
                at = st.session_state.get(f"{key}_{name}_at", list(OPTIONS).index(name))
                photo = turned_to(photos, at)[0]
                _ask(f"{key}_{name}", options_key, project, photo, (name, strength))
                yes = {answer.label for answer in said if answer.option == name and answer.strength >= strength}
                if yes:
                    st.caption(f":material/check: You said yes for {plain(', '.join(sorted(yes)))}.")


def show_rejected(key: str, options_key: str, project: Project) -> None:
    """What the user said no to, each with the way to take it back."""
    for name, answer in augment_answers.rejected(project).items():
        with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_no_{name}"):
            words = OPTIONS[answer.option].in_words(answer.strength)
            no = f"You said: {words}, it is no longer **{plain(answer.label)}**. So this stays off."
            st.markdown(f":material/block: {no}", width="content")
            st.button(
                "Take it back",
                type="tertiary",
                key=f"{key}_back_{name}",
                on_click=heading.in_words(_take_back),
                args=(options_key, project, answer),
            )


def _ask(key: str, options_key: str, project: Project, photo: Photo, asked: tuple[str, float]) -> None:
    name, strength = asked
    words = OPTIONS[name].in_words(strength).replace(" %", "\N{NO-BREAK SPACE}%")
    st.markdown(f"**{words[0].upper()}{words[1:]}**")
    alone = Augmentation(**{name: bool(strength) if not OPTIONS[name].unit else strength})
    with st.container(horizontal=True, gap="small"):
        for variation in at_most(alone):
            _show(_changed_by(*_file_of(project, photo), variation, _shape(photo)), photo)
    st.markdown(f"Is this still **{plain(photo.label)}**?")
    answered = (key, options_key, project, photo, asked)
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Yes", key=f"{key}_yes", on_click=heading.in_words(_answer), args=(*answered, True))
        st.button("No", key=f"{key}_no", on_click=heading.in_words(_answer), args=(*answered, False))
        st.button("Next photo", type="tertiary", key=f"{key}_next", on_click=_next, args=(key, name))


def _answer(key: str, options_key: str, project: Project, photo: Photo, asked: tuple[str, float], still: bool) -> None:
    name, strength = asked
    augment_answers.add_answer(project, name, strength, (photo.label, photo.sha256), still)
    if still:
        _next(key, name)
    else:
        augment_options.put(options_key, name, 0)


def _next(key: str, name: str) -> None:
    st.session_state[f"{key}_at"] = st.session_state.get(f"{key}_at", list(OPTIONS).index(name)) + 1


def _take_back(options_key: str, project: Project, answer: Answer) -> None:
    augment_answers.take_back(project, answer.option)
    augment_options.put(options_key, answer.option, answer.strength)
