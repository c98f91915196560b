"""After a repair: rotated and cropped photos are known by the notes on their shelves (`changes/shelf.py`).

A list that is older than a version names the original, which is no longer there; or a list made anew knows neither. The
version in the class folder is then the same photo, in the same subset, and its original can be brought back.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path

from core.photos.inspection import PhotoFacts, inspect_known
from core.projects.changes.facts import put_facts
from core.projects.changes.shelf import Family, Version, families, keep_versions, listed, place_on, versions_of
from core.projects.picture_settings import pictures_of
from core.projects.project import Photo, Project


class Kin:
    """Which contents are one photo's, as the shelves tell it."""

    def __init__(self, project: Project) -> None:
        self._families: dict[str, list[Family]] = {}
        for family in families(project):
            for content in family.makings:
                self._families.setdefault(content, []).append(family)

    def others(self, sha256: str) -> Iterator[str]:
        """The other contents of the photos that had this one."""
        for family in self._families.get(sha256, []):
            yield from (content for content in family.makings if content != sha256)

    def making(self, sha256: str) -> str:
        """How a content was made, as a row keeps it."""
        return next((family.makings[sha256] for family in self._families.get(sha256, [])), "")

    def take(self, lost: dict[str, list[Photo]], sha256: str) -> Photo | None:
        """A row without its file, taken from those by content, that is the photo which has this content now."""
        return next((lost[other].pop() for other in self.others(sha256) if lost.get(other)), None)

    def part(self, parts: Mapping[str, str], sha256: str) -> str:
        """The subset in which any content of the photo was in runs; "" where none was."""
        return next((parts[each] for each in (sha256, *self.others(sha256)) if parts.get(each)), "")


def put_version(db: sqlite3.Connection, photo: int, facts: PhotoFacts, making: str) -> None:
    """Let a listed photo have another content."""
    query = "update photos set sha256 = ?, bytes = ?, made = ? where id = ?"
    db.execute(query, (facts.sha256, facts.bytes, making, photo))
    put_facts(db, photo, facts)


def reshelve(project: Project) -> None:
    """List what lies on shelves of which the list knows nothing, each for the photo that has one of its contents."""
    for family, photo in _unlisted(project):
        sources = {photo.sha256: project.path(photo)} | _on_shelf(project, family)
        found = zip(sources.items(), inspect_known([*sources.values()], 1, pictures_of(project)), strict=True)
        versions: list[Version] = []
        for (sha256, path), facts in found:
            if isinstance(facts, PhotoFacts) and facts.sha256 == sha256:
                place = place_on(family.shelf, sha256, path.suffix)
                versions.append(listed(photo, place, facts, original=sha256 == family.original))
        if any(version.original for version in versions):
            keep_versions(project, versions)


def is_reshelved(project: Project) -> bool:
    """Whether the list knows all shelves that are some photo's."""
    return next(_unlisted(project), None) is None


def _unlisted(project: Project) -> Iterator[tuple[Family, Photo]]:
    """Shelves whose original is there, with the photo that is made of it, where contents of it are in no row."""
    for family in families(project):
        there = _on_shelf(project, family)
        photo = _photo_of(project, family)
        if photo is None or family.original not in {*there, photo.sha256}:
            continue
        listed_ones = {version.sha256 for version in versions_of(project, [photo.id])}
        if {*there, photo.sha256} - listed_ones:
            yield family, photo


def _photo_of(project: Project, family: Family) -> Photo | None:
    """The photo whose shelf that is, or one without a shelf that was made of this original."""
    with project.database() as db:
        row = db.execute("select photo from versions where file like ?", (f"{family.shelf}/%",)).fetchone()
    if row:
        return next(iter(project.photos_with_ids(row)), None)
    made = [content for content, making in family.makings.items() if making]
    photos = project.photos_where("made != '' and sha256 in (select value from json_each(?))", json.dumps(made))
    return next((photo for photo in photos if not versions_of(project, [photo.id])), None)


def _on_shelf(project: Project, family: Family) -> dict[str, Path]:
    """The files that lie there, by the content that their name tells."""
    files = sorted((project.folder / family.shelf).glob("*"))
    return {path.stem: path for path in files if path.suffix != ".json" and path.stem in family.makings}
