"""The seam to the disk: here alone files are put in place, moved, removed and made to last.

What was written stays in the computer's memory for up to half a minute before it is on the disk, and a power cut takes
it: the name is there then, and the file is empty. So what is called finished is synced first, the file before its
name and the name before whatever tells of it. (T. S. Pillai et al., "All File Systems Are Not Created Equal", 2014.)

Tests put faults in front of these functions, so they are called by the module's name: `disk.replace(...)`.
"""

import os
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from core.base.threads import in_threads

SYNCING_THREADS = 8  # they wait for the disk, not for a processor


def write(path: Path, data: bytes) -> None:
    """Write a file; it is not synced, and others see it half written: `files.write_bytes` is whole and on disk."""
    path.write_bytes(data)


def write_pieces(path: Path, pieces: Iterable[bytes]) -> None:
    """As `write`, piece after piece, into a file that is not there yet."""
    with path.open("xb") as file:
        for piece in pieces:
            file.write(piece)


def copy(source: Path, target: Path) -> None:
    """Write the same bytes with the same time of change to another place; the source is only read. Not synced."""
    shutil.copyfile(source, target)
    read = os.stat(source)
    os.utime(target, ns=(read.st_atime_ns, read.st_mtime_ns))


def append(path: Path, data: bytes) -> None:
    """Write more at a file's end, made when missing, and sync it."""
    with path.open("ab") as file:
        if not file.tell():  # new, or left so by a kill
            sync_folder(path.parent)
        file.write(data)
    sync_file(path)


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
    for _ in in_threads(sync_folder, {path.parent for path in paths}, SYNCING_THREADS):
        pass


def sync_tree(folder: Path) -> None:
    """As `sync_file` for all that lies in a folder, however deep, with all names and the folder's own."""
    folders, files = [folder.parent], []
    for place, _, names in os.walk(folder):
        folders.append(Path(place))
        files += [path for name in names if not (path := Path(place, name)).is_symlink()]
    sync_files(files)
    for each in {*folders} - {path.parent for path in files}:
        sync_folder(each)


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder are on the disk; on Windows, which can't, they are written soon after."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        _sync(handle)
    finally:
        os.close(handle)


def make_folder(folder: Path) -> None:
    """Make a folder, unless it is there, with those around it, and sync the names of what was made."""
    made = []
    for each in (folder, *folder.parents):
        if each.is_dir():
            break
        made.append(each)
    folder.mkdir(parents=True, exist_ok=True)
    for each in made:
        sync_folder(each.parent)


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


def remove_whole_folder(folder: Path) -> None:
    """As `remove_folder`; OSError where something can't be removed."""
    shutil.rmtree(folder)


def remove_empty(folder: Path) -> None:
    """Remove a folder in which nothing is; OSError where there is something."""
    folder.rmdir()


def _sync(handle: int) -> None:
    """On a Mac `fsync` hands the data to the drive, which may keep it in its own memory."""
    if sys.platform == "darwin":
        import fcntl

        fcntl.fcntl(handle, fcntl.F_FULLFSYNC)
    else:
        os.fsync(handle)
