"""The ways to vary photos: a set for the kind of photos, and a slider for each option."""

import streamlit as st

from core.photos.augmentation import MOST_VIEWS, OPTIONS, RECOMMENDED, SHARE, VIEWS, Augmentation, Option

SETS = {each.key: each for each in RECOMMENDED}
TITLES = {each.key: each.title for each in RECOMMENDED}


def begin(key: str, start: Augmentation, off: set[str]) -> None:
    """Let the sliders stand at `start` when they are not there yet, and at nothing for options that are `off`."""
    for name in OPTIONS:
        at = f"{key}_{name}"
        if at not in st.session_state or name in off:
            put(key, name, 0 if name in off else getattr(start, name))
    st.session_state.setdefault(f"{key}_{VIEWS}", start.views)


def put(key: str, name: str, strength: float) -> None:
    """Move an option's slider; only before it is drawn."""
    option = OPTIONS[name]
    st.session_state[f"{key}_{name}"] = round(_per_step(option) * strength) if option.unit else bool(strength)


def choose_set(key: str, off: set[str]) -> None:
    """The recommended sets; choosing one moves the sliders."""
    now = read(key).strengths()
    alike = [each.key for each in RECOMMENDED if each.augmentation.without(off).strengths() == now]
    st.session_state[f"{key}_set"] = alike[0] if alike else None
    st.pills(
        "What do your photos show?",
        list(TITLES),
        format_func=TITLES.get,
        key=f"{key}_set",
        on_change=_apply,
        args=(key, off),
    )
    st.caption(
        SETS[alike[0]].why if alike else "Set by hand. Choose what your photos show to begin from its usual set."
    )


def show(key: str, off: set[str]) -> Augmentation:
    """A switch or slider for each option, as `begin` has set them; those that are `off` can't be switched on."""
    for name, option in OPTIONS.items():
        words = option.words.capitalize()
        if not option.unit:
            st.toggle(words, key=f"{key}_{name}", disabled=name in off)
        else:
            sign = "°" if option.unit == "°" else " %%"
            st.slider(
                f"{words} by up to",
                0,
                round(option.most * _per_step(option)),
                format=f"%d{sign}",
                key=f"{key}_{name}",
                disabled=name in off,
                help=f"The field's term: {option.term}.",
            )
    st.slider("Varied views of each photo", 1, MOST_VIEWS, key=f"{key}_{VIEWS}")
    return read(key)


def read(key: str) -> Augmentation:
    """What the sliders say."""
    said = {}
    for name, option in OPTIONS.items():
        value = st.session_state[f"{key}_{name}"]
        said[name] = value / _per_step(option) if option.unit else bool(value)
    return Augmentation(**said, views=int(st.session_state[f"{key}_{VIEWS}"]))


def _apply(key: str, off: set[str]) -> None:
    if chosen := st.session_state[f"{key}_set"]:
        for name in set(OPTIONS) - off:
            put(key, name, getattr(SETS[chosen].augmentation, name))


def _per_step(option: Option) -> int:
    """Steps of the slider per unit of strength: shares are shown in percent."""
    return 100 if option.unit == SHARE else 1
