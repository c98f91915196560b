"""Is this still what it is called? Each option at its strongest, asked of the user, who alone knows.

A "no" switches the option off and is kept, until it is taken back.
"""

import streamlit as st

from core.photos.augmentation import OPTIONS, Augmentation
from core.photos.views import at_most, vary
from core.projects import augmentation_answers as augment_answers
from core.projects.augmentation_answers import Answer
from core.projects.project import Photo, Project
from pages.components.augmentation import options as augment_options
from pages.components.augmentation import preview as augment_preview
from pages.components.shared.markdown import plain

CARD = 2 * augment_preview.CELL + 50  # pixels: two pictures, the gap between them and the card's edges


def show(key: str, options_key: str, project: Project, photos: list[Photo], augmentation: Augmentation) -> None:
    """A question for each option that is on.

    Args:
        key: Of the buttons.
        options_key: That of the sliders, which a "no" moves.
        project: Where answers are kept.
        photos: Those to ask about, in this order.
        augmentation: What is on.
    """
    said = augment_answers.answers(project)
    with st.container(horizontal=True, gap="small"):
        for name, strength in augmentation.strengths().items():
            with st.container(border=True, width=CARD, key=f"{key}_{name}"):
                at = st.session_state.get(f"{key}_{name}_at", list(OPTIONS).index(name))
                photo = augment_preview.turned_to(photos, at)[0]
                _ask(f"{key}_{name}", options_key, project, photo, (name, strength))
                yes = {answer.label for answer in said if answer.option == name and answer.strength >= strength}
                if yes:
                    st.caption(f":material/check: You said yes for {plain(', '.join(sorted(yes)))}.")


def show_rejected(key: str, options_key: str, project: Project) -> None:
    """What the user said no to, each with the way to take it back."""
    for name, answer in augment_answers.rejected(project).items():
        with st.container(horizontal=True, vertical_alignment="center", key=f"{key}_no_{name}"):
            st.markdown(f":material/block: {in_words(answer)}", width="content")
            st.button(
                "Take it back",
                type="tertiary",
                key=f"{key}_back_{name}",
                on_click=_take_back,
                args=(options_key, project, answer),
            )


def in_words(answer: Answer) -> str:
    """What a "no" means."""
    words = OPTIONS[answer.option].in_words(answer.strength)
    return f"You said: {words}, it is no longer **{plain(answer.label)}**. So this stays off."


def _ask(key: str, options_key: str, project: Project, photo: Photo, asked: tuple[str, float]) -> None:
    """One photo at an option's strongest, and the buttons."""
    name, strength = asked
    words = OPTIONS[name].in_words(strength)
    st.markdown(f"**{words[0].upper()}{words[1:]}**")
    pixels = augment_preview.pixels_of(project, photo)
    alone = Augmentation(**{name: bool(strength) if not OPTIONS[name].unit else strength})
    with st.container(horizontal=True, gap="small"):
        for variation in at_most(alone):
            augment_preview.picture(photo, vary(pixels, variation))
    st.markdown(f"Is this still **{plain(photo.label)}**?")
    answered = (key, options_key, project, photo, asked)
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Yes", key=f"{key}_yes", on_click=_answer, args=(*answered, True))
        st.button("No", key=f"{key}_no", on_click=_answer, args=(*answered, False))
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
