"""Names that every file system takes, and names that every text can hold."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from pathlib import PurePosixPath

NONE_OF_THESE = "none of these"
MAX_BYTES = 160  # file systems take 255; the rest is for numbers, the trash and names while writing
MAX_SUFFIX_BYTES = 10
FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f\x7f]')
NUMBER = re.compile(r"[+-]?\d+(?:[.,]\d+)?")
RESERVED = frozenset(["con", "prn", "aux", "nul", *(f"{d}{i}" for d in ("com", "lpt") for i in range(10))])


def safe_name(name: str) -> str:
    """A file or folder name close to `name`: no separators, control characters or names that Windows reserves."""
    name = unicodedata.normalize("NFC", name)
    name = FORBIDDEN.sub("_", name).strip(". ")
    name = name.encode("utf-8", "replace").decode("utf-8").replace("?", "_")
    if not name or name.split(".")[0].lower() in RESERVED:
        name = f"_{name}"
    return _shortened(name)


def _shortened(name: str) -> str:
    """At most MAX_BYTES in UTF-8; a suffix such as ".jpg" stays, since other tools know photos by it."""
    if len(name.encode()) <= MAX_BYTES:
        return name
    suffix = PurePosixPath(name).suffix
    if len(suffix.encode()) > MAX_SUFFIX_BYTES:
        suffix = ""
    start = name.removesuffix(suffix).encode()[: MAX_BYTES - len(suffix.encode())]
    return (start.decode("utf-8", "ignore") + suffix).strip(". ")


def readable_name(name: str) -> str:
    """A name as the file system gave it, in valid text: bytes that are no UTF-8 become "\N{REPLACEMENT CHARACTER}"."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def free_title(wanted: str, taken: set[str], suffix: str = "") -> str:
    """`wanted`, or with a number after it when it is among those taken, which are in lower case; then the suffix."""
    title, number = f"{wanted}{suffix}", 2
    while title.lower() in taken:
        title, number = f"{wanted} {number}{suffix}", number + 1
    return title


def told_apart(titles: dict[str, str]) -> dict[str, str]:
    """The titles, with a number after each that an earlier one has: a list knows its choice by its words alone."""
    found: dict[str, str] = {}
    for key, title in titles.items():
        found[key] = free_title(title, {other.lower() for other in found.values()})
    return found


def free_name(wanted: str, taken: set[str]) -> str:
    """As `free_title` for a safe name, its number before its suffix; compared without case, as Windows does."""
    path = PurePosixPath(wanted)
    return free_title(path.stem, taken, path.suffix)


def in_order(names: Iterable[str]) -> list[str]:
    """Names of classes, each once, as people list them: numbers by their value and first, the rest by the alphabet.

    A run's own order is that of its model's outputs, which stays as it was written.
    """
    return sorted(set(names), key=name_order)


def name_order(name: str) -> tuple:
    """What `in_order` sorts by: "2" before "10", "-5" before "0", "class 2" before "class 10"."""
    bare = name.strip()
    if NUMBER.fullmatch(bare):
        return 0, Decimal(bare.replace(",", ".")), name
    parts = re.split(r"(\d+)", name)  # text and digits in turn, so that two names compare like with like
    return 1, tuple(Decimal(part) if i % 2 else part for i, part in enumerate(parts)), name


def is_none_of_these(label: str) -> bool:
    """Whether a class holds what is none of the others; "None_of_these" and "none-of-these" do too."""
    return " ".join(label.casefold().replace("_", " ").replace("-", " ").split()) == NONE_OF_THESE
