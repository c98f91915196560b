"""What a run learned from, to tell whether photos that judge it are among that: by content, and by what they show."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from core.base import checksums
from core.base.errors import EspalierError
from core.base.subsets import TEST
from core.base.threads import in_threads
from core.engine.arrays import read_arrays
from core.photos.finer_look import Look, pairs_alike
from core.photos.inspection import content_and_hash, small_pixels
from core.photos.labelled_photo import LabelledPhoto
from core.photos.near_copies import HASH_BYTES, have_near_copies, pairs_with
from core.photos.pictures import USUAL, PictureSettings
from core.projects.project import open_project
from core.runs.photo_places import listed_photos
from core.runs.run import Run

SHA256_BYTES = 32
Hashes = dict[str, bytes]  # perceptual hash by SHA-256


@dataclass(frozen=True)
class LearnedPhotos:
    """The photos that taught or steered a run.

    Args:
        contents: SHA-256 of each.
        hashes: uint8 (n, HASH_BYTES), perceptual hashes of those of which it is known.
        not_compared: Of how many it isn't.
        places: Where those of which it is known lie, or did.
        pictures: The settings by which the run sees pictures.
    """

    contents: frozenset[str]
    hashes: np.ndarray
    not_compared: int
    places: tuple[Path, ...] = ()
    pictures: PictureSettings = USUAL

    def compare(
        self, contents: list[str], hashes: list[bytes], look: Look | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Which of other photos, by SHA-256 and perceptual hash, are equal to one, and which a near-copy: bool (n,).

        Args:
            contents: Of the others.
            hashes: The same.
            look: As of `finer_look.pairs_alike`, the others' pictures: near ones are looked at beside those that were
                learned from, as far as these are still there.
        """
        equal = np.array([content in self.contents for content in contents], bool)
        if look is None or len(self.places) != len(self.hashes):
            return equal, have_near_copies(_array(hashes), self.hashes)
        pairs, n = pairs_with(_array(hashes), self.hashes), len(contents)
        pairs = pairs[~equal[pairs[:, 0]]] + [0, n, 0]  # the known are numbered after the others
        alike = pairs_alike(pairs, lambda i: look(i) if i < n else small_pixels(self.places[i - n], self.pictures))
        near = equal.copy()
        near[pairs[alike, 0]] = True
        return equal, near


def learned_photos(run: Run, look: bool, elsewhere: Sequence[LabelledPhoto] = ()) -> LearnedPhotos | None:
    """What taught or steered a run; None where its list of photos is missing.

    Args:
        look: Whether photos of which no hash is kept are looked at where they lie, which takes a moment.
        elsewhere: Photos of the run that don't lie where it lists them, with the place where they do.
    """
    places = {photo.sha256: Path(photo.path) for photo in photos_learned(run)}
    if not places:
        return None
    places |= {photo.sha256: Path(photo.path) for photo in elsewhere if photo.sha256 in places}
    known = known_hashes(run)
    if look:
        known |= look_at([path for content, path in places.items() if content not in known], run.pictures())
    found = [(known[content], path) for content, path in places.items() if content in known]
    hashes = _array([phash for phash, _ in found])
    paths = tuple(path for _, path in found)
    return LearnedPhotos(frozenset(places), hashes, len(places) - len(found), paths, run.pictures())


def photos_learned(run: Run) -> list[LabelledPhoto]:
    """The photos that taught or steered a run's model; none where their list is missing."""
    report = run.report()
    all_taught = report is not None and report.test_taught
    return [photo for photo in listed_photos(run) if all_taught or photo.split != TEST]


def look_at(paths: list[Path], settings: PictureSettings) -> Hashes:
    """The hashes of those files that are photos, several at a time."""
    looked_at = in_threads(partial(content_and_hash, settings=settings), paths, os.cpu_count() or 2)
    return {content: phash for content, phash in looked_at if content}


def known_hashes(run: Run) -> Hashes:
    """What is kept of a run's photos, in its folder or its project; of some of them there may be nothing."""
    return {**_of_project(run), **kept_hashes(run)}


def keep_hashes(run: Run, known: Mapping[str, bytes] | None = None) -> None:
    """Write down what the photos of a run look like, while they are there; kept already, it stays.

    Args:
        known: Hashes of some of its photos, which need not be looked at again.

    Raises:
        OSError: The disk is full or can't be written.
    """
    if run.hashes_path.exists():
        return
    photos, known = photos_learned(run), known or {}
    found = {photo.sha256: known[photo.sha256] for photo in photos if photo.sha256 in known}
    found |= look_at([Path(photo.path) for photo in photos if photo.sha256 not in found], run.pictures())
    contents = np.frombuffer(b"".join(map(bytes.fromhex, found)), np.uint8).reshape(-1, SHA256_BYTES)
    with checksums.sealed(run.hashes_path) as beside, beside.open("wb") as file:
        np.savez(file, contents=contents, hashes=_array(list(found.values())))


def kept_hashes(run: Run) -> Hashes:
    """What `keep_hashes` wrote; nothing where it is missing or damaged."""
    if checksums.changed(run.hashes_path):
        return {}
    try:
        kept = read_arrays(run.hashes_path, ("contents", "hashes"))
    except ValueError:
        return {}
    contents, hashes = kept["contents"], kept["hashes"]
    if not (contents.ndim and hashes.ndim):
        return {}
    shapes = (len(contents), SHA256_BYTES), (len(contents), HASH_BYTES)
    if (contents.shape, hashes.shape) != shapes or {contents.dtype, hashes.dtype} != {np.dtype(np.uint8)}:
        return {}
    return {content.tobytes().hex(): one.tobytes() for content, one in zip(contents, hashes, strict=True)}


def _of_project(run: Run) -> Hashes:
    """The hashes that the project of a run keeps of its photos; none of a run that lies elsewhere."""
    folder = run.folder.absolute().parent.parent
    try:
        with open_project(folder).database() as db:
            rows = db.execute("select sha256, phash from photos join looks on photo = photos.id").fetchall()
    except EspalierError:
        return {}
    return {content: phash for content, phash in rows if len(phash) == HASH_BYTES}


def _array(hashes: list[bytes]) -> np.ndarray:
    return np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, HASH_BYTES)
