"""What an import shows before anything is stored: how what came may be read, with sample photos of each class."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import zip_longest
from pathlib import Path

from core.base.files import disk_errors_in_words, write_bytes
from core.base.records import Record
from core.photos.decoding import PhotoError
from core.photos.depths import inspect_alike
from core.photos.file_kinds import TEXT
from core.photos.inspection import PhotoFacts
from core.photos.pictures import USUAL, PictureSettings
from core.sources.folders import IS_EMPTY
from core.sources.labelled import Brought, read_as
from core.sources.reading import CLEAR, Reading
from core.sources.readings import Proposal

SAMPLES = 3  # photos shown of a class
MOST_CLASSES = 60  # of which samples are made: more than anyone looks at
MOST_READINGS = 4  # of which they are made


@dataclass(frozen=True, kw_only=True)
class ShownReading(Record):
    """One way to read it.

    Args:
        layout: The value that asks for it.
        by: What gives the classes, such as "by folders".
        is_clear: Whether no other is likely.
        classes: Photos by subset ("" = not said) for each class.
        without_class: What has no class, folder by folder.
        left_out: How many photos lie outside of all that was understood, or twice.
        lost: What is wrong with each class that gives no photo.
        samples: Names of pictures in the import's folder of samples, by class.
    """

    layout: str
    by: str
    is_clear: bool
    classes: dict[str, dict[str, int]]
    without_class: list[str]
    left_out: int
    lost: dict[str, str]
    samples: dict[str, list[str]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class ImportQuestion(Record):
    """What is asked.

    Args:
        title: What it came in.
        readings: All ways to read it, the likeliest first.
        notes: Sentences on how the names of an archive were read.
        not_taken: How many files can't be taken, texts not counted.
    """

    title: str
    readings: list[ShownReading]
    notes: list[str]
    not_taken: int


def question_about(
    brought: Brought, proposal: Proposal, samples: Path, workers: int, settings: PictureSettings = USUAL
) -> ImportQuestion:
    """The question, with small pictures written into the folder `samples`.

    Args:
        brought: All that came.
        proposal: How it may be read; with a reading at least.
        samples: A folder, which is made.
        workers: How many photos to decode at a time.
        settings: The project's page, bands and profiles; the stretch is measured on what is shown.
    """
    readings = [*proposal.readings, *proposal.by_levels()]
    names = [_samples(reading) for reading in readings[:MOST_READINGS]]
    wanted = {each for by in names for of_class in by.values() for each in of_class}
    pictures = _write_samples(brought, wanted, samples, partial(inspect_alike, workers=workers, settings=settings))
    shown = []
    for reading, wanted in zip_longest(readings, names, fillvalue={}):
        found = read_as(brought, reading, proposal)
        shown.append(
            ShownReading(
                layout=reading.layout,
                by=reading.by,
                is_clear=reading.sure >= CLEAR,
                classes=_counts(reading),
                without_class=reading.no_class_words,
                left_out=len(found.arrangement.loose),
                lost=found.lost,
                samples={label: [pictures[name] for name in of if name in pictures] for label, of in wanted.items()},
            )
        )
    reasons = [why for _, why in found.not_taken()]  # the same by every reading
    not_taken = sum(why not in (TEXT.reason, IS_EMPTY) for why in reasons)  # texts and empty folders harm nobody
    return ImportQuestion(title=brought.name, readings=shown, notes=brought.notes, not_taken=not_taken)


def _counts(reading: Reading) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {label: Counter() for label in reading.counts}
    for label in reading.labels.values():
        found[label.name][label.split] += 1
    return {label: dict(counts) for label, counts in found.items()}


def _samples(reading: Reading) -> dict[str, list[str]]:
    """Names of a few photos of each class, spread over all of it."""
    classes = list(reading.counts.items())[:MOST_CLASSES]
    names: dict[str, list[str]] = {label: [] for label, _ in classes}
    for name, label in reading.labels.items():
        if label.name in names:
            names[label.name].append(name)
    return {label: all_of[:: max(1, len(all_of) // SAMPLES)][:SAMPLES] for label, all_of in names.items()}


def _write_samples(
    brought: Brought, wanted: set[str], samples: Path, inspect: Callable[[list[Path]], list[PhotoFacts | PhotoError]]
) -> dict[str, str]:
    """Small pictures of photos, by the photos' names; there is none of what can't be read."""
    files = list({file.name: file for file in brought.files if file.name in wanted}.values())
    written = {}
    for number, (file, facts) in enumerate(zip(files, inspect([file.path for file in files]), strict=True)):
        if isinstance(facts, PhotoFacts):
            written[file.name] = f"{number}.jpg"
            # A photo as small as that is its own thumbnail.
            with disk_errors_in_words("making small pictures of the photos"):
                write_bytes(samples / written[file.name], facts.thumbnail or file.path.read_bytes())
    return written
