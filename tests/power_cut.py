"""What is left on a disk after a power cut: what was synced, and of the rest what the disk happens to have.

A file's content is on the disk since `sync_file`, a folder's names since `sync_folder`. Whatever came later may be
there or not, so a cut is imitated in three ways (LOST, EMPTY, HALF). SQLite's own files and locks are left as they are:
SQLite syncs by itself, and is tested so by its makers.
"""

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from core.base import disk

LOST = "names lost"  # names that were not synced are as they were before; content that was not synced is gone
EMPTY = "content empty"  # all names are there; of content that was not synced there is nothing
HALF = "content half"  # all names are there; of content that was not synced there is half
WAYS = (LOST, EMPTY, HALF)
LEFT_ALONE = (".db", ".db-wal", ".db-shm", ".db-journal", ".lock")


class Memory:
    """Notes what is on the disk for good while a process works.

    Files and folders are known by their inode, so that they keep what is noted of them under another name. `held` keeps
    a hard link to each, so that one that was replaced can come back.

    Args:
        home: The folder that it is about; all that is in it now is on the disk.
        held: A folder for the links, on the same disk.
    """

    def __init__(self, home: Path, held: Path) -> None:
        self._home, self._held = home, held
        self._content: dict[int, tuple[int, str]] = {}  # bytes and digest, by inode
        self._names: dict[int, dict[str, int]] = {}  # inode by name, by the folder's inode
        self._open: dict[int, int] = {}  # by inode; kept open, the number of a removed folder goes to no other
        self._lock = threading.Lock()  # core syncs in threads
        held.mkdir()
        for folder in [home, *(path for path in home.rglob("*") if path.is_dir())]:
            for file in folder.iterdir():
                if file.is_file() and not _left_alone(file):
                    self._sync_file(file)
            self._sync_folder(folder)

    def note(self, name: str, *arguments: object) -> None:
        """An operation of `core.base.disk` was done."""
        path = arguments[0]
        if not isinstance(path, Path) or not path.is_relative_to(self._home):
            return
        with self._lock:
            if name in ("sync_file", "append") and not _left_alone(path):
                self._sync_file(path)
            if name == "sync_folder":
                self._sync_folder(path)

    def _sync_file(self, file: Path) -> None:
        self._content[self._hold(file)] = (file.stat().st_size, _digest(file.read_bytes()))

    def _sync_folder(self, folder: Path) -> None:
        names = {child.name: self._hold(child) for child in folder.iterdir() if not _left_alone(child)}
        known, now = set(self._names[self._hold(folder)].values()), set(names.values())
        self._forget_old_names(now - known)
        self._names[self._hold(folder)] = names
        if known - now:
            self._follow(known - now)
        while folder != self._home:  # a journal holds the folder's own name too (ext4, xfs, btrfs, NTFS)
            self._names.setdefault(self._hold(folder.parent), {})[folder.name] = self._hold(folder)
            folder = folder.parent

    def _forget_old_names(self, came: set[int]) -> None:
        """What came from another folder has left that one: a journal holds a move as one step, never as half of it."""
        for folder, names in self._names.items():
            for name, inode in list(names.items()):
                if inode in came and _inode(name, self._open[folder]) != inode:
                    del names[name]

    def _follow(self, left: set[int]) -> None:
        """What has left for another folder has come there, as one step too."""
        for folder, handle in self._open.items():
            self._names[folder] |= {each.name: each.inode() for each in os.scandir(handle) if each.inode() in left}

    def _hold(self, path: Path) -> int:
        inode = path.stat().st_ino
        link = self._held / str(inode)
        if path.is_dir():
            if inode not in self._names:
                self._names[inode] = {}
                self._open[inode] = os.open(path, os.O_RDONLY)
        elif not link.exists():
            os.link(path, link)
        return inode

    def keep(self, path: Path) -> None:
        """Write down what is on the disk, for `cut_power` once the process is gone."""
        with self._lock:
            path.write_text(json.dumps({"content": self._content, "names": self._names}))

    def left(self, target: Path) -> Path:
        """Write into a new folder what a power cut now would leave, in the way LOST; the home goes on as it is."""

        def copy(inode: int, place: Path) -> None:
            data = (self._held / str(inode)).read_bytes()
            place.write_bytes(data[: _kept(data, *self._content.get(inode, NOTHING))])

        with self._lock:
            _build(self._home, self._names, target, copy, shutil.copyfile)
        return target

    def close(self) -> None:
        """Let go of what it holds."""
        while self._open:
            os.close(self._open.popitem()[1])


