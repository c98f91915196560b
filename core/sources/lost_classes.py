"""Classes that were brought, and of which no photo can be taken: they are named, else the rest were learned alone."""

from collections.abc import Iterable
from pathlib import PurePosixPath

from core.base.names import in_order
from core.photos.file_kinds import TEXT, in_short
from core.sources.folders import IS_EMPTY
from core.sources.layouts import Arrangement
from core.sources.split_folders import is_container, split_of
from core.sources.tree import clean

Path = tuple[str, ...]  # the folders of a name


def lost_classes(found: Arrangement, others: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What is wrong in one sentence without its full stop, by the name of a folder that gives no photo.

    A folder counts that lies beside a class folder, or beside one around them and isn't just empty: where else would a
    class be lost? One that holds nothing but texts is no class, nor is one called like a part of a split.

    Args:
        found: What was taken.
        others: (name, reason) of what was not; a folder as a whole ends with a slash, and its reason follows its name.
    """
    taken = {path for file in found.files if (path := _folders(file.name)[: found.depths[file.name] + 1])}
    beside = {path[:-1] for path in taken}
    around = {path[:end] for path in taken for end in range(len(path))}
    troubles: dict[Path, dict[str, str]] = {}
    taken_or_skipped = taken | _skipped(found, around)
    for name, reason in others:
        lost = _lost(_folders(name), taken_or_skipped, around)
        may_be_class = lost and not (split_of(lost[-1]) or is_container(lost[-1]))
        if may_be_class and reason != TEXT.reason and (reason != IS_EMPTY or lost[:-1] in beside):
            troubles.setdefault(lost, {})[name] = reason
    used = set(found.class_names)
    by_label: dict[str, dict[str, str]] = {}
    for path, reasons in troubles.items():
        if (label := clean(path[-1])) not in used:  # taken elsewhere, as when a test folder lacks a class
            by_label.setdefault(label, {}).update(reasons)
    return {label: _in_words(label, by_label[label]) for label in in_order(by_label)}


def _skipped(found: Arrangement, around: set[Path]) -> set[Path]:
    """Folders that hold photos without a class and none with one."""
    folders = {_folders(file.name) for file in found.unlabelled}
    return {path[:end] for path in folders for end in range(1, len(path) + 1)} - around


def _folders(name: str) -> Path:
    return PurePosixPath(name).parts[: None if name.endswith("/") else -1]


def _lost(folders: Path, taken: set[Path], around: set[Path]) -> Path:
    """The outermost folder with no class in it nor around it; () when a class has it, or no class is near."""
    for end in range(1, len(folders) + 1):
        if folders[:end] in taken:
            return ()
        if folders[:end] not in around:
            return folders[:end] if folders[: end - 1] in around else ()
    return ()


def _in_words(label: str, reasons: dict[str, str]) -> str:
    files = [reason for name, reason in reasons.items() if not name.endswith("/")]
    if files:
        return f"{label}: {none_read(len(files), len(files), files)}"
    return f"{label} {next(iter(reasons.values()))}"


def none_read(n: int, unread: int, reasons: Iterable[str]) -> str:
    """ "none of 12 can be read (web pages)", or "only 3 of 15 can be read (web pages)"."""
    which = f"only {n - unread:,}" if unread < n else "none"
    return f"{which} of {n:,} can be read ({in_short(reasons)})"
