"""Names in texts that Streamlit reads as Markdown."""

import re


def plain(text: str) -> str:
    """A file or class name as Markdown that shows it as it is."""
    return re.sub(r"([\\`*_{}\[\]#|~:$<>&])", r"\\\1", text)
