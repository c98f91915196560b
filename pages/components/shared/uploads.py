"""Uploads on their way to disk, and out of the memory once they are there; and what our own components send."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.runtime import exists, get_instance  # private, as the next line: nothing public forgets an upload
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.typing import UploadedFile

from core.base.errors import InputError
from core.base.files import disk_errors_in_words, write_bytes
from core.base.words import counted
from core.photos.decoding import SUFFIXES
from core.projects.imports import MAX_UPLOAD_FILES
from core.sources.archives import keep_upload
from pages.components.shared.markdown import plain

TYPES = sorted(suffix.removeprefix(".") for suffix in SUFFIXES)  # of photos, as an uploader names them


def fresh(key: str) -> str:
    """A key that changes with each `forget`: the uploader is empty again, and what it held leaves the memory."""
    return f"{key}_{st.session_state.get(key, 0)}"


def forget(key: str, uploads: Sequence[UploadedFile]) -> None:
    """Free the memory that the server holds for these uploads, and empty the uploader whose key is `fresh(key)`.

    Streamlit keeps an uploaded file in the web process as long as the tab is open, also after its widget is gone.
    """
    st.session_state[key] = st.session_state.get(key, 0) + 1
    context = get_script_run_ctx()
    if exists() and context:
        for upload in uploads:
            get_instance().uploaded_file_mgr.remove_file(context.session_id, upload.file_id)


def choose_path(key: str, label: str, button: str, what: str, placeholder: str, about: str = "") -> Path | None:
    """The path of what is there, typed into a box and confirmed with the button; `about` stands above.

    `what` may lie there, for the error: "zip" for one file, else several kinds.
    """
    with st.form(key, border=False):
        if about:
            st.caption(about)
        typed = st.text_input(label, placeholder=placeholder)
        if not st.form_submit_button(button) or not typed.strip():
            return None
        path = Path(typed.strip()).expanduser()
        if path.is_file() if what == "zip" else path.exists():
            return path
        st.error(f"There is no {what} called {plain(str(path))} on this computer.", icon=":material/error:")
        return None


def refuse_too_many(uploads: Sequence[UploadedFile]) -> None:
    """Raise InputError, which says what to do instead, for more files than one upload may hold."""
    if len(uploads) > MAX_UPLOAD_FILES:
        raise InputError(
            f"{counted(len(uploads), 'file')} are too many for one upload. "
            "Give the folder's path under “On this computer” instead."
        )


def store(key: str, upload: UploadedFile, target: Path, doing: str) -> None:
    """Write one upload whole to `target` and forget it; `doing` is for the error when the disk is full."""
    with disk_errors_in_words(doing):
        write_bytes(target, upload.getbuffer())
    forget(key, [upload])


def receive(key: str, uploads: Sequence[UploadedFile], incoming: Path) -> dict[str, str]:
    """Write uploads to disk and forget them: the names they came with, by the names they are stored under."""
    names = dict(keep_upload(incoming, i, upload.name, upload.getbuffer()) for i, upload in enumerate(uploads))
    forget(key, uploads)
    return names


def decoded(message: Any, field: str, most: int) -> bytes:
    """The bytes of a picture that a component of ours sends in base64, b"" where there are none.

    What is longer than `most` bytes is cut off somewhere behind that.
    """
    try:
        return base64.b64decode(str(message[field])[: 2 * most], validate=True)
    except (KeyError, TypeError, ValueError):
        return b""
