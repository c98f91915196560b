"""Classes that were brought, and of which no photo can be taken: they are named, else the rest were learned alone."""

import unicodedata
from collections.abc import Iterable
from pathlib import PurePosixPath

from core.photos.file_kinds import TEXT, in_short
from core.sources.folders import IS_EMPTY
from core.sources.layouts import LabelledFile

Path = tuple[str, ...]  # the folders of a name


def lost_classes(files: list[LabelledFile], others: Iterable[tuple[str, str]]) -> dict[str, str]:
    """What is wrong in one sentence without its full stop, by the name of a folder that gives no photo.

    A folder counts that lies beside a class folder, or beside one around them and isn't just empty: where else would a
    class be lost? One that holds nothing but texts is no class.

    Args:
        files: What was taken, each in its class.
        others: (name, reason) of what was not; a folder as a whole ends with a slash, and its reason follows its name.
    """
    taken = {path for file in files if (path := _class_folder(file))}
    beside = {path[:-1] for path in taken}
    around = {path[:end] for path in taken for end in range(len(path))}
    troubles: dict[Path, dict[str, str]] = {}
    for name, reason in others:
        lost = _lost(PurePosixPath(name).parts[: None if name.endswith("/") else -1], taken, around)
        if lost and reason != TEXT.reason and (reason != IS_EMPTY or lost[:-1] in beside):
            troubles.setdefault(lost, {})[name] = reason
    used = {file.label for file in files}
    by_label: dict[str, dict[str, str]] = {}
    for path, reasons in troubles.items():
        if (label := _normal(path[-1])) not in used:  # taken elsewhere, as when a test folder lacks a class
            by_label.setdefault(label, {}).update(reasons)
    return {label: _in_words(label, by_label[label]) for label in sorted(by_label)}


def _class_folder(file: LabelledFile) -> Path:
    """The folders down to the one that gives a file its class; () where none does."""
    folders = PurePosixPath(file.name).parts[:-1]
    ends = [end for end, folder in enumerate(folders, 1) if _normal(folder) == file.label]
    return folders[: ends[0]] if ends else ()


def _lost(folders: Path, taken: set[Path], around: set[Path]) -> Path:
    """The outermost folder with no class in it nor around it; () when a class has it, or no class is near."""
    for end in range(1, len(folders) + 1):
        if folders[:end] in taken:
            return ()
        if folders[:end] not in around:
            return folders[:end] if folders[: end - 1] in around else ()
    return ()


def _normal(folder: str) -> str:
    return unicodedata.normalize("NFC", folder.strip())


def _in_words(label: str, reasons: dict[str, str]) -> str:
    files = [reason for name, reason in reasons.items() if not name.endswith("/")]
    if files:
        return f"{label}: {none_read(len(files), len(files), files)}"
    return f"{label} {next(iter(reasons.values()))}"


def none_read(n: int, unread: int, reasons: Iterable[str]) -> str:
    """ "none of 12 can be read (web pages)", or "only 3 of 15 can be read (web pages)"."""
    which = f"only {n - unread:,}" if unread < n else "none"
    return f"{which} of {n:,} can be read ({in_short(reasons)})"
