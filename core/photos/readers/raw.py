"""RAW files of cameras: the preview that the camera put in, which is the photo as it showed it."""

import io

from PIL import Image

from core.photos.readers.limits import PictureError
from core.photos.readers.notes import orientation_in

START = b"\xff\xd8\xff"
STARTS = (b"IIU\0", b"IIRO", b"IIRS", b"MMOR", b"FUJIFILMCCD-RAW", b"FOVb", b"\0MRM")
LEAST = 640  # pixels of the longer side: smaller ones are for the camera's own screen
HEAD = 300_000  # bytes: EXIF and a thumbnail come before a preview's size
MOST_TRIED = 200  # starts of a JPEG: compressed values of a sensor can look like some
NO_PREVIEW = "a camera RAW file: export it as JPEG or TIFF with the camera's program first"


def is_raw(data: bytes) -> bool:
    """Whether these are kinds of RAW that are no TIFF: of Panasonic, Olympus, Fujifilm, Sigma, Minolta, Canon's CR3."""
    return data.startswith(STARTS) or data[4:12] == b"ftypcrx "


def preview(data: bytes) -> tuple[bytes, int]:
    """The largest JPEG in a RAW file, from its start on, and the orientation that the file around it says, or 0.

    Raises:
        PictureError: None is large enough.
    """
    found, at = [], data.find(START)
    for _ in range(MOST_TRIED):
        if at < 0:
            break
        found.append((_long_side(data[at : at + HEAD]), -at))
        at = data.find(START, at + 1)
    side, start = max(found, default=(0, 0))
    if side < LEAST:
        raise PictureError(NO_PREVIEW)
    canon = data.find(b"CMT1") if data[4:8] == b"ftyp" else -1  # CR3 keeps its tags in a box
    return data[-start:], orientation_in(data[canon + 4 :] if canon > 0 else data)


def _long_side(head: bytes) -> int:
    try:
        with Image.open(io.BytesIO(head), formats=("JPEG",)) as image:
            return max(image.size)
    except Exception:  # no JPEG, or one without loss, as cameras keep the sensor's values
        return 0
