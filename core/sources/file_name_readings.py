"""Classes in the names of files, such as cat.0.jpg and apple_12.jpg, when few beginnings cover nearly all photos."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from core.base.subsets import TEST
from core.sources.reading import LIKELY, Label, Reading, Unlabelled
from core.sources.split_folders import UNLABELLED, class_and_split, innermost_split, is_container, split_of
from core.sources.tree import Parts, clean

COVERED = 0.9  # share of the photos whose names have to tell a class
LEAST = 2  # photos of a class
MOST_CLASSES = 1_000
# What cameras, telephones and programs call every picture. No class is called so.
OF_CAMERAS = re.compile(
    r"(img|image|imag|photo|foto|pic|picture|dsc|dscn|dscf|dcim|mvimg|pxl|vid|gopr|gopro|cam|camera|frame|scan|"
    r"screenshot|screen shot|bildschirmfoto|whatsapp image|signal|telegram|untitled|unnamed|unknown|download|file|"
    r"sample|new|copy|crop|patch|tile|bild|p|n|i|img wa|wp|sam|rimg|cimg|pict|capture|snapshot|page|slide|mask|label|"
    r"batch|part|test|train|val)s?",
    re.I,
)
COUNTER = re.compile(r"[\s._\-(\[#]*\d+[)\]]?$")
FIRST_COUNTER = re.compile(r"^[(\[#]?\d+[)\]]?[\s._-]+")
FIRST_WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True)
class _Place:
    name: str
    stem: str
    folder: str
    split: str


def file_name_reading(photos: dict[str, Parts]) -> Reading | None:
    """The classes that the names of photos begin or end with, None when they tell none.

    Photos in a folder for testing or asking about may be called otherwise: they are then without a class.
    """
    splits = {folders: innermost_split(folders) for folders in {parts[:-1] for parts in photos.values()}}
    places = [_place(name, parts, splits[parts[:-1]]) for name, parts in photos.items()]
    teaching = [place for place in places if place.split not in (TEST, UNLABELLED)] or places
    for rule in (_without_counter, _after_counter, _first_word):
        found = {place.name: rule(place.stem) for place in teaching}
        if _tells_classes(Counter(found.values()), len(teaching)):
            return _reading(places, found, rule)
    return None


def _reading(places: list[_Place], found: dict[str, str], rule: Callable[[str], str]) -> Reading:
    reading = Reading("names", "by the names of the files", sure=LIKELY)
    classes = {label for label, n in Counter(found.values()).items() if label and n >= LEAST}
    for place in places:
        label = found.get(place.name) or rule(place.stem)
        if label in classes:
            reading.labels[place.name] = Label(label, "" if place.split == UNLABELLED else place.split)
        else:
            reading.unlabelled[place.name] = Unlabelled(place.folder, place.split.replace(UNLABELLED, ""))
    return reading


def _place(name: str, parts: Parts, split: str) -> _Place:
    stem = parts[-1].rpartition(".")[0] or parts[-1]
    said, own = class_and_split(stem[:200])  # train_cat_1.jpg
    if own and re.search(r"[^\W\d_]", COUNTER.sub("", said)):
        stem, split = said, split or own
    return _Place(name, clean(stem[:200]), "/".join(parts[:-1]) or "what was brought", split)


def _tells_classes(counts: Counter[str], total: int) -> bool:
    del counts[""]
    classes = {label: n for label, n in counts.items() if n >= LEAST}
    most = min(MOST_CLASSES, max(2, total // 4))  # a class of its own for every fourth photo is none
    return 2 <= len(classes) <= most and sum(classes.values()) >= COVERED * total


def _without_counter(stem: str) -> str:
    """ "american bulldog" of "american bulldog_12", "cat" of "cat.0"; "" where no number ends it."""
    label = stem
    while (shorter := COUNTER.sub("", label)) != label:
        label = shorter
    return _class_name(label) if label != stem else ""


def _after_counter(stem: str) -> str:
    """ "apple" of "0012_apple"; "" where no number begins it."""
    label = FIRST_COUNTER.sub("", stem)
    return _class_name(COUNTER.sub("", label)) if label != stem else ""


def _first_word(stem: str) -> str:
    """ "cat" of "cat_8a7f3b"; "" where no word begins it."""
    found = FIRST_WORD.match(stem)
    return _class_name(found[0]) if found and found.end() < len(stem) else ""


def _class_name(label: str) -> str:
    """What is left is a class, unless cameras call every picture so or it is called like a part of a split."""
    label = label.strip(" ._-([#")
    words = " ".join(re.findall(r"[^\W\d_]+", label))
    if not words or OF_CAMERAS.fullmatch(words) or is_container(label) or split_of(label):
        return ""
    return label
