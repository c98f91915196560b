"""Which photos of a folder show the same: as in a project, before a run of the command line divides them."""

import os
from dataclasses import replace
from functools import partial
from pathlib import Path

from core.base.threads import in_threads
from core.photos.inspection import hash_and_time, small_pixels
from core.photos.labelled_photo import LabelledPhoto
from core.photos.near_copies import group_distinct
from core.photos.pictures import USUAL, PictureSettings


def with_groups(
    photos: list[LabelledPhoto], pictures: PictureSettings = USUAL
) -> tuple[list[LabelledPhoto], dict[str, bytes]]:
    """The photos with their groups of near-copies and bursts, and their perceptual hashes by SHA-256.

    Each is decoded small, once, several at a time.
    """
    paths = [Path(photo.path) for photo in photos]
    contents = [photo.sha256 for photo in photos]
    looks = list(in_threads(partial(hash_and_time, settings=pictures), paths, os.cpu_count() or 2))
    hashes, taken = [phash for phash, _ in looks], [seconds for _, seconds in looks]
    groups, _ = group_distinct(contents, hashes, taken, lambda i: small_pixels(paths[i], pictures))
    grouped = [replace(photo, group=contents[group]) for photo, group in zip(photos, groups, strict=True)]
    return grouped, dict(zip(contents, hashes, strict=True))
