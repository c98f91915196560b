"""Photos of a zip and uploads on this disk, under numbered names: no name that came with them ever becomes a path."""

import shutil
import stat
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from core.base.errors import EspalierError, InputError, StorageError
from core.base.files import DISK_ERRORS, disk_errors_in_words, write_bytes
from core.photos.decoding import MAX_BYTES
from core.sources.layouts import Incoming, is_junk, looks_like_photo
from core.sources.texts import may_tell_classes

MAX_ENTRIES = 200_000
MAX_RATIO = 200  # photos hardly compress; plain-colour PNGs and BMPs reach about 100
NOT_A_PHOTO = "not a photo"
FREE_SPACE_KEPT = 500_000_000  # bytes left for the system when unpacking


@dataclass
class Unpacked:
    """What came out of an archive: photos under numbered names, and (name, reason) of entries that were left in it.

    Texts that may tell classes are among those left, and also under numbered names.
    """

    files: list[Incoming] = field(default_factory=list)
    left_in_archive: list[tuple[str, str]] = field(default_factory=list)
    texts: list[Incoming] = field(default_factory=list)


def unpack(archive: Path, folder: Path, on_progress: Callable[[int, int], None] | None = None) -> Unpacked:
    """Write the photos of a zip into `folder` as 000001.jpg, 000002.png ...

    Args:
        archive: The zip.
        folder: An empty folder to write to.
        on_progress: Called with (entries done, entries in all).

    Raises:
        InputError: No zip, damaged, or it would unpack to far more than a folder of photos would.
        StorageError: There isn't room for what it holds.
    """
    try:
        with zipfile.ZipFile(archive) as opened, disk_errors_in_words("unpacking the zip"):
            return _unpack_entries(opened, folder, on_progress or (lambda done, total: None))
    except (EspalierError, MemoryError):
        raise
    except Exception as error:  # BadZipFile, struct.error, NotImplementedError ... by where the damage is
        raise InputError(
            f"{archive.name} is damaged or not a zip file, so nothing was taken from it. "
            "Make the zip again, or drop the folder itself."
        ) from error


def keep_upload(incoming: Path, number: int, name: str, data: bytes) -> tuple[str, str]:
    """Write one uploaded file to a folder in which no other has its number: its name there, and the one it came with.

    Raises:
        StorageError: The disk is full or can't be written.
    """
    stored = f"{number:06d}{PurePosixPath(name).suffix.lower()[:6]}"
    with disk_errors_in_words("receiving the photos"):
        write_bytes(incoming / stored, data)
    return stored, name


def _unpack_entries(opened: zipfile.ZipFile, folder: Path, on_progress: Callable[[int, int], None]) -> Unpacked:
    entries = [entry for entry in opened.infolist() if not entry.is_dir()]
    _refuse_bombs(entries, folder)
    result = Unpacked()
    for number, entry in enumerate(entries, 1):
        name = entry.filename.replace("\\", "/")
        reason = _why_not(entry, name)
        if reason:
            result.left_in_archive.append((name, reason))
            if reason == NOT_A_PHOTO and may_tell_classes(name, entry.file_size):
                text = folder / f"{number:06d}.txt"
                if not _write_entry(opened, entry, text):
                    result.texts.append(Incoming(text, name))
        elif reason is None:
            target = folder / f"{number:06d}{PurePosixPath(name).suffix.lower()}"
            problem = _write_entry(opened, entry, target)
            if problem:
                result.left_in_archive.append((name, problem))
            else:
                result.files.append(Incoming(target, name))
        on_progress(number, len(entries))
    return result


def _why_not(entry: zipfile.ZipInfo, name: str) -> str | None:
    """A reason to refuse the entry, "" to pass over it silently, None to take it."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or (path.parts and path.parts[0].endswith(":")):
        return "its name points outside the archive"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "it is a link, not a photo"
    if is_junk(name):
        return ""
    if entry.flag_bits & 0x1:
        return "it is locked with a password"
    if path.suffix.lower() == ".zip":
        return "a zip inside the zip is not opened; unpack it first"
    return None if looks_like_photo(name) else NOT_A_PHOTO


def _refuse_bombs(entries: list[zipfile.ZipInfo], folder: Path) -> None:
    if len(entries) > MAX_ENTRIES:
        raise InputError(f"The zip holds {len(entries):,} files; at most {MAX_ENTRIES:,} can be taken at once.")
    needed = sum(entry.file_size for entry in entries)
    sizes = [(entry.file_size, entry.compress_size) for entry in entries]
    for size, packed in [*sizes, (needed, sum(packed for _, packed in sizes))]:
        if size > 10_000_000 and size > MAX_RATIO * max(1, packed):
            raise InputError(
                "The zip would unpack to far more than its own size, as no folder of photos does. Nothing was unpacked."
            )
    if needed + FREE_SPACE_KEPT > shutil.disk_usage(folder).free:
        raise StorageError(
            f"Unpacking the zip needs {needed / 1e9:.1f} GB and this disk has less than that to spare. "
            "Free some space, or point at the folder instead."
        )


def _write_entry(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> str:
    """Write one entry; the reason it couldn't be, or ""."""
    if entry.file_size > MAX_BYTES:
        return f"larger than {MAX_BYTES // 1_000_000} MB"
    try:
        with opened.open(entry) as source, target.open("wb") as file:  # zipfile stops at the declared size
            shutil.copyfileobj(source, file, 1 << 20)
    except (zipfile.BadZipFile, NotImplementedError, EOFError, RuntimeError, ValueError) as error:
        target.unlink(missing_ok=True)
        return f"damaged in the archive ({type(error).__name__})"
    except Exception as error:
        target.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            raise
        return "damaged in the archive"  # zlib.error and lzma.LZMAError share no root
    return ""
