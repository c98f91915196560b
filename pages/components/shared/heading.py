"""The head of a page, and errors in words."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any

import streamlit as st

from core.base.errors import EspalierError
from core.base.files import disk_errors_in_words
from core.projects.project import Project
from pages.components.shared import current, steps
from pages.components.shared.markdown import plain

NAVIGATED = "navigated"  # in the session once `streamlit_app.py` has shown the navigation


def set_up() -> None:
    """Say what the browser's tab shows, before any navigation: with an icon of ours.

    Else Streamlit takes the navigation's, which it fetches from a font server.
    """
    st.set_page_config(page_title="Espalier", page_icon=str(Path(__file__).with_name("icon.png")), layout="wide")


def show(title: str, purpose: str) -> None:
    """The page's title and one sentence on what it is for."""
    _leave_automatic_pages()
    st.title(title)
    st.markdown(purpose)


def show_page(title: str, purpose: str, key: str, show_all: Callable[[str, Project], None]) -> None:
    """A page of the current project: its head, and below it what `show_all` shows, given a key of the project's own."""
    show(title, purpose)
    project = current.project_or_stop()
    with errors_in_words():
        show_all(f"{key}_{project.id}", project)


def _leave_automatic_pages() -> None:
    """Run `streamlit_app.py` if Streamlit ran this page without it.

    Until `st.navigation` is called once in a process, Streamlit takes a folder called pages for its older automatic
    navigation. So a tab that comes back to a step after the server was started anew would lose its sidebar.
    """
    if NAVIGATED not in st.session_state:
        set_up()
        st.navigation(steps.pages(current.project()))
        st.rerun()


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Show an error that was written for the user, or of a full or protected disk; any other is a bug and stays one."""
    try:
        with disk_errors_in_words("doing this"):
            yield
    except EspalierError as error:
        st.error(plain(str(error)), icon=":material/error:")


def in_words(do: Callable[..., None]) -> Callable[..., None]:
    """The same, with errors in words: for what Streamlit calls by itself, a fragment's body or an answer to a click."""

    @wraps(do)
    def done(*given: Any, **named: Any) -> None:
        with errors_in_words():
            do(*given, **named)

    return done
