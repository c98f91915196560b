"""Pictures that a webcam took while a button was held: on the disk as they come, and brought in as one import.

A burst that was cut off by a kill lies there with its request, so that the next who looks brings it in.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from PIL import Image

from core.base.errors import InputError
from core.photos.appearance import EXIF_IFD, EXIF_TAKEN
from core.projects.edits import checked_label
from core.projects.imports import UPLOAD, ImportFolder, ImportRequest, imports
from core.projects.project import Project
from core.sources.archives import keep_upload

MAX_FRAMES = 600  # of one burst: a minute
MAX_FRAME_BYTES = 1_000_000  # of a picture of at most 640 pixels a side
JPEG_START, EXIF_SEGMENT = b"\xff\xd8", b"\xff\xe1"
QUIET_S = 5.0  # since its last picture, after which another tab takes a burst for cut off: they come once a second


@dataclass(frozen=True)
class Frame:
    """A picture of a burst: a JPEG, and when it was taken in seconds since 1970, UTC."""

    jpeg: bytes
    taken: float


def add_frames(project: Project, label: str, frames: list[Frame], name: str = "") -> str:
    """Put pictures of a class on the disk, behind those of the burst `name` or as the first of a new one: its name.

    Each tells when it was taken, in EXIF, so that those of one burst are known as such.

    Raises:
        InputError: The label can't be one, a frame is no JPEG or too large, or the burst has MAX_FRAMES.
        StorageError: The disk is full or can't be written.
    """
    label = checked_label(label)
    pictures = [stamped(frame) for frame in frames]
    this = _growing(project, name) or ImportFolder.create(project)
    this.prepare()
    names = dict(this.request().names or {}) if this.request_path.exists() else {}
    if len(names) + len(pictures) > MAX_FRAMES:
        raise InputError(f"One burst takes up to {MAX_FRAMES} pictures. Let go of the button and hold it again.")
    for frame, picture in zip(frames, pictures, strict=True):
        at = len(names)
        came_as = f"webcam {_clock(frame.taken):%Y-%m-%d %H.%M.%S} {at + 1:03d}.jpg"
        names.update([keep_upload(this.incoming, at, came_as, picture)])
    this.write_request(ImportRequest(UPLOAD, "", label, names))
    return this.folder.name


def stamped(frame: Frame) -> bytes:
    """The same JPEG, its pixels untouched, with the time at which it was taken on the computer's clock in its EXIF."""
    if not frame.jpeg.startswith(JPEG_START) or len(frame.jpeg) > MAX_FRAME_BYTES:
        raise InputError("What came from the webcam is no picture that can be kept. Try it once more.")
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD)[EXIF_TAKEN] = f"{_clock(frame.taken):%Y:%m:%d %H:%M:%S}"
    notes = exif.tobytes()
    return JPEG_START + EXIF_SEGMENT + (len(notes) + 2).to_bytes(2, "big") + notes + frame.jpeg[len(JPEG_START) :]


def _clock(taken: float) -> datetime:
    """The time on the computer's clock; that of now where what the browser says is no time."""
    now = datetime.now()
    with_zone = now.timestamp() - taken
    return now - timedelta(seconds=with_zone) if abs(with_zone) < 3600 else now


def _growing(project: Project, name: str) -> ImportFolder | None:
    """The burst of this name, unless it is being brought in already."""
    found = next((this for this in imports(project) if this.folder.name == name), None)
    return None if found is None or found.job.events() else found


def next_waiting(project: Project, own: Collection[str] = ()) -> ImportFolder | None:
    """The oldest import of pictures of one class that was written down and never begun, once no other works.

    Args:
        project: Whose imports.
        own: Names of those that are complete for sure; of others the last picture must have come a while ago.
    """
    found = imports(project)
    if any(this.job.state().is_active for this in found):
        return None
    waiting = (this for this in found[::-1] if this.request_path.exists() and not this.job.events())
    return next(
        (this for this in waiting if _is_of_one_class(this) and (this.folder.name in own or _quiet(this))), None
    )


def _is_of_one_class(this: ImportFolder) -> bool:
    request = this.kept_request()
    return isinstance(request, dict) and request.get("kind") == UPLOAD and bool(request.get("label"))


def _quiet(this: ImportFolder) -> bool:
    try:
        return abs(time.time() - this.request_path.stat().st_mtime) > QUIET_S
    except OSError:
        return False
