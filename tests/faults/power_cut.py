"""What is left on a disk after a power cut: what was synced, and of the rest what the disk happens to have.

A file's content is on the disk since `sync_file`, a folder's names since `sync_folder`. Whatever came later may be
there or not, so a cut is imitated in three ways (LOST, EMPTY, HALF). SQLite's own files and locks are left as they are:
SQLite syncs by itself, and is tested so by its makers.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

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
        if name in ("sync_file", "append") and not _left_alone(path):
            self._sync_file(path)
        if name == "sync_folder":
            self._sync_folder(path)

    def _sync_file(self, file: Path) -> None:
        self._content[self._hold(file)] = (file.stat().st_size, _digest(file.read_bytes()))

    def _sync_folder(self, folder: Path) -> None:
        names = {child.name: self._hold(child) for child in folder.iterdir() if not _left_alone(child)}
        self._forget_old_names(set(names.values()) - set(self._names[self._hold(folder)].values()))
        self._names[self._hold(folder)] = names
        while folder != self._home:  # a journal holds the folder's own name too (ext4, xfs, btrfs, NTFS)
            self._names.setdefault(self._hold(folder.parent), {})[folder.name] = self._hold(folder)
            folder = folder.parent

    def _forget_old_names(self, came: set[int]) -> None:
        """What came from another folder has left that one: a journal holds a move as one step, never as half of it."""
        for folder, names in self._names.items():
            for name, inode in list(names.items()):
                if inode in came and _inode(name, self._open[folder]) != inode:
                    del names[name]

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
        path.write_text(json.dumps({"content": self._content, "names": self._names}))


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
        _build_again(home, {int(inode): names for inode, names in known["names"].items()}, held)
    for file in [path for path in home.rglob("*") if path.is_file() and not _left_alone(path)]:
        size, digest = known["content"].get(str(file.stat().st_ino), (0, _digest(b"")))
        data = file.read_bytes()
        kept = size if _digest(data[:size]) == digest else 0  # what was appended later is not on the disk
        if way == HALF:
            kept += (len(data) - kept) // 2
        if kept < len(data):
            times = file.stat()
            with file.open("rb+") as opened:  # in place: links to it, under other names, are the same file
                opened.truncate(kept)
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))


def _build_again(home: Path, names: dict[int, dict[str, int]], held: Path) -> None:
    """Give all files and folders the names that were synced."""
    alone = {(folder.stat().st_ino, file.name): file for folder, file in _files_left_alone(home)}
    new = home.with_name(f"{home.name} after the cut")

    def build(inode: int, folder: Path) -> None:
        folder.mkdir()
        for name, child in names[inode].items():
            if child in names:
                build(child, folder / name)
            else:
                os.link(held / str(child), folder / name)
        for (parent, name), file in alone.items():
            if parent == inode:
                file.rename(folder / name)

    build(home.stat().st_ino, new)
    shutil.rmtree(home)
    new.rename(home)


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
