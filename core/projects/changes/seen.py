"""A photo that gets another content is looked at before: what it looks like changes in the same transaction."""

import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from core.base.errors import InputError
from core.base.files import disk_errors_in_words
from core.photos.inspection import PhotoFacts, inspect_known
from core.photos.near_copies import HASH_BYTES, pairs_with
from core.projects.changes.facts import put_facts
from core.projects.changes.moves import Change, Shelves
from core.projects.picture_settings import pictures_of
from core.projects.project import Photo, Project
from core.projects.storage import put_thumbnail

READERS = os.cpu_count() or 2


@dataclass(frozen=True)
class Seen:
    """What a photo will look like.

    Args:
        photo: Its id.
        facts: Of its content to come.
        near: Its group of near-copies, which it keeps; None when all photos have to be compared anew.
    """

    photo: int
    facts: PhotoFacts
    near: str | None


def seen_before(project: Project, changes: list[Change], shelves: Shelves) -> list[Seen]:
    """Look at the contents that photos are to get, as they lie on their `shelves`; their thumbnails are made.

    Raises:
        InputError: A file is missing or damaged; nothing was changed.
        StorageError: The disk is full or can't be written; likewise.
    """
    wanted = {photo: after for photo, column, _, after in changes if column == "sha256"}
    if not wanted:
        return []
    photos = project.photos_with_ids(wanted)
    if lost := [
        photo for photo in photos if not {(photo.id, photo.sha256), (photo.id, wanted[photo.id])} <= {*shelves}
    ]:
        raise _lost(lost[0])
    coming = [replace(photo, file=shelves[photo.id, wanted[photo.id]], sha256=wanted[photo.id]) for photo in photos]
    found = inspect_known([project.path(photo) for photo in coming], READERS, pictures_of(project))
    facts = {}
    with disk_errors_in_words("making small pictures of the photos"):
        for photo, seen in zip(coming, found, strict=True):
            if not isinstance(seen, PhotoFacts) or seen.sha256 != photo.sha256:
                raise _lost(photo)
            put_thumbnail(project, photo, seen.thumbnail)
            facts[photo.id] = seen
    return _grouped(project, facts)


def _lost(photo: Photo) -> InputError:
    return InputError(
        f"What {photo.name} was then is missing or damaged on disk, so it can't be brought back. Nothing was changed."
    )


def _grouped(project: Project, facts: dict[int, PhotoFacts]) -> list[Seen]:
    """A photo stays in the group that it was in, as a version may be in no other subset than what it was made of.

    Only where its new look resembles another photo's are all compared anew, which takes seconds in large projects.
    """
    with project.database() as db:
        rows = db.execute("select photo, phash, near from looks").fetchall()
    near = {photo: group for photo, _, group in rows}
    others = [phash for photo, phash, _ in rows if photo not in facts]
    new = [seen.appearance.phash for seen in facts.values()]
    alike = {one for one, other, _ in pairs_with(_hashes(new), _hashes([*new, *others])).tolist() if one != other}
    return [Seen(photo, facts[photo], None if i in alike else near.get(photo)) for i, photo in enumerate(facts)]


def _hashes(hashes: Iterable[bytes]) -> np.ndarray:
    known = b"".join(each if len(each) == HASH_BYTES else bytes(HASH_BYTES) for each in hashes)
    return np.frombuffer(known, np.uint8).reshape(-1, HASH_BYTES)


def put_seen(db: sqlite3.Connection, seen: Iterable[Seen]) -> None:
    """Keep what photos look like from now on; when they were taken stays known, also where a version can't tell."""
    for each in seen:
        (taken,) = db.execute("select taken from looks where photo = ?", (each.photo,)).fetchone() or (None,)
        put_facts(db, each.photo, each.facts)
        db.execute("update looks set taken = ifnull(taken, ?) where photo = ?", (taken, each.photo))
        copies = each.facts.sha256 if each.near else None
        db.execute("update looks set near = ?, copies = ? where photo = ?", (each.near, copies, each.photo))
