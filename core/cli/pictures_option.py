"""`--page`, `--bands` and `--no-profiles` of the commands that read new photos, and the stretch measured on these."""

import argparse
import os
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from core.checks.picture_words import seen_in_words
from core.photos.depths import deep_facts, is_dicom_file
from core.photos.kept_settings import MOST
from core.photos.pictures import USUAL, PictureSettings, project_range
from core.photos.readers.dicom import DICOM_NOTE


def add_pictures(parser: argparse.ArgumentParser) -> None:
    """Declare how pictures with several pages, more than three bands, or a colour profile are read."""
    page = "of files with several pages, which is used, from 1; the last where there are fewer (default: 1)"
    parser.add_argument("--page", type=_page, metavar="N", help=page)
    bands = "of pictures with more than three bands, which are red, green and blue, from 1 (default: 1,2,3)"
    parser.add_argument("--bands", type=_bands, metavar="R,G,B", help=bands)
    profiles = "leave colours as they stand in the file, whatever its colour profile says"
    parser.add_argument("--no-profiles", action="store_true", help=profiles)


def pictures_from(arguments: argparse.Namespace, paths: Iterable[Path]) -> PictureSettings:
    """How the photos are read: as the arguments say, and stretched as those among them ask for that are deeper.

    What is out of the ordinary in these is told on stderr.
    """
    page = USUAL.page if arguments.page is None else arguments.page - 1
    bands = arguments.bands or USUAL.bands
    asked = PictureSettings((), bands, page, not arguments.no_profiles)
    paths = list(paths)
    facts = deep_facts(paths, asked, os.cpu_count() or 2)
    pictures = replace(asked, ranges=project_range(facts))
    # of profiles nothing is said, since others than deep pictures have them too, which were not looked at
    for words in seen_in_words([replace(fact, profile=False) for fact in facts], pictures):
        print(words, file=sys.stderr)
    tell_of_dicom(paths)
    return pictures


def tell_of_dicom(paths: Iterable[Path]) -> None:
    """Say on stderr what DICOM files hold, once, where there are any."""
    if any(is_dicom_file(path) for path in paths):
        print(DICOM_NOTE, file=sys.stderr)


def names_pictures(arguments: argparse.Namespace) -> bool:
    """Whether the arguments say anything of how pictures are read."""
    return arguments.page is not None or arguments.bands is not None or arguments.no_profiles


def _page(text: str) -> int:
    return _from_one(text, "a page is a number from 1, such as 2")


def _bands(text: str) -> tuple[int, ...]:
    words = "name three bands by their numbers from 1, such as 4,3,2"
    numbers = tuple(_from_one(part, words) - 1 for part in text.split(","))
    if len(numbers) != 3:
        raise argparse.ArgumentTypeError(f"{words}, not {text}")
    return numbers


def _from_one(text: str, words: str) -> int:
    number = int(text) if text.strip().isascii() and text.strip().isdigit() else 0
    if not 0 < number <= MOST:
        raise argparse.ArgumentTypeError(f"{words}, not {text}")
    return number
