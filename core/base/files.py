"""Whole files appear at once or not at all, and are on disk then: written beside the target, synced, put in place."""

import errno
import hashlib
import json
import os
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from core.base import disk
from core.base.errors import InputError, StorageError
from core.base.names import free_name
from core.base.threads import in_threads

NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
NOT_WRITABLE = (errno.EROFS, errno.EACCES, errno.EPERM)
FAILING = (errno.EIO, errno.ENXIO, errno.ENODEV, errno.ESTALE)  # also of a disk that was unplugged, or a share gone
DISK_ERRORS = NO_ROOM + NOT_WRITABLE + FAILING
CHECKSUM = "checksum"  # the key of a JSON object
BLOCK = 1 << 16  # bytes that are compared at a time
WRITING = ".writing-"  # begins the names of files that are not whole yet


@contextmanager
def disk_errors_in_words(doing: str) -> Iterator[None]:
    """Turn what a full, protected or failing disk says into a StorageError that says what was being done.

    Args:
        doing: What failed, to follow "while", such as "saving the model".
    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StorageError(
                f"The disk is full: it ran out of space while {doing}. Everything saved before is still there. "
                "Free some space and try again."
            ) from error
        if error.errno in NOT_WRITABLE:
            raise StorageError(
                f"This place can't be written to (while {doing}). Check the permissions of the folder "
                "or choose another with ESPALIER_HOME."
            ) from error
        if error.errno in FAILING:
            raise StorageError(
                f"The disk failed while {doing}. Everything saved before is still there. Check that the disk is "
                "connected and try again. If that fails too, copy your photos to another disk soon."
            ) from error
        raise


@contextmanager
def appearing_whole(target: Path) -> Iterator[Path]:
    """Yield a path beside `target` to write to; it becomes `target`, on disk, when the block ends without error.

    The path keeps the target's suffix, since some writers choose their format by it.
    """
    disk.make_folder(target.parent)
    with disk.using(target.parent):  # what lies there while nobody does is a leftover
        handle, name = tempfile.mkstemp(prefix=WRITING, suffix=target.suffix, dir=target.parent)
        os.close(handle)
        beside = Path(name)
        try:
            yield beside
            disk.sync_file(beside)
            disk.replace(beside, target)
        finally:
            disk.remove(beside)


def write_bytes(target: Path, data: bytes) -> None:
    """Write `data` to `target` so that a reader, and a power cut, sees the old file or the whole new one."""
    with appearing_whole(target) as beside:
        disk.write(beside, data)


def copy(source: Path, target: Path) -> None:
    """Copy a file, whole or not at all, with its time of change; the copy is on disk then. The source is only read."""
    with appearing_whole(target) as beside:
        disk.copy(source, beside)


def write_json(target: Path, value: Any) -> None:
    """Write `value` as readable UTF-8 JSON, whole or not at all; what the app reads again is kept by `records.keep`."""
    write_bytes(target, json.dumps(value, indent=1, ensure_ascii=False).encode("utf-8"))


def with_checksum(value: dict[str, Any]) -> dict[str, Any]:
    """A JSON object with one more key, the last, by which `checked` knows whether it is still what it was."""
    return {**value, CHECKSUM: _checksum(value)}


def checked(value: Any) -> Any:
    """A JSON value without the checksum that it may have; what an older version wrote has none and is believed.

    Raises:
        json.JSONDecodeError: It is not what was written.
    """
    if not isinstance(value, dict) or CHECKSUM not in value:
        return value
    rest = {name: each for name, each in value.items() if name != CHECKSUM}
    if value[CHECKSUM] != _checksum(rest):
        raise json.JSONDecodeError("it has changed since it was written", "", 0)
    return rest


def _checksum(value: dict[str, Any]) -> str:
    """64 bits: a disk turns bits by chance. Numbers and texts are spelled alike before they are written and after."""
    return hashlib.sha256(json.dumps(value).encode("ascii")).hexdigest()[:16]


def zip_entry(name: str) -> zipfile.ZipInfo:
    """An entry of a zip, dated now; a zip knows the years 1980 to 2107, and a clock may be anywhere."""
    now = time.localtime()[:6]
    return zipfile.ZipInfo(name, now if 1980 <= now[0] <= 2107 else (1980, 1, 1, 0, 0, 0))


def move_into(folder: Path, source: Path) -> Path:
    """Move a folder below another on the same disk, with a number after its name when that is taken: its new place."""
    disk.make_folder(folder)
    target = folder / free_name(source.name, {child.name.lower() for child in folder.iterdir()})
    disk.replace(source, target)
    return target


def holds_something(path: Path) -> bool:
    """Whether a file is there and isn't empty, as a power cut may leave what was not synced."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False


def is_left_of(part: Path, whole: Path) -> bool:
    """Whether a file holds nothing but the beginning of another, and zeros after that, as a power cut leaves a copy.

    An empty one does, and an equal one; one that is no file, or can't be read, does not.
    """
    try:
        with part.open("rb") as left, whole.open("rb") as right:
            while data := left.read(BLOCK):
                came = right.read(len(data))
                if data != came:
                    pairs = enumerate(zip_longest(data, came))
                    rest = data[next(place for place, (one, other) in pairs if one != other) :]
                    return not any(more.strip(b"\0") for more in chain([rest], iter(partial(left.read, BLOCK), b"")))
    except OSError:
        return False
    return True


def read_json(path: Path) -> Any:
    """The value in a JSON file; FileNotFoundError without one, json.JSONDecodeError for damage of any kind."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise
    except (OSError, UnicodeDecodeError) as error:  # a protected file, a folder, a disk that fails; no text
        raise json.JSONDecodeError("can't be read", "", 0) from error
    return checked(value_of(text))


def value_of(text: str) -> Any:
    """The value of a JSON text, perhaps a stranger's; json.JSONDecodeError where it has none or nests too deep."""
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except (RecursionError, ValueError) as error:  # the latter of a number with thousands of digits
        raise json.JSONDecodeError("nested too deep, or a number too long", text, 0) from error


def file_sha256(path: Path) -> str:
    """The hex digest of a file's bytes: two files with the same are the same photo.

    Raises:
        InputError: The file can't be opened.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path.name} can't be opened. Check that it is still there and readable.") from error


def content_of(path: Path) -> str:
    """As `file_sha256`, "" where the file can't be opened."""
    try:
        return file_sha256(path)
    except InputError:
        return ""


def sha256_of_all(paths: list[Path]) -> list[str]:
    """The digests in the order of the paths, read in threads."""
    return list(in_threads(file_sha256, paths, threads=os.cpu_count() or 2))
