"""The seam to the disk: here alone files are put in place, moved, removed and made to last.

What was written stays in the computer's memory for up to half a minute before it is on the disk, and a power cut takes
it: the name is there then, and the file is empty. So what is called finished is synced first, the file before its
name and the name before whatever tells of it. (T. S. Pillai et al., "All File Systems Are Not Created Equal", 2014.)

Tests put faults in front of these functions, so they are called by the module's name: `disk.replace(...)`.
"""

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.base.threads import in_threads

try:
    import fcntl
except ImportError:  # on Windows, which refuses to remove what somebody has open
    fcntl = None

SYNCING_THREADS = 8  # they wait for the disk, not for a processor


def write(path: Path, data: bytes) -> None:
    """Write a file; it is not synced, and others see it half written: `files.write_bytes` is whole and on disk."""
    path.write_bytes(data)


def append(path: Path, data: bytes) -> None:
    """Write more at a file's end, made when missing, and sync it."""
    is_new = not path.exists()
    with path.open("ab") as file:
        file.write(data)
        file.flush()
        _sync(file.fileno())
    if is_new:
        sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Return when what the file holds is on the disk."""
    handle = os.open(path, os.O_RDWR | getattr(os, "O_BINARY", 0))  # Windows syncs only what it may write
    try:
        _sync(handle)
    finally:
        os.close(handle)


def sync_files(paths: Iterable[Path]) -> None:
    """As `sync_file` for many, and then their folders."""
    paths = list(paths)
    for _ in in_threads(sync_file, paths, SYNCING_THREADS):
        pass
    for folder in {path.parent for path in paths}:
        sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder are on the disk; on Windows, which can't, they are written soon after."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _sync(handle)
    finally:
        os.close(handle)


def replace(source: Path, target: Path) -> None:
    """Move a file or folder to a place on the same disk, whose file is replaced, and sync both folders' names."""
    os.replace(source, target)
    sync_folder(target.parent)
    if source.parent != target.parent:
        sync_folder(source.parent)


def move(source: Path, target: Path) -> None:
    """As `replace` without the sync: for many at a time, whose folders are synced by `sync_files` afterwards."""
    os.replace(source, target)


def link(source: Path, target: Path) -> None:
    """Give a file a second name on the same disk; OSError where the disk can't, or the name is taken. Not synced."""
    os.link(source, target)


def remove(path: Path) -> None:
    """Remove a file that may be there."""
    path.unlink(missing_ok=True)


def remove_folder(folder: Path) -> None:
    """Remove a folder with all that is in it, as far as it can be removed."""
    shutil.rmtree(folder, ignore_errors=True)


def _sync(handle: int) -> None:
    """On a Mac `fsync` hands the data to the drive, which may keep it in its own memory."""
    if sys.platform == "darwin":
        fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
    else:
        os.fsync(handle)


@contextmanager
def using(folder: Path) -> Iterator[None]:
    """Keep others from clearing away what is half made in a folder until the block ends: they ask `alone_in`.

    Any number of processes and threads may use one at a time; the system forgets each however it ends. Nothing is kept
    where there is no such folder, or where it can't be locked (Windows, some network disks).
    """
    handle = _open_folder(folder)
    try:
        if handle is not None:
            with suppress(OSError):
                fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        if handle is not None:
            os.close(handle)


@contextmanager
def alone_in(folder: Path, unless_known: bool) -> Iterator[bool]:
    """Whether nobody is `using` a folder; nobody begins to, but waits, until the block ends.

    Args:
        folder: Which.
        unless_known: What is said where the folder can't be locked.
    """
    handle = _open_folder(folder)
    try:
        yield unless_known if handle is None else _locked(handle, unless_known)
    finally:
        if handle is not None:
            os.close(handle)


def _open_folder(folder: Path) -> int | None:
    if fcntl is None:
        return None
    try:
        return os.open(folder, os.O_RDONLY)
    except OSError:
        return None


def _locked(handle: int, unless_known: bool) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return unless_known
    return True


def note_use(path: Path) -> None:
    """Note by a file's time that it was of use now, so that what was not goes first; where that can't be, nothing."""
    with suppress(OSError):
        os.utime(path)
