"""Uploaded files on disk: under numbered names, since a name that someone gave never becomes a path."""

from pathlib import Path, PurePosixPath

from core.base.files import disk_errors_in_words, write_bytes


def keep_upload(incoming: Path, number: int, name: str, data: bytes) -> tuple[str, str]:
    """Write one uploaded file to disk.

    Args:
        incoming: The folder to write to.
        number: No other file there has it.
        name: What it is called.
        data: Its bytes.

    Returns:
        The name it is stored under and the name it came with.

    Raises:
        StorageError: The disk is full or can't be written.
    """
    stored = f"{number:06d}{PurePosixPath(name).suffix.lower()[:6]}"
    with disk_errors_in_words("receiving the photos"):
        write_bytes(incoming / stored, data)
    return stored, name
