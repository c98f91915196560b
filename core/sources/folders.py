"""Every file below a folder, and what of it can't be had: links that lead out of it, folders that may not be read."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from core.base.errors import InputError
from core.base.names import readable_name
from core.photos.file_kinds import why_no_photo
from core.sources.layouts import Incoming, is_junk, looks_like_photo

OUTSIDE = "a link: it leads out of the chosen folder, so choose one that holds both"
NOWHERE = "a link: it leads nowhere"
IS_EMPTY = "is empty"
HERE_ALREADY = "is a link to a folder that is here already"
NO_PERMISSION = "can't be read (no permission)"
NOT_READ = "can't be read"


@dataclass
class Listing:
    """What lies below a folder.

    Args:
        files: By name; those not named like a photo are looked at already.
        left_out: (name, reason) of links that aren't followed.
        folders: What is wrong, such as "is empty", by the name of a folder that gives nothing for that reason.
    """

    files: list[Incoming] = field(default_factory=list)
    left_out: list[tuple[str, str]] = field(default_factory=list)
    folders: dict[str, str] = field(default_factory=dict)


def list_folder(folder: Path) -> Listing:
    """Every file below a folder, folder after folder in the order of names.

    Links are followed to what lies within the folder, each folder once however many lead to it, so that none goes round
    in a circle; links out of it are not followed, so nothing from outside comes in.

    Raises:
        InputError: The folder itself can't be read.
    """
    walk = _Walk(folder)
    walk.go_through(folder, "")
    while walk.linked:  # after all that lies here itself, so that a link never takes the place of a folder
        walk.follow(*walk.linked.pop(0))
    own_trouble = walk.found.folders.pop("", IS_EMPTY)
    if own_trouble != IS_EMPTY:
        raise InputError(f"The folder {folder.name} {own_trouble}. Check who may read it.")
    walk.found.files = looked_at(walk.found.files)
    return walk.found


def looked_at(files: list[Incoming]) -> list[Incoming]:
    """The same, and of those not named like a photo what their first bytes say; the others are opened to be decoded."""
    return [
        file
        if looks_like_photo(file.name) or is_junk(file.name)
        else replace(file, why_not=why_no_photo(file.path, file.name))
        for file in files
    ]


class _Walk:
    """The way through one folder: what was found, which folders were seen, which links to some are still to follow."""

    def __init__(self, root: Path) -> None:
        self.found = Listing()
        self.linked: list[tuple[Path, str]] = []
        self._root = os.path.realpath(root)
        self._seen: set[tuple[int, int]] = set()

    def go_through(self, folder: Path, name: str) -> None:
        """Take the files below a folder; `name` is "" or ends with a slash."""
        waiting = [(folder, name)]
        while waiting:  # no recursion: a path can have more parts than Python has frames
            folder, name = waiting.pop()
            waiting += reversed(self._folders_in(folder, name))

    def _folders_in(self, folder: Path, name: str) -> list[tuple[Path, str]]:
        """Take the files of one folder; the folders in it."""
        try:
            self._seen.add(_identity(folder))
            with os.scandir(folder) as listed:
                entries = sorted((entry for entry in listed if not is_junk(entry.name)), key=lambda entry: entry.name)
        except OSError as error:
            self.found.folders[name] = NO_PERMISSION if isinstance(error, PermissionError) else NOT_READ
            return []
        if not entries:
            self.found.folders[name] = IS_EMPTY
        folders = []
        for entry in entries:
            path, own = folder / entry.name, name + readable_name(entry.name)
            if _is_link(entry):
                self._take_link(path, own)
            elif entry.is_dir(follow_symlinks=False):
                folders.append((path, own + "/"))
            elif entry.is_file(follow_symlinks=False):
                self.found.files.append(Incoming(path, own))
        return folders

    def _take_link(self, path: Path, name: str) -> None:
        target = os.path.realpath(path)
        if not _is_within(target, self._root):
            self.found.left_out.append((name, OUTSIDE))
        elif os.path.isdir(target):
            self.linked.append((path, name + "/"))
        elif os.path.isfile(target):
            self.found.files.append(Incoming(path, name))
        else:
            self.found.left_out.append((name, NOWHERE))

    def follow(self, link: Path, name: str) -> None:
        """Go through the folder that a link leads to, unless that was done before or is being done."""
        try:
            seen = _identity(link) in self._seen
        except OSError:
            self.found.folders[name] = NOT_READ
            return
        if seen:
            self.found.folders[name] = HERE_ALREADY
        else:
            self.go_through(link, name)


def _identity(folder: Path) -> tuple[int, int]:
    """Equal for two ways to one folder."""
    found = os.stat(folder)
    return found.st_dev, found.st_ino


def _is_link(entry: os.DirEntry[str]) -> bool:
    """Whether it is a link; Windows' junctions too, which Python knows from 3.12 on."""
    return entry.is_symlink() or (hasattr(entry, "is_junction") and entry.is_junction())


def _is_within(path: str, root: str) -> bool:
    try:
        return os.path.commonpath((path, root)) == root
    except ValueError:  # another drive
        return False
