"""Archives are known by their first bytes, whatever they are called; those that can't be opened are named."""

import re
import tarfile
from pathlib import Path, PurePath

from core.base.errors import InputError

ZIP, TAR, GZIP, BZIP2, XZ, ZSTD = "zip", "tar", "gzip", "bzip2", "xz", "zstd"
STARTS = {
    b"PK\3\4": ZIP,
    b"PK\5\6": ZIP,  # one without files
    b"\x1f\x8b": GZIP,
    b"BZh": BZIP2,
    b"\xfd7zXZ\0": XZ,
    b"\x28\xb5\x2f\xfd": ZSTD,
}
# Archives without a reader here that is free to use, maintained and made for every system (looked for in November 2026:
# RAR's is not free, py7zr is LGPL).
UNREADABLE = {
    b"Rar!\x1a\x07": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"MSCF": "a CAB archive",
    b"ALZ\x01": "an ALZ archive",
    b"EGGA": "an EGG archive",
    b"\x1f\x9d": "packed with compress (.Z)",
    b"xar!": "a XAR archive",
}
LZH = re.compile(rb"-l[hz][0-9sd]-")  # stands after two bytes that may be anything
SPLIT_START = b"PK\7\x08"
# The first part of a split archive and those that follow: photos.zip.001, photos.z01, photos.part1.rar, photos.r00.
PART = re.compile(r"\.(?:(?:zip|7z|rar|tar|tgz|gz|bz2|xz|zst)\.\d{3}|[zr]\d\d|part\d+\.rar)$", re.IGNORECASE)
READABLE_ENDINGS = ("zip", "tar", "tgz", "gz", "tbz", "tbz2", "bz2", "txz", "xz", "tzst", "zst")
UNREADABLE_ENDINGS = {"rar": "a RAR archive", "7z": "a 7z archive", "cab": "a CAB archive", "lzh": "an LZH archive"}
ENDINGS = frozenset(f".{ending}" for ending in (*READABLE_ENDINGS, *UNREADABLE_ENDINGS))
HEAD_BYTES = 1024
UNPACK_FIRST = "Unpack it with the program that made it and drop the folder, or make a zip of that folder."


def is_archive(path: PurePath) -> bool:
    """Whether something is an archive: by its name, also where nothing lies there, or by its first bytes."""
    return named_like_archive(path.name) or bool(_known(_head(Path(path))))


def named_like_archive(name: str) -> bool:
    """Whether a name ends like that of an archive, or of a part of one."""
    return PurePath(name).suffix.lower() in ENDINGS or PART.search(name) is not None


def kind_of(archive: Path, name: str) -> str:
    """Which reader an archive needs; "zip" where nothing is recognised, since other bytes may stand before a zip.

    Args:
        archive: The file.
        name: What it is called, for the error.

    Raises:
        InputError: No reader is there for it; the message says what it is and what to do.
    """
    head = _head(archive)
    if PART.search(name) or head.startswith(SPLIT_START):
        raise split(name)
    unreadable = _unreadable(head)
    if unreadable:
        raise InputError(f"{name} is {unreadable}, which can't be opened here. {UNPACK_FIRST}")
    if not head:
        raise InputError(f"{name} is empty (0 bytes). Copy or download it again.")
    if re.match(rb"\s*<(!doctype html|html)", head, re.IGNORECASE):
        raise InputError(f"{name} is a web page and no archive: the download went wrong. Download it again.")
    return _readable(head) or ZIP


def split(name: str) -> InputError:
    """The error for one part of an archive."""
    return InputError(
        f"{name} is one part of a split archive. Put all parts into one folder, unpack the first with the program that "
        "made them, and drop the folder that comes out."
    )


def _head(path: Path) -> bytes:
    """The first bytes of a file, b"" where there is none to read."""
    try:
        with path.open("rb") as file:
            return file.read(HEAD_BYTES)
    except OSError:
        return b""


def _known(head: bytes) -> str:
    return _readable(head) or _unreadable(head) or ("split" if head.startswith(SPLIT_START) else "")


def _readable(head: bytes) -> str:
    found = next((kind for start, kind in STARTS.items() if head.startswith(start)), "")
    return found or (TAR if _is_tar(head) else "")


def _unreadable(head: bytes) -> str:
    if LZH.match(head, 2):
        return "an LZH archive"
    return next((words for start, words in UNREADABLE.items() if head.startswith(start)), "")


def _is_tar(head: bytes) -> bool:
    """Whether the first block is a tar's: old ones have no word in it, but all have a checksum."""
    try:
        tarfile.TarInfo.frombuf(head[: tarfile.BLOCKSIZE], "utf-8", "surrogateescape")
    except tarfile.HeaderError:
        return False
    return True
