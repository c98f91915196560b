"""Photos of an archive and uploads, under numbered names: no name that came with them ever becomes a path."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from core.base import disk
from core.base.errors import EspalierError, InputError
from core.base.files import DISK_ERRORS, disk_errors_in_words
from core.base.names import safe_name
from core.base.words import counted
from core.photos.decoding import MAX_BYTES, SUFFIXES
from core.photos.file_kinds import HEAD_BYTES, TEXT, kind_of
from core.sources.archive_files import kinds
from core.sources.archive_files.entries import (
    BESIDE_PHOTOS,
    DAMAGED,
    LINK,
    LOCKED,
    OUTSIDE,
    TOO_DEEP,
    UNKNOWN_METHOD,
    Contents,
    Entry,
    names_in,
    points_outside,
)
from core.sources.archive_files.limits import Budget
from core.sources.archive_files.tars import opened_tar
from core.sources.archive_files.zips import opened_zip
from core.sources.layouts import Incoming, is_junk, looks_like_photo
from core.sources.texts import may_tell_classes

MAKE_AGAIN = "Make the archive again, or drop the folder itself."
# What to say, and to advise, when nothing at all can be taken and all for one reason.
NOTHING_TAKEN = {
    OUTSIDE: ("the names of its files point outside of it", MAKE_AGAIN),
    LINK: ("it holds links instead of photos", "Make it again so that it holds the photos themselves."),
    LOCKED: (
        "it is locked with a password",
        "Unpack it with its password and drop the folder, or make it again without one.",
    ),
    UNKNOWN_METHOD: ("it is packed in a way that can't be read here", kinds.UNPACK_FIRST),
    DAMAGED: ("every file in it is damaged", MAKE_AGAIN),
}


@dataclass
class Unpacked:
    """What came out of an archive: photos under numbered names, and (name, reason) of entries that were left in it.

    `tables` are files that may say which class each photo is of, unpacked too; they are also among what was left, as no
    photos. `notes` are sentences for the user on how names were read.
    """

    files: list[Incoming] = field(default_factory=list)
    left_in_archive: list[tuple[str, str]] = field(default_factory=list)
    tables: list[Incoming] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    empty_folders: list[str] = field(default_factory=list)  # names that end with a slash


def unpack(
    archive: Path, folder: Path, on_progress: Callable[[int, int], None] | None = None, name: str = ""
) -> Unpacked:
    """Write the photos of an archive into `folder` as 000001.jpg, 000002.png ...

    Zips and tars, plain or packed, are known by their first bytes. Archives inside one that holds no photos are opened
    too, but none in those.

    Args:
        archive: The file.
        folder: An empty folder to write to.
        on_progress: Called with (entries done, entries in all).
        name: What the user calls the archive, where its file is called otherwise.

    Raises:
        InputError: It can't be opened here, is damaged, would unpack to far more than a folder of photos would, or
            nothing in it can be taken.
        StorageError: There isn't room for what it holds.
    """
    name = name or archive.name
    unpacking = _Unpacking(folder, Budget(archive.stat().st_size, folder), on_progress or (lambda done, total: None))
    with disk_errors_in_words("unpacking the archive"):
        unpacking.take_all(archive, name)
    result = unpacking.result
    if not result.files:
        _refuse_if_all_failed(name, result.left_in_archive)
    return result


def keep_upload(incoming: Path, number: int, name: str, data: bytes) -> tuple[str, str]:
    """Write one uploaded file to a folder in which no other has its number: its name there, and the one it came with.

    It is not synced; the request that names it is written after `sync_files` of all.

    Raises:
        StorageError: The disk is full or can't be written.
    """
    stored = safe_name(f"{number:06d}{PurePosixPath(name).suffix.lower()[:6]}")  # ".jpg?w" is no name on Windows
    with disk_errors_in_words("receiving the photos"):
        disk.write(incoming / stored, data)
    return stored, name


class _Unpacking:
    """Takes an archive, and those inside it, into one folder and one count of files and bytes."""

    def __init__(self, folder: Path, budget: Budget, on_progress: Callable[[int, int], None]) -> None:
        self.result = Unpacked()
        self._folder = folder
        self._budget = budget
        self._on_progress = on_progress
        self._done = 0
        self._total = 0

    def take_all(self, archive: Path, name: str, around: str = "") -> None:
        """Take every file of an archive; `around` is the name of the entry that it is itself, if it is one."""
        with _opened(archive, name) as contents:
            self._budget.add(name, contents.entries)
            self._total += len(contents.entries)
            self.result.notes += [contents.note] if contents.note else []
            names = names_in(contents.entries)
            prefix = _prefix(around, names)
            self.result.empty_folders += [prefix + each for each in contents.empty_folders if not is_junk(each)]
            inner = TOO_DEEP if around else BESIDE_PHOTOS if any(map(_is_photo, contents.entries)) else ""
            for entry, each in zip(contents.entries, names, strict=True):
                self._done += 1
                if points_outside(each):
                    self.result.left_in_archive.append((each, OUTSIDE))
                elif not is_junk(each):
                    self._take(entry, prefix + each, inner)
                self._on_progress(self._done, self._total)

    def _take(self, entry: Entry, name: str, inner: str) -> None:
        """Take a file under a name; `inner` says why no archive among them is opened, "" where it is."""
        is_archive = kinds.named_like_archive(name)
        target = self._folder / f"{self._done:06d}{_suffix(name)}"
        reason = entry.refused or (inner if is_archive else "") or _write(entry, name, target)
        if reason:
            self.result.left_in_archive.append((name, reason))
        if not target.exists():
            return
        if is_archive:
            self._open_inner(target, name)
        else:
            why_not = None if looks_like_photo(name) else reason
            (self.result.tables if reason else self.result.files).append(Incoming(target, name, why_not))

    def _open_inner(self, archive: Path, name: str) -> None:
        """Take the files of an archive that lay in another; the rest is kept where it can't be opened."""
        try:
            self.take_all(archive, PurePosixPath(name).name, around=name)
        except InputError as error:
            self.result.left_in_archive.append((name, str(error)))
        finally:
            archive.unlink(missing_ok=True)


