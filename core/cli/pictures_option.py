"""`--page`, `--bands` and `--no-profiles` of the commands that read new photos, and the stretch measured on these."""

import argparse
import os
from collections.abc import Iterable
from pathlib import Path

from core.photos.depths import with_ranges
from core.photos.kept_settings import MOST
from core.photos.pictures import USUAL, PictureSettings


def add_pictures(parser: argparse.ArgumentParser) -> None:
    """Declare how pictures with several pages, more than three bands, or a colour profile are read."""
    page = "of files with several pages, which is used, from 1; the last where there are fewer (default: 1)"
    parser.add_argument("--page", type=_page, metavar="N", help=page)
    bands = "of pictures with more than three bands, which are red, green and blue, from 1 (default: 1,2,3)"
    parser.add_argument("--bands", type=_bands, metavar="R,G,B", help=bands)
    profiles = "leave colours as they stand in the file, whatever its colour profile says"
    parser.add_argument("--no-profiles", action="store_true", help=profiles)


def pictures_from(arguments: argparse.Namespace, paths: Iterable[Path]) -> PictureSettings:
    """How the photos are read: as the arguments say, and stretched as those among them ask for that are deeper."""
    page = USUAL.page if arguments.page is None else arguments.page - 1
    bands = arguments.bands or USUAL.bands
    asked = PictureSettings((), bands, page, not arguments.no_profiles)
    return with_ranges(paths, asked, os.cpu_count() or 2)


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