def remembered(home: Path, held: Path, monkeypatch: Any) -> Memory:
    """A memory of what this process syncs in a workspace from now on; the other arguments as of `Memory`."""
    memory = Memory(home, held)

    def noting(name: str) -> Callable[[Path], None]:
        real = getattr(disk, name)

        def sync(path: Path) -> None:
            real(path)
            memory.note(name, path)

        return sync

    for name in ("sync_file", "sync_folder"):  # all others call these
        monkeypatch.setattr(disk, name, noting(name))
    return memory


def cut_power(home: Path, memory: Path, held: Path, way: str) -> None:
    """Leave in a workspace what a power cut would have left; nobody works in it any more.

    Args:
        home: The workspace.
        memory: What `Memory.keep` wrote.
        held: The links of that memory.
        way: One of WAYS.
    """
    known = json.loads(memory.read_text())
    if way == LOST:
        names = {int(inode): children for inode, children in known["names"].items()}
        new = home.with_name(f"{home.name} after the cut")
        _build(home, names, new, lambda inode, place: os.link(held / str(inode), place), os.rename)
        shutil.rmtree(home)
        new.rename(home)
    for file in [path for path in home.rglob("*") if path.is_file() and not _left_alone(path)]:
        data = file.read_bytes()
        kept = _kept(data, *known["content"].get(str(file.stat().st_ino), NOTHING))
        if way == HALF:
            kept += (len(data) - kept) // 2
        if kept < len(data):
            times = file.stat()
            with file.open("rb+") as opened:  # in place: links to it, under other names, are the same file
                opened.truncate(kept)
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def _kept(data: bytes, size: int, digest: str) -> int:
    """How many bytes of a file are on the disk: what was appended later, or changed, is not."""
    return size if _digest(data[:size]) == digest else 0


def _build(
    home: Path,
    names: dict[int, dict[str, int]],
    new: Path,
    put: Callable[[int, Path], None],
    put_left_alone: Callable[[Path, Path], object],
) -> None:
    """Give all files and folders the names that were synced, in a new folder.

    Args:
        home: The workspace.
        names: Inode by name, by the folder's inode.
        new: The folder.
        put: Puts the file of an inode in its place.
        put_left_alone: The same of a file that is left alone.
    """
    alone = {(folder.stat().st_ino, file.name): file for folder, file in _files_left_alone(home)}

    def build(inode: int, folder: Path) -> None:
        folder.mkdir()
        for name, child in names[inode].items():
            if child in names:
                build(child, folder / name)
            else:
                put(child, folder / name)
        for (parent, name), file in alone.items():
            if parent == inode:
                put_left_alone(file, folder / name)

    build(home.stat().st_ino, new)


def _files_left_alone(home: Path) -> Iterator[tuple[Path, Path]]:
    for path in home.rglob("*"):
        if path.is_file() and _left_alone(path):
            yield path.parent, path


def _inode(name: str, folder: int) -> int:
    """Of a file in an open folder; 0 where there is none."""
    try:
        return os.stat(name, dir_fd=folder).st_ino
    except FileNotFoundError:
        return 0


def _left_alone(path: Path) -> bool:
    return path.name.endswith(LEFT_ALONE)


def _digest(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=16).hexdigest()


NOTHING = (0, _digest(b""))  # what is on the disk of a file that was never synced