@contextmanager
def _opened(archive: Path, name: str) -> Iterator[Contents]:
    """Open an archive by the reader for its kind; what that raises for a damaged one is an InputError."""
    kind = kinds.kind_of(archive, name)
    try:
        with opened_zip(archive, name) if kind == kinds.ZIP else opened_tar(archive, name, kind) as contents:
            yield contents
    except (EspalierError, MemoryError):
        raise
    except Exception as error:  # BadZipFile, struct.error, NotImplementedError ... by where the damage is
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise
        damage = "damaged or not a zip file" if kind == kinds.ZIP else "damaged"
        raise InputError(
            f"{name} is {damage}, so nothing was taken from it. Make or download it again, or drop the folder itself."
        ) from error


def _is_photo(entry: Entry) -> bool:
    name = entry.name
    return looks_like_photo(name) and not (entry.refused or is_junk(name) or ".." in PurePosixPath(name).parts)


def _prefix(around: str, names: list[str]) -> str:
    """What to put before the names in an inner archive: where it lay and what it is called, without its ending.

    Nothing more where all lies in a folder called so already, as train.zip often holds train/.
    """
    if not around:
        return ""
    folder, stem = PurePosixPath(around).parent, PurePosixPath(around).name.split(".")[0]
    tops = {name.split("/")[0].casefold() for name in names if not is_junk(name)}
    place = folder if tops == {stem.casefold()} else folder / stem
    return "" if place == PurePosixPath(".") else f"{place}/"


def _suffix(name: str) -> str:
    """The ending that a file is stored with: one that we know, or none."""
    suffix = PurePosixPath(name).suffix.lower()
    return suffix if suffix in SUFFIXES else ""


def _write(entry: Entry, name: str, target: Path) -> str:
    """Write one entry where its name or its first bytes say that it may be of use; why it is no photo, "" for one.

    A text that may tell classes is written too, though it is no photo.
    """
    is_named_so = looks_like_photo(name) or kinds.named_like_archive(name)
    try:
        head, chunks = _begun(entry)
        reason = "" if is_named_so else kind_of(head, name).reason
        if reason and not (reason == TEXT.reason and may_tell_classes(name, entry.size)):
            return reason
        if entry.size > MAX_BYTES and not kinds.named_like_archive(name) and not reason:
            return f"larger than {MAX_BYTES // 1_000_000} MB"
        with target.open("wb") as file:
            file.write(head)
            for chunk in chunks:
                file.write(chunk)
    except Exception as error:  # of zipfile, tarfile and each library that unpacks: they share no root
        target.unlink(missing_ok=True)
        if isinstance(error, MemoryError) or (isinstance(error, OSError) and error.errno in DISK_ERRORS):
            raise
        return DAMAGED if is_named_so else TEXT.reason
    return reason


def _begun(entry: Entry) -> tuple[bytes, Iterator[bytes]]:
    """The first bytes of a file, enough to know its kind by, and what follows them."""
    chunks = entry.chunks()
    head = b""
    while len(head) < HEAD_BYTES and (chunk := next(chunks, None)) is not None:
        head += chunk
    return head, chunks


def _refuse_if_all_failed(name: str, left: list[tuple[str, str]]) -> None:
    """Raise InputError where photos or archives are in an archive and none could be taken."""
    reasons = Counter(reason for _, reason in left if reason != TEXT.reason)
    if len(reasons) == 1:
        (reason,) = reasons
        what, fix = NOTHING_TAKEN.get(reason, (reason.removesuffix("."), ""))
        raise InputError(f"Nothing can be taken from {name}: {what}. {fix}".rstrip())
    if reasons:
        counts = "; ".join(f"{reason.removesuffix('.')} ({counted(n, 'file')})" for reason, n in reasons.most_common(3))
        raise InputError(f"Nothing can be taken from {name}: {counts}. {MAKE_AGAIN}")
