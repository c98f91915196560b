"""Zips as people have them: with names in old code pages, and packed by methods that Python's own reader lacks."""

import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from stat import S_ISLNK
from typing import Any

from backports import zstd
from stream_inflate import stream_inflate64

from core.sources.archive_files import kinds
from core.sources.archive_files.entries import LINK, LOCKED, UNKNOWN_METHOD, Contents, Entry
from core.sources.archive_files.limits import HEADER_BYTES, never_more, refuse_overlaps
from core.sources.archive_files.names import Reading, guessed

CHUNK_BYTES = 1 << 20
ENCRYPTED, NAMED_IN_UTF_8 = 0x1, 0x800  # flags
UNICODE_PATH = 0x7075  # an extra field in which Info-ZIP and 7-Zip keep the name in UTF-8
DEFLATE_64, ZSTD, XZ = 9, 93, 95
BY_PYTHON = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
END_RECORD, END_BYTES = b"PK\5\6", 22 + 65_535  # with the longest comment


@contextmanager
def opened_zip(archive: Path, name: str) -> Iterator[Contents]:
    """Open a zip; it is called `name`.

    Raises:
        InputError: It is one part of several, or its files lie in one another.
        Exception: It is damaged; what is raised hangs on where.
    """
    if _is_split(archive):
        raise kinds.split(name)
    with zipfile.ZipFile(archive) as opened:
        refuse_overlaps(opened, archive.stat().st_size, name)
        infos = opened.infolist()
        reading = guessed(_raw_name(info) for info in infos if not _stated_name(info))
        named = [(info, _name(info, reading)) for info in infos]
        entries = [_entry(archive, opened, info, text) for info, text in named if not text.endswith("/")]
        guesses = (text for info, text in named if not _stated_name(info))
        yield Contents(entries, reading.note(name, guesses), [text for _, text in named if text.endswith("/")])


def _is_split(archive: Path) -> bool:
    """Whether the directory at the end says that it lies on another disk than the first."""
    with archive.open("rb") as file:
        file.seek(max(0, archive.stat().st_size - END_BYTES))
        tail = file.read()
    at = tail.rfind(END_RECORD)
    disk = int.from_bytes(tail[at + 4 : at + 6], "little") if at >= 0 else 0
    return disk not in (0, 0xFFFF)  # the latter says that zip64's own record knows


def _stated_name(info: zipfile.ZipInfo) -> str:
    """The name where the zip says how it is written, else ""."""
    if info.flag_bits & NAMED_IN_UTF_8:
        return info.orig_filename
    extra = info.extra
    while len(extra) >= 4:
        kind, length = struct.unpack_from("<HH", extra)
        field, extra = extra[4 : 4 + length], extra[4 + length :]
        if kind == UNICODE_PATH and field[1:5] == struct.pack("<I", zlib.crc32(_raw_name(info))):
            return field[5:].decode("utf-8", "replace")
    return ""


def _raw_name(info: zipfile.ZipInfo) -> bytes:
    return info.orig_filename.encode("cp437")  # as zipfile read it: every byte has a character there


def _name(info: zipfile.ZipInfo, reading: Reading) -> str:
    """The name with slashes. It is decoded first: the second byte of a letter may be that of a backslash."""
    text = _stated_name(info) or _raw_name(info).decode(reading.codec)
    return text.split("\0")[0].replace("\\", "/")


def _entry(archive: Path, opened: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Entry:
    refused = ""
    if S_ISLNK(info.external_attr >> 16):
        refused = LINK
    elif info.flag_bits & ENCRYPTED:
        refused = LOCKED
    elif info.compress_type not in (*BY_PYTHON, *UNPACKERS):
        refused = UNKNOWN_METHOD
    return Entry(name, info.file_size, info.compress_size, refused, partial(_chunks, archive, opened, info))


def _chunks(archive: Path, opened: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a file, which zipfile checks or we do."""
    if info.compress_type in BY_PYTHON:
        with opened.open(info) as source:  # zipfile stops at the declared size
            while chunk := source.read(CHUNK_BYTES):
                yield chunk
        return
    unpack = UNPACKERS[info.compress_type]
    checksum, n = 0, 0
    for chunk in never_more(unpack(archive, info), info.file_size):
        checksum, n = zlib.crc32(chunk, checksum), n + len(chunk)
        yield chunk
    if (checksum, n) != (info.CRC, info.file_size):
        raise zipfile.BadZipFile("not the bytes that were packed")


def _packed(archive: Path, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The bytes of a file as they are packed, after its own header."""
    with archive.open("rb") as file:
        file.seek(info.header_offset)
        header = file.read(HEADER_BYTES)
        if not header.startswith(b"PK\3\4"):
            raise zipfile.BadZipFile("no file where one should be")
        file.seek(sum(struct.unpack_from("<HH", header, 26)), 1)  # past its name and extra fields
        left = info.compress_size
        while left and (chunk := file.read(min(left, CHUNK_BYTES))):
            left -= len(chunk)
            yield chunk


def _inflated_64(archive: Path, info: zipfile.ZipInfo) -> Iterable[bytes]:
    """Deflate64 is Deflate with a longer reach, which photos seldom use: zlib reads those, a hundred times as fast.

    Where they do use it, zlib finds an error or other bytes than were packed.
    """
    try:
        checksum = 0
        for chunk in never_more(_inflated(archive, info), info.file_size):
            checksum = zlib.crc32(chunk, checksum)
    except (zlib.error, ValueError):
        checksum = -1
    if checksum == info.CRC:
        return _inflated(archive, info)
    unpack, _, _ = stream_inflate64()
    return unpack(_packed(archive, info))


def _inflated(archive: Path, info: zipfile.ZipInfo) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    for chunk in _packed(archive, info):
        while chunk:
            yield unpacker.decompress(chunk, CHUNK_BYTES)
            chunk = unpacker.unconsumed_tail
    yield unpacker.flush()


def _step_by_step(new: Callable[[], Any], archive: Path, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """What a decompressor of lzma or zstd makes of it, in bounded pieces."""
    unpacker = new()
    for chunk in _packed(archive, info):
        yield unpacker.decompress(chunk, CHUNK_BYTES)
        while not (unpacker.eof or unpacker.needs_input):
            yield unpacker.decompress(b"", CHUNK_BYTES)
        if unpacker.eof:
            return


UNPACKERS = {
    DEFLATE_64: _inflated_64,
    ZSTD: partial(_step_by_step, zstd.ZstdDecompressor),
    XZ: partial(_step_by_step, lzma.LZMADecompressor),
}
