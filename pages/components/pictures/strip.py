"""Small pictures in rows that wrap."""

from pathlib import Path

import streamlit as st


def show(pictures: list[tuple[Path, str]], width: int = 132) -> None:
    """Show pictures with captions.

    Args:
        pictures: File and caption ("" = none); a file that is missing is passed over.
        width: Of each picture in pixels.
    """
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        for path, caption in pictures:
            if path.exists():
                st.image(str(path), caption=caption or None, width=width)
