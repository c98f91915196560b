"""The pictures of a project that came from elsewhere are decoded once, in processes of their own, before it is opened.

From then on they are the project's, and everybody decodes them. So a file with which such a process is lost leaves: a
photo is set aside for good, what it had been before or a small picture of it is removed.
"""

import json
from functools import partial
from pathlib import PurePosixPath

from core.base import disk
from core.packing.pack import OnProgress
from core.photos.apart.decoders import Decoders, LostPhotoError
from core.photos.inspection import inspect_photo
from core.projects.changes.moves import FreePlaces, name_on_disk
from core.projects.picture_settings import pictures_of
from core.projects.project import Photo, Project

FOLDERS = ("photos", "set-aside", "versions", "thumbs", "feedback/photos", "feedback/thumbs")


def look_over(project: Project, on_progress: OnProgress | None = None) -> None:
    """Look at all pictures of a project that nobody works on.

    Args:
        project: Which.
        on_progress: Called with (bytes looked at, bytes in all); may raise to stop.
    """
    lost = _lost(project, on_progress or (lambda done, total: None))
    by_file = {photo.file: photo for photo in project.photos_where("true")} if lost else {}
    for file, why in lost.items():
        if file in by_file:
            _set_aside_for_good(project, by_file[file], why)
        else:
            disk.remove(project.folder / file)


def _lost(project: Project, on_progress: OnProgress) -> dict[str, str]:
    """Of files that no process survived, by their places in the project, why."""
    # Whatever it is called: the list of photos may name any file there.
    paths = [path for folder in FOLDERS for path in sorted((project.folder / folder).rglob("*")) if path.is_file()]
    sizes = [path.stat().st_size for path in paths]
    done, total, lost = 0, sum(sizes), {}
    with Decoders() as decoders:
        looks = decoders.each(partial(inspect_photo, settings=pictures_of(project)), paths)
        for path, size, look in zip(paths, sizes, looks, strict=True):
            if isinstance(look, LostPhotoError):
                lost[path.relative_to(project.folder).as_posix()] = str(look)
            done += size
            on_progress(done, total)
    return lost


def _set_aside_for_good(project: Project, photo: Photo, why: str) -> None:
    """As an import sets aside what is no photo, so that it can't be restored; no change of it can be taken back."""
    place = photo.file
    if not photo.set_aside:
        folder = PurePosixPath(photo.file).parent.name
        place = FreePlaces(project).take(f"set-aside/{folder}/{name_on_disk(photo)}")
        disk.make_folder((project.folder / place).parent)
        disk.move(project.folder / photo.file, project.folder / place)
    with project.database() as db:
        query = "update photos set file = ?, set_aside = ?, width = 0, height = 0 where id = ?"
        db.execute(query, (place, why, photo.id))
        for edit, text in db.execute("select id, changes from edits").fetchall():
            changes = json.loads(text)
            rest = [change for change in changes if change[0] != photo.id]
            if not rest:
                db.execute("delete from edits where id = ?", (edit,))
            elif len(rest) < len(changes):
                db.execute("update edits set changes = ? where id = ?", (json.dumps(rest), edit))
