"""Rotate and crop: a photo gets a new version, and its original stays on disk byte for byte.

It stays one photo, with its name, class, subset and what was decided of it; what changes is its content, so whatever
knows photos by content (caches, near-copies, runs) knows a new one. The version lies in the class folder, and the
original on the photo's shelf (`shelf.py`), which no count knows. A version of a version is made of the original, so
that a JPEG is encoded anew once only, and four quarter turns are the original itself.

`undo`, `redo` and `restore_original` exchange the files again. A version is listed by the change that makes it, so what
a kill leaves of one that was not made is a file on a shelf that no list knows: it is swept (`core/upkeep/shelves.py`).
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePosixPath

from core.base import disk
from core.base.errors import InputError
from core.base.files import disk_errors_in_words, write_bytes
from core.base.threads import in_threads
from core.base.words import counted
from core.jobs.active import refuse_edits
from core.photos.decoding import KnownFile, PhotoError, photo_bytes
from core.photos.inspection import inspect_photo
from core.photos.making.recipe import Making, Size
from core.photos.making.writing import write_made
from core.projects.changes.log import Edit, do
from core.projects.changes.moves import Change, FreePlaces, alone, name_on_disk
from core.projects.changes.shelf import (
    Note,
    Version,
    listed,
    place_on,
    put_note,
    shelf_of,
    versions_of,
)
from core.projects.picture_settings import pictures_of
from core.projects.project import Photo, Project

MOST_AT_ONCE = 500  # photos of one change, which a person waits for: one of 12 megapixels takes up to a second
AT_A_TIME = min(4, os.cpu_count() or 2)  # photos decoded at a time: one of 200 megapixels takes 600 MB
Remake = Callable[[Making, Size], Making]  # of how a version is made and the original's size, how it will be made
TURNS_IN_WORDS = {1: "to the right", 2: "upside down", 3: "to the left"}


@dataclass(frozen=True)
class _Prepared:
    """A photo and the content that it is to get, which is its own where nothing is to be done; and its original."""

    photo: Photo
    making: Making
    version: Version
    original: Version


def rotate(project: Project, photo_ids: Iterable[int], quarter_turns: int) -> Edit:
    """Turn photos by quarter turns: each gets a new version, in which no pixel is lost (of a JPEG, encoded anew).

    Args:
        project: Whose photos.
        photo_ids: Which, set aside or not.
        quarter_turns: Clockwise; negative ones go to the left.

    Raises:
        InputError: One can't be turned, such as what is no photo, is damaged, or would lose its depth; a job goes on
            that reads photos; another window changed them meanwhile. Nothing was changed.
        StorageError: The disk is full or can't be written; likewise.
    """
    turns = quarter_turns % 4
    if not turns:
        raise InputError("A full turn changes nothing.")
    photos = _of(project, photo_ids)
    what = f"Turned {counted(len(photos), 'photo')} {TURNS_IN_WORDS[turns]}"
    return _change(project, photos, lambda making, size: making.turned(turns), what)


def crop(project: Project, photo_id: int, box: Sequence[float | str]) -> Edit:
    """Cut a rectangle out of a photo, which is its new version; errors as of `rotate`.

    Args:
        project: Whose photo.
        photo_id: Which.
        box: Left, top, right, bottom in pixels of the photo as it is now, upright, or the texts of these numbers; it
            must lie within and have 16 pixels each way at least.
    """
    photos = _of(project, [photo_id])
    what = f"Cropped {photos[0].name}"
    try:
        left, top, right, bottom = (round(float(edge)) for edge in box)
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError("A rectangle is four numbers: left, top, right, bottom.") from error
    return _change(project, photos, lambda making, size: making.cropped((left, top, right, bottom), size), what)


def restore_original(project: Project, photo_ids: Iterable[int]) -> Edit:
    """Give photos back the content that they came with, as one change; those that have it are passed over."""
    photos = [photo for photo in _of(project, photo_ids) if photo.made]
    what = f"Went back to the original of {counted(len(photos), 'photo')}"
    return _change(project, photos, lambda making, size: Making(), what)


def _of(project: Project, photo_ids: Iterable[int]) -> list[Photo]:
    """The photos with these ids; InputError where one of them is no picture, or there is none."""
    with alone(project):  # what was cut short is put back first
        photos = project.photos_with_ids(photo_ids)
    if not photos:
        raise InputError("These photos are not in the project any more.")
    if len(photos) > MOST_AT_ONCE:
        raise InputError(f"{MOST_AT_ONCE:,} photos can be rotated at once, as each is written anew. Choose fewer.")
    if unusable := [photo for photo in photos if not photo.width]:
        raise InputError(f"{unusable[0].name} can't be read as a picture, so it can't be changed. Leave it out.")
    return photos


def _change(
    project: Project, photos: list[Photo], remake: Callable[[Making, tuple[int, int]], Making], what: str
) -> Edit:
    """Make the versions, which takes time, then exchange them for what the photos are, alone."""
    refuse_edits(project.folder)
    known: dict[int, list[Version]] = {photo.id: [] for photo in photos}
    for version in versions_of(project, known):
        known[version.photo].append(version)

    def prepare(photo: Photo) -> _Prepared | PhotoError:
        try:
            return _prepared(project, photo, known[photo.id], remake)
        except PhotoError as error:
            return PhotoError(f"{photo.name} can't be changed: {error}. No photo was changed.")

    # What no change has listed yet is swept while nobody uses the folder.
    with disk_errors_in_words("making a new version of a photo"), disk.using(project.folder):
        found = list(in_threads(prepare, photos, AT_A_TIME))
        for each in found:
            if isinstance(each, PhotoError):
                raise InputError(str(each))
        with alone(project):
            now = {photo.id: photo for photo in project.photos_with_ids(known)}
            if any(now.get(p.id) is None or now[p.id].sha256 != p.sha256 for p in photos):
                raise InputError("Another window has changed these photos meanwhile. Look at them, then try again.")
            changes = _changes(project, [(now[each.photo.id], each) for each in found])
            return do(project, changes, what, [version for each in found for version in (each.original, each.version)])


def _prepared(project: Project, photo: Photo, known: list[Version], remake: Remake) -> _Prepared:
    """Put the version that is wanted on the photo's shelf, unless it is there."""
    original = next((version for version in known if version.original), None)
    if photo.made and original is None:
        raise PhotoError("its original is not known any more")
    making, first = _making(photo), original.sha256 if original else photo.sha256
    place = photo.file if photo.sha256 == first else original.file
    data = photo_bytes(KnownFile(project.folder / place, first))
    settings = pictures_of(project)
    facts = inspect_photo(data, settings)
    shelf = shelf_of(project, photo, known, first)
    own = listed(photo, place_on(shelf, first, PurePosixPath(place).suffix), facts, original=True)
    making = remake(making, (facts.width, facts.height))
    if making == Making():
        return _Prepared(photo, making, own, own)
    made = write_made(data, making, settings)
    seen = inspect_photo(made.data, settings)
    if seen.sha256 == first:  # as of one colour
        return _Prepared(photo, making, own, own)
    target = place_on(shelf, seen.sha256, made.suffix)
    version = listed(photo, target, seen, original=False)
    put_note(project, version, Note(first, making))
    if seen.sha256 != photo.sha256:
        write_bytes(project.folder / target, made.data)
    return _Prepared(photo, making, version, own)


def _making(photo: Photo) -> Making:
    try:
        return Making.of_text(photo.made)
    except ValueError as error:
        raise PhotoError("how it was made of its original is not known any more") from error


def _changes(project: Project, wanted: list[tuple[Photo, _Prepared]]) -> list[Change]:
    """What changes in the rows; a photo that looks the same when it is turned only gets another making."""
    places = FreePlaces(project)
    changes: list[Change] = []
    for photo, each in wanted:
        new = {name: getattr(each.version, name) for name in ("sha256", "bytes", "width", "height")}
        new["made"] = each.making.text
        if each.version.sha256 != photo.sha256:
            name = name_on_disk(replace(photo, file=each.version.file, made=new["made"]))
            new["file"] = places.take(f"{PurePosixPath(photo.file).parent}/{name}")
        now = {name: getattr(photo, name) for name in new}
        changes += [[photo.id, name, now[name], value] for name, value in new.items() if value != now[name]]
    return changes
