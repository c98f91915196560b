"""What a file holds, as a number: two files with the same digest are the same photo."""

import hashlib
import os
from pathlib import Path

from core.base.errors import InputError
from core.base.threads import in_threads


def file_sha256(path: Path) -> str:
    """The hex digest of a file's bytes.

    Raises:
        InputError: The file can't be opened.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path.name} can't be opened. Check that it is still there and readable.") from error


def sha256_of_all(paths: list[Path]) -> list[str]:
    """The digests in the order of the paths, read in threads."""
    return list(in_threads(file_sha256, paths, threads=os.cpu_count() or 2))
