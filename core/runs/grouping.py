"""Which photos of a folder show the same: as in a project, before a run of the command line divides them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from core.photos.apart.decoders import Decoders, LostPhotoError
from core.photos.inspection import hash_and_time, small_pixels
from core.photos.labelled_photo import LabelledPhoto
from core.photos.near_copies import group_distinct
from core.photos.pictures import USUAL, PictureSettings

OnLost = Callable[[LabelledPhoto, str], None]  # told which photo is left out, and why
Look = tuple[bytes, float | None]  # as `hash_and_time` gives it


def tell_nobody(photo: LabelledPhoto, why: str) -> None:
    """For whom it is enough that such photos are missing."""


def looked_at(
    photos: list[LabelledPhoto], pictures: PictureSettings = USUAL, on_lost: OnLost = tell_nobody
) -> list[tuple[LabelledPhoto, Look]]:
    """The photos with what they look like, each decoded small in a process of its own (`Decoders`), once.

    Those with which such a process was lost are left out, so that nobody else decodes them. What merely can't be read
    stays, with no look.
    """
    found = []
    with Decoders() as decoders:
        looks = decoders.each(partial(hash_and_time, settings=pictures), [Path(photo.path) for photo in photos])
        for photo, look in zip(photos, looks, strict=True):
            if isinstance(look, LostPhotoError):
                on_lost(photo, str(look))
            else:
                found.append((photo, look))
    return found


def with_groups(
    photos: list[LabelledPhoto], pictures: PictureSettings = USUAL, on_lost: OnLost = tell_nobody
) -> tuple[list[LabelledPhoto], dict[str, bytes]]:
    """The photos as of `looked_at` with their groups of near-copies and bursts, and their hashes by SHA-256."""
    found = looked_at(photos, pictures, on_lost)
    photos = [photo for photo, _ in found]
    paths = [Path(photo.path) for photo in photos]
    contents = [photo.sha256 for photo in photos]
    hashes, taken = [phash for _, (phash, _) in found], [seconds for _, (_, seconds) in found]
    groups, _ = group_distinct(contents, hashes, taken, lambda i: small_pixels(paths[i], pictures))
    grouped = [replace(photo, group=contents[group]) for photo, group in zip(photos, groups, strict=True)]
    return grouped, dict(zip(contents, hashes, strict=True))
