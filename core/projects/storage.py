"""Where the files of a project go when they come in."""

import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from core.base import disk
from core.base.files import file_sha256, is_left_of
from core.base.names import free_name, safe_name
from core.photos.decoding import PhotoError
from core.photos.file_kinds import kind_of_file
from core.photos.inspection import PhotoFacts
from core.projects.project import NO_CLASS, WITHOUT_CLASS, Photo, Project
from core.sources.layouts import LabelledFile, looks_like_photo


def copy(source: Path, target: Path) -> None:
    """The same bytes and time of change, whole or not at all; the source is only read."""
    beside = _beside(target)
    try:
        disk.copy(source, beside)
        disk.move(beside, target)
    except OSError:
        disk.remove(beside)
        raise


def _beside(target: Path) -> Path:
    """Where a file is written before it gets its name; `Storage` gives a target to nobody else."""
    return target.with_name(f".writing-{target.name}")


def link_or_copy_anew(source: Path, target: Path) -> None:
    """As `link_or_copy`, in place of what is there: so an upload is complete when its import fails and is run again."""
    try:
        disk.remove(target)  # this very file, says `Storage`, left by a kill
        disk.link(source, target)
    except OSError:
        copy(source, target)


def link_or_copy(source: Path, target: Path) -> None:
    """The same file at another place too, or on disks without links a copy; what is there already stays."""
    try:
        disk.link(source, target)
    except FileExistsError:
        pass
    except OSError:
        copy(source, target)


def put_thumbnail(project: Project, photo: Photo, thumbnail: bytes | None) -> None:
    """Give a photo its small JPEG, None where the original serves as one; not synced, as it can be made anew."""
    place, original = project.thumbnail(photo), project.path(photo)
    place.parent.mkdir(
        parents=True, exist_ok=True
    )  # not synced either: there are 256, and each would wait for the disk
    if thumbnail is None:
        if place.exists() and place.stat().st_size != original.stat().st_size:
            disk.remove(place)
        link_or_copy(original, place)  # it may be there, of another photo with the same content
        return
    # Put in its place as a whole: what is there may be the original itself, as another link.
    disk.write(_beside(place), thumbnail)
    disk.move(_beside(place), place)


def _named_like_a_photo(file: LabelledFile) -> str:
    """A photo's own name, with an ending where it has none of a photo, so that other tools know it too."""
    name = PurePosixPath(file.name).name
    return name if looks_like_photo(name) else name + kind_of_file(file.path, name).suffix


class Storage:
    """Finds each file a place that no other has and puts it there; whoever lists the photos syncs their files first.

    Args:
        project: Where to.
        bring: Makes the file at its first argument appear at its second.
        origin: Where the photos come from, as `schema.SCHEMA` has it.
    """

    def __init__(self, project: Project, bring: Callable[[Path, Path], None], origin: str = "") -> None:
        self._project = project
        self._bring = bring
        self._origin = origin
        self._listed = project.listed_files()
        self._folders = project.class_folders()
        self._made: set[Path] = set()

    def put(self, file: LabelledFile, facts: PhotoFacts | PhotoError) -> Photo:
        """Put a file into its class folder, or into set-aside when it is no usable photo or has no class yet ("").

        Its thumbnail is written.

        Returns:
            The row to list it with.

        Raises:
            InputError: The file can't be opened.
        """
        if file.label not in self._folders:
            taken = {folder.lower() for folder in self._folders.values()}
            self._folders[file.label] = free_name(safe_name(file.label or WITHOUT_CLASS), taken)
        failed = isinstance(facts, PhotoError)
        sha256 = file_sha256(file.path) if failed else facts.sha256
        aside = str(facts) if failed else "" if file.label else NO_CLASS
        folder = ("set-aside" if aside else "photos") + "/" + self._folders[file.label]
        wanted = PurePosixPath(file.name).name if failed else _named_like_a_photo(file)
        target = self._free_place(folder, wanted, file.path)
        place = self._project.folder / target
        self._make_folder(place.parent)
        self._bring(file.path, place)
        row = {"id": 0, "label": file.label, "file": target, "name": file.name, "sha256": sha256, "split": file.split}
        row |= {"set_aside": aside, "origin": self._origin, "added": 0.0}
        if failed:
            size = place.stat().st_size
            return Photo(**row, bytes=size, width=0, height=0)
        photo = Photo(**row, bytes=facts.bytes, width=facts.width, height=facts.height)
        put_thumbnail(self._project, photo, facts.thumbnail)
        return photo

    def _make_folder(self, folder: Path) -> None:
        if folder not in self._made:
            disk.make_folder(folder)
            self._made.add(folder)

    def _free_place(self, folder: str, wanted: str, source: Path) -> str:
        """A file there that is not listed is kept: it is either this very photo, left by a kill, or someone else's.

        What a power cut left of this photo, nothing or its beginning, holds nothing that could be lost.
        """
        wanted = safe_name(wanted)
        name, number = wanted, 1
        while True:
            place = f"{folder}/{name}"
            if place.lower() not in self._listed:
                on_disk = self._project.folder / place
                if not os.path.lexists(on_disk) or is_left_of(on_disk, source):
                    self._listed.add(place.lower())
                    return place
            number += 1
            path = PurePosixPath(wanted)
            name = f"{path.stem} {number}{path.suffix}"
