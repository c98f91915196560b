"""Labelled photos that a user names on the command line: a folder or a zip."""

import argparse
from pathlib import Path

from core.base.hashing import sha256_of_all
from core.photos.labelled_photo import LabelledPhoto
from core.sources.labelled import read_source
from core.sources.layouts import LabelledFile


def add_source(parser: argparse.ArgumentParser) -> None:
    """Declare the folder or zip of photos."""
    parser.add_argument("source", type=Path, metavar="FOLDER|ZIP")


def files_of(source: Path, staging: Path) -> list[LabelledFile]:
    """The photos of a folder or zip.

    Args:
        source: The folder or zip.
        staging: Where a zip is unpacked; made here, in a folder that is there.
    """
    staging.mkdir()
    return read_source(source, staging).arrangement.files


def photos_of(files: list[LabelledFile]) -> list[LabelledPhoto]:
    """The same as a run works with them, known by their content."""
    contents = sha256_of_all([file.path for file in files])
    return [LabelledPhoto(str(f.path.resolve()), f.label, f.split, c) for f, c in zip(files, contents, strict=True)]
