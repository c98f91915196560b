"""Photos with their answers as a gallery, each with a way to look closer."""

import streamlit as st

from core.base.words import percent
from core.photos.decoding import PhotoError
from core.runs.run import Run
from pages.components.asking import large_answer as try_detail
from pages.components.asking.answer_words import NOT_SURE
from pages.components.asking.answered import AnsweredPhoto
from pages.components.shared.markdown import plain

CELL = 148  # pixels: two in a row on a telephone
NAME = 18  # characters of a file's name that fit under a photo


def show(key: str, run: Run | None, photos: list[AnsweredPhoto], threshold: float) -> None:
    """One page of photos.

    Args:
        key: Of the gallery.
        run: That answered; None when it is gone, and nothing more can be asked.
        photos: Those of this page.
        threshold: In-distribution score, 0..1, up to which an answer counts as not sure.
    """
    with st.container(horizontal=True, gap="small", key=f"{key}_photos"):
        for position, photo in enumerate(photos):
            with st.container(width=CELL, gap="xxsmall"):
                _show_photo(photo, threshold)
                if photo.thumbnail and st.button(
                    "Look closer", key=f"{key}_open_{photo.id}", icon=":material/zoom_in:", type="tertiary"
                ):
                    try_detail.show(key, run, photos, position, threshold)


def _show_photo(photo: AnsweredPhoto, threshold: float) -> None:
    if isinstance(photo.answer, PhotoError):
        st.markdown(":material/broken_image: can't be used")
        st.caption(f"{_short(photo.name)}: {photo.answer}.")
        return
    if photo.thumbnail:
        st.image(photo.thumbnail, width=CELL, alt=photo.name)
    said = f"{plain(photo.answer.label)} {percent(photo.answer.probability)}".replace(" %", "\N{NO-BREAK SPACE}%")
    if photo.answer.known(threshold) is False:  # no bar: a long one would look sure
        st.markdown(NOT_SURE)
        st.caption(f"closest: {said}")
    else:
        st.progress(min(1.0, photo.answer.probability), text=said)
    st.caption(_short(photo.name))


def _short(name: str) -> str:
    """The end of a name, which is what tells photos of one camera apart."""
    name = name.rsplit("/", 1)[-1]
    return plain(name if len(name) <= NAME else f"…{name[1 - NAME :]}")
