"""The app's own decoder for zips, so that a photo is the same there: its files as they are, and the run's settings."""

import json
import re
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from core.photos import pictures, readers
from core.photos.labelled_photo import LabelledPhoto
from core.photos.pictures import PictureSettings

OURS = re.compile(r"\bcore\.photos\.")  # where the files lie here; in a zip they lie beside the script
PACKAGES = {  # what reads photos with such endings
    "tifffile": (".tif", ".tiff"),
    "imagecodecs": (".tif", ".tiff", ".jxl"),
    "pydicom": (".dcm", ".dicom"),
    "pi_heif": (".heic", ".heif"),
}
OF_DEEP_COLOURS = "imagecodecs"


def decoder_files(settings: PictureSettings) -> dict[str, str]:
    """Names and texts of what reads photos in a zip: `pictures.py`, the folder `readers`, and `pictures.json`."""
    files = {"pictures.py": Path(str(pictures.__file__))}
    files |= {f"readers/{path.name}": path for path in sorted(Path(str(readers.__file__)).parent.glob("*.py"))}
    texts = {name: OURS.sub("", path.read_text(encoding="utf-8")) for name, path in files.items()}
    return {**texts, "pictures.json": json.dumps(settings.to_json(), indent=1)}


def write_decoder(folder: Path, settings: PictureSettings) -> None:
    """Write `decoder_files` into a folder."""
    for name, text in decoder_files(settings).items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


def reader_packages(photos: Iterable[LabelledPhoto], settings: PictureSettings) -> tuple[str, ...]:
    """The packages on PyPI that the photos of a run need to be read, beside Pillow."""
    endings = {PurePosixPath(photo.path).suffix.lower() for photo in photos}
    needed = {name for name, own in PACKAGES.items() if endings & set(own)}
    deep = {OF_DEEP_COLOURS} if settings.ranges else set()
    return tuple(name for name in PACKAGES if name in needed | deep)
