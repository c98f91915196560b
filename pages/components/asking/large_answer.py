"""One photo, large: the answer with all its probabilities, and what the model looked at."""

import streamlit as st

from core.photos.decoding import PhotoError, open_photo
from core.runs.predictor import Prediction
from core.runs.run import Run
from pages.components.asking import feedback_controls as feedback
from pages.components.asking.answer_words import show_words
from pages.components.asking.answered import AnsweredPhoto
from pages.components.pictures import heat_map
from pages.components.pictures.previous_next import show_way
from pages.components.shared import charts, current
from pages.components.shared.markdown import plain

WIDEST, HIGHEST = 900, 640  # pixels of the picture in its window
BESIDE = 480  # pixels of the picture beside its answer on the page
MOST_CLASSES = 20  # bars that can still be read


def show(key: str, run: Run | None, photos: list[AnsweredPhoto], position: int, threshold: float) -> None:
    """Open a photo over the page, with a way to the one before and the one after.

    Args:
        key: Of the position, which moves while the window is open.
        run: That answered, None when it is gone.
        photos: All that one can go through.
        position: In `photos`, from 0.
        threshold: In-distribution score, 0..1, up to which an answer counts as not sure.
    """
    shown = [photo for photo in photos if photo.thumbnail]
    st.session_state[f"{key}_at"] = shown.index(photos[position])
    st.dialog("One photo", width="large")(_show)(key, run, shown, threshold)


def _show(key: str, run: Run | None, photos: list[AnsweredPhoto], threshold: float) -> None:
    at = min(st.session_state[f"{key}_at"], len(photos) - 1)
    show_way(key, at, len(photos))
    show_answer(f"{key}_large", run, photos[at], threshold, (WIDEST, HIGHEST))


def show_answer(
    key: str, run: Run | None, photo: AnsweredPhoto, threshold: float, size: tuple[int, int] = (BESIDE, BESIDE)
) -> None:
    """A photo beside what the run says, and when asked for, what it looked at.

    Args:
        key: Of the place; each photo in it has its own.
        run: That answered; None when it is gone.
        photo: With its answer; one that can't be used says why.
        threshold: In-distribution score, 0..1, up to which an answer counts as not sure.
        size: The largest width and height of the picture in pixels.
    """
    key = f"{key}_{photo.id}"
    picture, words = st.columns([3, 2] if size == (WIDEST, HIGHEST) else [1, 2], vertical_alignment="center")
    if not isinstance(photo.answer, Prediction):
        words.warning(f"{plain(photo.name)} can't be used: {photo.answer}.", icon=":material/warning:")
        return
    source = photo.source if isinstance(photo.source, bytes) or photo.source.is_file() else photo.thumbnail or b""
    try:
        image = open_photo(source, draft_size=max(size))
    except PhotoError:
        picture.markdown(":material/broken_image: The file can't be opened any more.")
        image = None
    with picture:
        if image:
            image.thumbnail(size)
            st.image(image, caption=plain(photo.name))
    with words:
        show_words(photo.answer, threshold)
        charts.show_probabilities(f"{key}_chart", photo.answer.probabilities, MOST_CLASSES)
        looked = run and image and st.toggle("What it looked at", key=f"{key}_looked")
        project = current.project()
        if run and project:
            feedback.show(f"{key}_feedback", project, run, photo.name, photo.source, photo.answer)
    if looked:
        heat_map.show(f"{key}_speaks", run, source, image, photo.answer.label)
