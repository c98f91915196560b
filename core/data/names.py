"""Names that every file system takes."""

import re
import unicodedata
from pathlib import PurePosixPath

MAX_LENGTH = 80
RESERVED = frozenset(["con", "prn", "aux", "nul", *(f"{d}{i}" for d in ("com", "lpt") for i in range(10))])


def safe_name(name: str) -> str:
    """A file or folder name close to `name`: no separators, control characters or names that Windows reserves."""
    name = unicodedata.normalize("NFC", name)
    name = re.sub(r'[<>:"/\\|?*\x00-\x1f\x7f]', "_", name).strip(". ")
    name = name.encode("utf-8", "replace").decode("utf-8")[:MAX_LENGTH].strip(". ")
    if not name or name.split(".")[0].lower() in RESERVED:
        name = f"_{name}"
    return name


def free_name(wanted: str, taken: set[str]) -> str:
    """`wanted`, or with a number before its suffix when it is taken; compared without case, as Windows does.

    Args:
        wanted: A safe name.
        taken: Names in use, in lower case.
    """
    path = PurePosixPath(wanted)
    name, number = wanted, 2
    while name.lower() in taken:
        name = f"{path.stem} {number}{path.suffix}"
        number += 1
    return name
