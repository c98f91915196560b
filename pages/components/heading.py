"""The head of a page, and errors in words."""

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from core.records.errors import EspalierError


def show(title: str, purpose: str) -> None:
    """The page's title and one sentence on what it is for."""
    st.title(title)
    st.markdown(purpose)


@contextmanager
def errors_in_words() -> Iterator[None]:
    """Show an error that was written for the user; any other is a bug and stays one."""
    try:
        yield
    except EspalierError as error:
        st.error(str(error), icon=":material/error:")
