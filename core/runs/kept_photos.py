"""Copies of photos in a run's own folder, where their source was unpacked for the training alone: a run outlives it.

They lie as in a project, `photos/<class>/<name>`, so that any other tool can read them.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from core.base import disk
from core.base.errors import InputError
from core.base.files import content_of, disk_errors_in_words, write_json
from core.base.names import free_name, readable_name, safe_name
from core.base.records import Record
from core.photos.labelled_photo import LabelledPhoto
from core.projects.storage import link_or_copy
from core.runs.photo_places import listed_photos
from core.runs.run import Run


@dataclass(frozen=True)
class KeptPhotos(Record):
    """How many photos a run keeps copies of, and the room that these take."""

    photos: int
    bytes: int


def keep_sources(run: Run, sources: Iterable[Path]) -> None:
    """Note the folders and archives that a run's photos came from.

    Raises:
        StorageError: The disk is full or can't be written.
    """
    with disk_errors_in_words("preparing the run"):
        write_json(run.sources_path, [readable_name(str(source.resolve())) for source in sources])


def keep_photos(run: Run, temporary: list[Path], names: Mapping[str, str], others: list[Run]) -> None:
    """Copy those of a run's photos that lie in other folders into its own; its list then names the copies.

    A copy that another run keeps is shared with it as long as both are there, so that the same photos take room once.

    Args:
        run: One that isn't trained yet.
        temporary: Folders, absolute, whose photos are copied.
        names: What each photo is to be called, by its content; one that isn't there keeps its name.
        others: Runs that may keep the same photos.

    Raises:
        StorageError: The disk is full or can't be written.
    """
    photos = run.photos()
    chosen = [i for i, photo in enumerate(photos) if any(Path(photo.path).is_relative_to(each) for each in temporary)]
    if not chosen:
        return
    kept = {photo.sha256: photo.path for other in others for photo in kept_photos(other)}
    places = _Places(run.kept_folder)
    try:
        with disk_errors_in_words("keeping the run's photos"):
            for i in chosen:
                photo, source = photos[i], Path(photos[i].path)
                shared = kept.get(photo.sha256)
                if shared and content_of(Path(shared)) == photo.sha256:
                    source = Path(shared)
                place = places.free(photo.label, names.get(photo.sha256, Path(photo.path).name))
                link_or_copy(source, place)
                photos[i] = replace(photo, path=str(place))
            disk.sync_files(Path(photos[i].path) for i in chosen)
            run.write_photos(photos)
    except BaseException:
        disk.remove_folder(run.kept_folder)  # new, as the run is
        raise


class _Places:
    """Gives each photo a place that no other has: a folder per class, names that every file system takes."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folders: dict[str, Path] = {}
        self._taken: dict[str, set[str]] = {}

    def free(self, label: str, name: str) -> Path:
        if label not in self._folders:
            taken = {folder.name.lower() for folder in self._folders.values()}
            self._folders[label] = self._folder / free_name(safe_name(label), taken)
            disk.make_folder(self._folders[label])
        taken = self._taken.setdefault(label, set())
        name = free_name(safe_name(name), taken)
        taken.add(name.lower())
        return self._folders[label] / name


def kept_photos(run: Run) -> list[LabelledPhoto]:
    """Those of a run's photos of which it keeps copies, whether or not these are still there."""
    own = str(run.kept_folder) + os.sep
    return [photo for photo in listed_photos(run) if os.path.normpath(photo.path).startswith(own)]


def room_of(run: Run) -> KeptPhotos:
    """How many copies a run keeps, and their bytes."""
    sizes = [os.path.getsize(photo.path) for photo in kept_photos(run) if os.path.isfile(photo.path)]
    return KeptPhotos(len(sizes), sum(sizes))


def remove_kept(run: Run) -> KeptPhotos:
    """Remove the copies that a run keeps, and no other file: what was removed. Its list still names them.

    Raises:
        InputError: The run is being trained.
        StorageError: The disk can't be written.
    """
    if run.job.state().is_active:
        raise InputError(f"{run.title} is still going on. Wait for it or stop it first.")
    removed, places = room_of(run), [Path(photo.path) for photo in kept_photos(run)]
    within = run.kept_folder.resolve()
    folders = {folder for folder in {place.parent for place in places} if folder.resolve().is_relative_to(within)}
    with disk_errors_in_words("removing the run's photos"):
        for place in places:
            if place.parent in folders:  # and not behind a link that leads out of the run
                disk.remove(place)
        for folder in [*folders, run.kept_folder]:
            if folder.is_dir() and not any(folder.iterdir()):
                disk.remove_empty(folder)
    return removed
