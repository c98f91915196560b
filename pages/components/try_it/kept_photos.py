"""Photos that were taken or pasted on the page, kept until they are let go of or the tab is closed."""

import streamlit as st

from core.base.words import counted
from pages.components.asking.answered import NewPhoto

KEPT = "try_kept"
MOST, MOST_BYTES = 30, 100_000_000  # the oldest go first


def keep(photo_id: str, name: str, data: bytes) -> None:
    """Add a photo, once."""
    kept: list[NewPhoto] = st.session_state.get(KEPT, [])
    if any(photo.id == photo_id for photo in kept):
        return
    kept = [*kept, NewPhoto(photo_id, name, data)][-MOST:]
    while len(kept) > 1 and sum(len(photo.data) for photo in kept) > MOST_BYTES:
        kept = kept[1:]
    st.session_state[KEPT] = kept


def show(key: str) -> list[NewPhoto]:
    """What is kept, newest first, with a button that lets go of it."""
    kept: list[NewPhoto] = st.session_state.get(KEPT, [])
    if kept and st.button(f"Let go of {counted(len(kept), 'photo')} taken or pasted", key=f"{key}_let_go"):
        st.session_state[KEPT] = kept = []
    return kept[::-1]
