"""A place to paste a picture from the clipboard."""

import base64
import binascii
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v1 import declare_component  # what v2 leaves in the session can't be pickled

from pages.components.try_it import kept_photos as try_kept

MOST_BYTES = 20_000_000  # of a picture: a screenshot of the largest screens


@cache
def _component() -> Any:
    return declare_component("espalier_paste", path=Path(__file__).with_name("browser") / "paste")


def show(key: str) -> None:
    """The place; what is pasted joins the photos that the page keeps."""
    taken = st.session_state.get(f"{key}_taken", 0)
    pasted = _component()(key=key, most_bytes=MOST_BYTES, taken=taken)
    if pasted and pasted.get("number", 0) > taken:
        st.session_state[f"{key}_taken"] = pasted["number"]
        if not _take(pasted):
            st.session_state[f"{key}_refused"] = True
        st.rerun()
    if st.session_state.pop(f"{key}_refused", False):
        st.warning("This picture can't be taken from the clipboard. Drop its file under Photos.")


def _take(picture: dict[str, Any]) -> bool:
    """Keep a pasted picture, if it is one: what comes from the browser is looked at first."""
    try:
        data = base64.b64decode(str(picture["data"])[: 2 * MOST_BYTES], validate=True)
    except (KeyError, binascii.Error):
        return False
    if data and len(data) <= MOST_BYTES:
        number = picture["number"]
        try_kept.keep(f"pasted_{number}", f"pasted {number}.png", data)
        return True
    return False
