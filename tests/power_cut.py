"""What a power cut would leave of a folder: files with what they held when they were synced, under names that were.

Stands in front of `core.base.disk`, where alone files are synced. SQLite syncs its own, at each commit.
"""

import os
import threading
from pathlib import Path

from core.base import disk

OF_SQLITE = (".db", ".db-wal", ".db-shm")


class PowerCut:
    """Remembers what is on the disk of all that lies below `home`; at first that is all of it.

    Args:
        home: A folder.
        monkeypatch: Of the test.
    """

    def __init__(self, home: Path, monkeypatch) -> None:
        self._home = home
        self._lock = threading.Lock()
        self._bytes: dict[int, bytes] = {}  # by inode
        self._names: dict[int, dict[str, tuple[int, bool]]] = {}  # by folder's inode: inode, and whether it is a folder
        self._held: list[int] = []  # files, so that no other gets their inode
        for place, _, names in os.walk(home):
            self._note_folder(Path(place))
            for name in names:
                self._note_file(Path(place, name))
        for name, note in (("sync_file", self._note_file), ("sync_folder", self._note_folder)):
            monkeypatch.setattr(disk, name, self._noting(getattr(disk, name), note))

    @staticmethod
    def _noting(real, note):
        def sync(path: Path) -> None:
            real(path)
            note(path)

        return sync

    def _note_file(self, path: Path) -> None:
        held = os.open(path, os.O_RDONLY)
        with self._lock:
            self._held.append(held)
            self._bytes[os.fstat(held).st_ino] = path.read_bytes()

    def _note_folder(self, folder: Path) -> None:
        held = os.open(folder, os.O_RDONLY)
        found = {each.name: (each.inode(), each.is_dir()) for each in os.scandir(folder)}
        with self._lock:
            self._held.append(held)
            self._names[os.fstat(held).st_ino] = found

    def left(self, target: Path) -> Path:
        """Write what a power cut now would leave into a new folder."""
        self._write(self._home.stat().st_ino, self._home, target)
        return target

    def _write(self, inode: int, now: Path, target: Path) -> None:
        target.mkdir()
        for name, (number, is_folder) in self._names.get(inode, {}).items():
            if is_folder:
                self._write(number, now / name, target / name)
            elif not name.endswith(OF_SQLITE):
                (target / name).write_bytes(self._bytes.get(number, b""))
        for path in now.glob("*") if now.is_dir() else ():
            if path.name.endswith(OF_SQLITE):
                (target / path.name).write_bytes(path.read_bytes())

    def close(self) -> None:
        """Let go of what it holds."""
        while self._held:
            os.close(self._held.pop())
