"""Tars, plain or packed as a whole, read without unpacking anything but the files that are asked for.

Python's reader trusts a tar: it reads what a header says in one go, follows sizes that are negative, and ends in
silence where one is damaged. So it reads through a stream that refuses such steps, and the end is looked at.
"""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from backports import zstd

from core.base.errors import InputError
from core.sources.archive_files import kinds
from core.sources.archive_files.entries import LINK, NO_FILE, Contents, Entry
from core.sources.archive_files.limits import allowed_bytes, bomb, refuse_too_many
from core.sources.archive_files.names import guessed

CHUNK_BYTES = 1 << 20
MOST_AT_ONCE = 16 << 20  # of a header, such as a long name; files are read in smaller pieces
OPENERS: dict[str, Callable[[Path], IO[bytes]]] = {
    kinds.TAR: partial(open, mode="rb"),
    kinds.GZIP: gzip.open,
    kinds.BZIP2: bz2.open,
    kinds.XZ: lzma.open,
    kinds.ZSTD: zstd.open,
}


@contextmanager
def opened_tar(archive: Path, name: str, kind: str) -> Iterator[Contents]:
    """Open a tar that is packed as its kind says; it is called `name`.

    All of it is unpacked once for the names and, from the first file that is read, once more.

    Raises:
        InputError: It holds far too much, or what is packed is no tar.
        Exception: It is damaged; what is raised hangs on where and on the kind.
    """
    with OPENERS[kind](archive) as stream:
        most = allowed_bytes(archive.stat().st_size)
        bounded = _Bounded(stream, name, None if kind == kinds.TAR else most)
        if kind != kinds.TAR:
            _refuse_other_files(bounded, name)
        with tarfile.open(fileobj=bounded, mode="r:", encoding="utf-8", errors="surrogateescape") as opened:
            members = list(_members(opened, name))
            _refuse_damaged_end(bounded, opened.offset)
            yield _contents(opened, members, name)


def _members(opened: tarfile.TarFile, name: str) -> Iterator[tarfile.TarInfo]:
    before = -1
    for n, member in enumerate(opened, 1):
        if member.offset <= before or member.size < 0:
            raise tarfile.ReadError("it leads back to where it was")
        before = member.offset
        refuse_too_many(name, n)
        yield member


def _refuse_other_files(stream: IO[bytes], name: str) -> None:
    """Raise InputError for one packed file, such as photo.tif.gz; the stream is at its beginning again."""
    block = stream.read(tarfile.BLOCKSIZE)
    try:
        tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
    except tarfile.HeaderError as error:
        raise InputError(f"{name} is one packed file and no archive of photos. {kinds.UNPACK_FIRST}") from error
    stream.seek(0)


def _refuse_damaged_end(stream: IO[bytes], offset: int) -> None:
    """Raise where the list of files ends amid something else than the zeros that close a tar.

    It reads on to the end of what is packed, where its checksum stands.
    """
    stream.seek(offset)
    if stream.read(tarfile.BLOCKSIZE).strip(b"\0"):
        raise tarfile.ReadError("damaged between two files")
    while stream.read(CHUNK_BYTES):
        pass


def _contents(opened: tarfile.TarFile, members: list[tarfile.TarInfo], name: str) -> Contents:
    """Names are UTF-8, unless one can't be: then the page of all is guessed, but for those that state theirs (pax)."""
    raw = [member.name.encode("utf-8", "surrogateescape") for member in members]
    unstated = ["path" not in member.pax_headers for member in members]
    strange = any("\udc80" <= char <= "\udcff" for member in members for char in member.name)
    reading = guessed(text for text, open_question in zip(raw, unstated, strict=True) if strange and open_question)
    names = [
        text.decode(reading.codec) if strange and open_question else member.name
        for member, text, open_question in zip(members, raw, unstated, strict=True)
    ]
    entries = [
        Entry(each, member.size, None, _refused(member), partial(_chunks, opened, member))
        for member, each in zip(members, names, strict=True)
        if not member.isdir()
    ]
    folders = [each for member, each in zip(members, names, strict=True) if member.isdir()]
    return Contents(entries, reading.note(name, names), folders)


def _refused(member: tarfile.TarInfo) -> str:
    if member.issym() or member.islnk():
        return LINK
    return "" if member.isfile() else NO_FILE


def _chunks(opened: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    source = opened.extractfile(member)
    while source and (chunk := source.read(CHUNK_BYTES)):
        yield chunk


class _Bounded(io.RawIOBase):
    """A stream that is read in small pieces and, where `most` is given, up to so many bytes."""

    def __init__(self, stream: IO[bytes], name: str, most: int | None) -> None:
        super().__init__()
        self._stream = stream
        self._name = name
        self._most = most

    def read(self, size: int = -1) -> bytes:
        if not 0 <= size <= MOST_AT_ONCE:
            raise tarfile.ReadError("a header that is too large")
        self._check(self._stream.tell() + size)
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._check(offset)
        return self._stream.seek(offset)

    def tell(self) -> int:
        return self._stream.tell()

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def _check(self, position: int) -> None:
        if self._most is not None and position > self._most + MOST_AT_ONCE:
            raise bomb(self._name)
