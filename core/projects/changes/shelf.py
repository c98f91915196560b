"""Where the contents of rotated and cropped photos lie that their rows don't show: `versions/<photo>/`, their shelves.

A shelf holds the original, byte for byte, and each version that was made of it, under its SHA-256. Beside each version
lies a note, written before it, that tells of which original it was made and how: so a repair knows them for one photo
also when the list of photos is older than they are.
"""

import json
import re
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from core.base import disk
from core.base.names import free_name
from core.base.records import Record, keep, kept
from core.photos.inspection import PhotoFacts
from core.photos.making.recipe import Making
from core.projects.project import Photo, Project

VERSIONS = "versions"
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Note(Record):
    """What is told beside a version.

    Args:
        original: SHA-256 of what it was made of.
        making: How.
    """

    original: str
    making: Making


@dataclass(frozen=True)
class Version:
    """One content of a photo, as the table `versions` has it."""

    photo: int
    sha256: str
    file: str
    bytes: int
    width: int
    height: int
    original: bool
    phash: bytes
    taken: float | None


def versions_of(project: Project, photo_ids: Iterable[int]) -> list[Version]:
    """All contents that these photos had, of those that were ever rotated or cropped."""
    return _versions(project, "photo in (select value from json_each(?))", json.dumps(sorted(photo_ids)))


def former_versions(project: Project) -> list[Version]:
    """The contents that photos had and don't have now, of all photos."""
    return _versions(project, "sha256 != (select sha256 from photos where id = photo)")


def _versions(project: Project, condition: str, *values: str) -> list[Version]:
    with project.database() as db:
        rows = db.execute(f"select * from versions where {condition} order by photo, original desc, file", values)
        return [Version(*row[:6], bool(row[6]), *row[7:]) for row in rows]


def former_with(project: Project, contents: Iterable[str]) -> list[Photo]:
    """For each photo that had one of these contents (SHA-256) and has another now, the photo as it was then."""
    condition = "sha256 in (select value from json_each(?)) and sha256 != (select sha256 from photos where id = photo)"
    return _as_they_were(project, _versions(project, condition, json.dumps(sorted(contents))))


def formerly(project: Project) -> list[Photo]:
    """As `former_with`, of all contents."""
    return _as_they_were(project, former_versions(project))


def turned(project: Project, contents: Iterable[str]) -> dict[str, list[str]]:
    """For contents (SHA-256) that photos have or had: the others of the same photo that show the same, only turned."""
    wanted = set(contents)
    had = _versions(project, "sha256 in (select value from json_each(?))", json.dumps(sorted(wanted)))
    alike: dict[tuple[int, object], list[str]] = {}
    for version in versions_of(project, {version.photo for version in had}):
        alike.setdefault((version.photo, _cut(project, version)), []).append(version.sha256)
    found: dict[str, list[str]] = {}
    for same in alike.values():
        for content in wanted & {*same}:
            found.setdefault(content, []).extend(other for other in same if other != content)
    return found


def _cut(project: Project, version: Version) -> object:
    """Equal for versions of a photo that show the same part of it; of one whose note is lost like no other's."""
    if version.original:
        return Making().box
    note = kept(project.folder / note_of(version), Note.from_json)
    return note.making.box if note else version.sha256


def _as_they_were(project: Project, found: list[Version]) -> list[Photo]:
    photos = {photo.id: photo for photo in project.photos_with_ids({version.photo for version in found})}
    return [as_it_was(photos[version.photo], version) for version in found if version.photo in photos]


def as_it_was(photo: Photo, version: Version) -> Photo:
    """A photo with one of its other contents, which lies on its shelf."""
    seen = {name: getattr(version, name) for name in ("sha256", "file", "bytes", "width", "height")}
    return replace(photo, **seen)


def shelf_of(project: Project, photo: Photo, known: list[Version], original: str) -> str:
    """The folder for a photo's contents, relative to the project.

    Args:
        photo: Whose.
        known: What is listed of it.
        original: SHA-256 of its original, by which a shelf is known that was made before a kill.
    """
    if known:
        return str(PurePosixPath(known[0].file).parent)
    top, taken = project.folder / VERSIONS, set()
    while True:
        name = free_name(str(photo.id), taken)
        notes = [kept(path, Note.from_json) for path in (top / name).glob("*.json")]
        if all(note is not None and note.original == original for note in notes):
            return f"{VERSIONS}/{name}"
        taken.add(name)


def place_on(shelf: str, sha256: str, suffix: str) -> str:
    """Where a content lies on its shelf, relative to the project."""
    return f"{shelf}/{sha256}{suffix}"


def note_of(version: Version) -> str:
    """Where a version is told of, relative to the project."""
    return PurePosixPath(version.file).with_suffix(".json").as_posix()


def put_note(project: Project, version: Version, note: Note) -> None:
    """Tell of a version that is about to be put on its shelf."""
    path = project.folder / note_of(version)
    disk.make_folder(path.parent)
    keep(path, note.to_json())


@dataclass(frozen=True)
class Family:
    """What notes tell of one shelf.

    Args:
        shelf: The folder, relative to the project.
        original: SHA-256 of the photo as it came.
        makings: How each content was made of it, by SHA-256, as a row keeps it; "" for the original.
    """

    shelf: str
    original: str
    makings: dict[str, str]


def families(project: Project) -> list[Family]:
    """The contents that are one photo's, as the notes on all shelves tell it; what is damaged is left out."""
    found: dict[str, Family] = {}
    for path in sorted((project.folder / VERSIONS).glob("*/*.json")):
        note = kept(path, Note.from_json)
        if note is None or not all(SHA256.fullmatch(content) for content in (path.stem, note.original)):
            continue
        shelf = f"{VERSIONS}/{path.parent.name}"
        family = found.setdefault(shelf, Family(shelf, note.original, {note.original: ""}))
        if family.original == note.original:
            family.makings[path.stem] = note.making.text
    return list(found.values())


def keep_versions(project: Project, versions: Iterable[Version]) -> None:
    """List contents; what is listed already stays."""
    with project.database() as db:
        put_versions(db, versions)


def put_versions(db: sqlite3.Connection, versions: Iterable[Version]) -> None:
    """As `keep_versions`, in a transaction that does more."""
    rows = [tuple(vars(version).values()) for version in versions]
    db.executemany(f"insert or ignore into versions values ({', '.join('?' * 9)})", rows)


def listed(photo: Photo, place: str, facts: PhotoFacts, original: bool) -> Version:
    """The row of a photo's content."""
    seen = facts.appearance
    size = (facts.bytes, facts.width, facts.height)
    return Version(photo.id, facts.sha256, place, *size, original, seen.phash, seen.taken)
