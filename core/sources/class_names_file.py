"""Words for classes that are called by numbers or synsets, out of a classes.txt, labels.txt or the like beside them."""

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath

from core.base.names import in_order
from core.sources.reading import Reading
from core.sources.split_folders import split_of
from core.sources.tree import clean

NUMBER, SYNSET = re.compile(r"\d{1,6}"), re.compile(r"n\d{8}")
SUFFIXES = frozenset((".txt", ".csv", ".tsv", ".json", ".names"))
MAX_FILES = 20
CALLED = re.compile(r"class|label|name|categor|synset|words|wnid|species|map|index|idx|dict|id2|legend|key", re.I)


def with_names_of_numbers(reading: Reading, others: list[str], text_of: Callable[[str], str]) -> Reading:
    """The reading, its classes with words when all are numbers or synsets and a file has a word for each."""
    keys = list(reading.counts)
    if not keys or not (all(map(NUMBER.fullmatch, keys)) or all(map(SYNSET.fullmatch, keys))):
        return reading
    for name in _candidates(others):
        words = _names_for(keys, text_of(name))
        if words:
            labels = {photo: replace(label, name=words[label.name]) for photo, label in reading.labels.items()}
            return replace(reading, labels=labels, by=f"{reading.by}, named by {PurePosixPath(name).name}")
    return reading


def _candidates(others: list[str]) -> list[str]:
    found = [
        name
        for name in others
        if PurePosixPath(name).suffix.lower() in SUFFIXES and CALLED.search(PurePosixPath(name).stem)
    ]
    return sorted(found, key=lambda name: (name.count("/"), name))[:MAX_FILES]


def _names_for(keys: list[str], text: str) -> dict[str, str]:
    """A word for each key, {} unless all have one of their own."""
    for read in (_of_json, _of_pairs, _of_lines):
        words = read(keys, text.lstrip("\ufeff"))
        told_apart = _told_apart({key: clean(words[key]) for key in keys}) if words else {}
        if told_apart and "" not in told_apart.values() and len(set(told_apart.values())) == len(keys):
            return told_apart
    return {}


def _of_json(keys: list[str], text: str) -> dict[str, str]:
    """Of {"0": "apple"}, {"apple": 0}, {"0": ["n01", "apple"]} or ["apple", ...]."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if isinstance(found, list):
        found = dict(enumerate(found))
    if not isinstance(found, dict):
        return {}
    pairs = [(str(k), v[-1] if isinstance(v, list) and v else v) for k, v in found.items()]
    return _complete(keys, pairs) or _complete(keys, [(str(v), k) for k, v in pairs])


def _of_pairs(keys: list[str], text: str) -> dict[str, str]:
    """Of lines such as "0 apple", "0,apple", "apple,0" or "n01443537<tab>goldfish, Carassius auratus"."""
    first = [re.split(r"\t|,|;|:\s|=|\s", line.strip(), maxsplit=1) for line in text.splitlines()]
    last = [re.split(r"[,;\t]", line.strip())[::-1] for line in text.splitlines()]
    pairs = [(p[0].strip(), p[1]) for p in first if len(p) == 2]
    return _complete(keys, pairs) or _complete(keys, [(p[0].strip(), p[1]) for p in last if len(p) == 2])


def _of_lines(keys: list[str], text: str) -> dict[str, str]:
    """Of a name a line, for classes that are called 0, 1, 2 ... or 1, 2, 3 ... without a gap."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    ordered = in_order(keys)
    if len(lines) != len(keys) or not all(map(NUMBER.fullmatch, keys)):
        return {}
    first = int(ordered[0])
    if first > 1 or [int(key) for key in ordered] != list(range(first, first + len(keys))):
        return {}
    return _complete(keys, list(zip(ordered, lines, strict=True)))


def _complete(keys: list[str], pairs: list[tuple[str, object]]) -> dict[str, str]:
    by_key = {_plain(key): str(word).strip(" \"'\t,;:") for key, word in pairs if isinstance(word, str)}
    words = {key: by_key.get(_plain(key), "") for key in keys}
    usable = all(re.search(r"[^\W\d_]", word) and not split_of(word) for word in words.values())
    return words if usable else {}


def _plain(key: str) -> str:
    key = key.strip(" \"'")
    return key.lstrip("0") or "0" if key.isdecimal() else key


def _told_apart(words: dict[str, str]) -> dict[str, str]:
    """The first of several words ("goldfish" of "goldfish, Carassius auratus"); with its key where two have it."""
    short = {key: clean(re.split(r"[,;]", word)[0]) or word for key, word in words.items()}
    seen = Counter(short.values())
    return {key: word if seen[word] == 1 else f"{word} ({key})" for key, word in short.items()}
