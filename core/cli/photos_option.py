"""`--photos` of every command that needs a run's photos: where they are now, and what is said of those not there."""

import argparse
import sys
from pathlib import Path

from core.base.errors import InputError
from core.base.words import counted
from core.photos.labelled_photo import LabelledPhoto
from core.runs.photo_places import (
    FoundPhotos,
    came_from,
    photos_found_in,
    photos_where_they_were,
    with_own_places,
)
from core.runs.run import Run

NAME_THEM = "If they are elsewhere now, name the place: --photos FOLDER_OR_ARCHIVE."


def add_photos(parser: argparse.ArgumentParser) -> None:
    """Declare where the run's photos are now."""
    words = "where the run's photos are now, if not where they were; they are found by their content"
    parser.add_argument("--photos", type=Path, metavar="FOLDER|ZIP", help=words)


def photos_there(run: Run, photos: list[LabelledPhoto], source: Path | None, staging: Path) -> list[LabelledPhoto]:
    """Those of a run's photos that can be used, with the place where each is now; on stderr how many are not.

    Args:
        photos: Those that are needed.
        source: What `--photos` names; None where they should be where they were.
        staging: Where an archive is unpacked; made here.

    Raises:
        InputError: None of them can be used.
    """
    staging.mkdir()
    if source is None:
        found = photos_where_they_were(with_own_places(run, photos))
    else:
        found = photos_found_in(photos, source, staging)
    if not found.photos:
        raise InputError(_none_in_words(run, found, source))
    if words := _in_words(run, found, source):
        print(words, file=sys.stderr)
    return found.photos


def _none_in_words(run: Run, found: FoundPhotos, source: Path | None) -> str:
    if not found.lost:
        return f"{run.title} doesn't know its photos any more: their list (photos.csv) is missing or damaged."
    noun = counted(found.changed, "photo")
    changed = f" {noun} of such a name {'is' if found.changed == 1 else 'are'} there, with another content."
    where = f"{changed if found.changed else ''} They were in {came_from(run)}."
    if source is not None:
        return f"None of the photos in {source.name or source} is one that this run worked with.{where}"
    return (
        f"Of {counted(found.lost, 'photo')} that are needed of this run none can be found any more.{where} {NAME_THEM}"
    )


def _in_words(run: Run, found: FoundPhotos, source: Path | None) -> str:
    """What was found in another place, and what was not; "" where all is as it was."""
    total, where = len(found.photos) + found.lost, f"in {source}" if source else "still there"
    if not found.lost:
        return f"All {counted(total, 'photo')} of this run were found {where}." if source else ""
    lost = [
        f"{found.missing:,} missing" if found.missing else "",
        f"{found.changed:,} changed" if found.changed else "",
    ]
    counts = (
        f"{len(found.photos):,} of {counted(total, 'photo')} of this run {'were found ' if source else 'are '}{where}"
    )
    more = "" if source else f" {NAME_THEM}"
    return f"{counts}; left out: {', '.join(filter(None, lost))}. They were in {came_from(run)}.{more}"
