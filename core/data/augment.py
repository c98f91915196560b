"""Views: the ways in which a training photo is shown to the network. Other photos are only ever shown as they are."""

import hashlib

import numpy as np

from core.records.config import AUTO_VIEWS

ORIGINAL, MIRRORED = "original", "mirrored"


def views_of(augment: str) -> tuple[str, ...]:
    """The names of the views that a setting asks for, the original first; the same for every photo and every run.

    Args:
        augment: From AUGMENTS.
    """
    return (ORIGINAL, MIRRORED) if augment == AUTO_VIEWS else (ORIGINAL,)


def seen_as(pixels: np.ndarray, view: str) -> np.ndarray:
    """A photo in a view: uint8 (height, width, 3), as `pixels`.

    Args:
        pixels: uint8 (height, width, 3).
        view: From `views_of`.
    """
    return np.ascontiguousarray(pixels[:, ::-1]) if view == MIRRORED else pixels


def view_key(content: str, view: str) -> str:
    """What a cache calls a photo in a view: 64 hex digits; for the original the photo's own.

    Args:
        content: SHA-256 hex digest of the photo's file.
        view: From `views_of`.
    """
    return content if view == ORIGINAL else hashlib.sha256(f"{content} {view}".encode()).hexdigest()
