"""Small texts beside photos, which may tell their classes: tables, and lists of names."""

from collections.abc import Callable
from pathlib import PurePosixPath

from core.sources.layouts import Incoming

SUFFIXES = frozenset((".csv", ".tsv", ".txt", ".json", ".names"))
MAX_BYTES = 50_000_000  # a million rows


def may_tell_classes(name: str, n_bytes: int) -> bool:
    """Whether a file is called like a table or a list of names, and is small enough to be read whole."""
    return PurePosixPath(name).suffix.lower() in SUFFIXES and n_bytes <= MAX_BYTES


def text_reader(files: list[Incoming]) -> Callable[[str], str]:
    """A function that gives the text of one of these files by its name, "" where it can't be read as text."""
    places = {file.name: file.path for file in files}

    def text_of(name: str) -> str:
        path = places.get(name)
        try:
            return decoded(path.read_bytes()) if path and may_tell_classes(name, path.stat().st_size) else ""
        except OSError:
            return ""

    return text_of


def decoded(data: bytes) -> str:
    """Text in UTF-8, in UTF-16 where it begins so, else as Windows writes it in Western Europe; "" for what is none."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    if b"\0" in data[:1000]:
        return ""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")
